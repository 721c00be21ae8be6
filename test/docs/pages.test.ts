// Runs every console block of every page, in order, and compares the output with the page. The commands in other blocks are
// only parsed.
import { chmodSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { findCommand, manifestFlags } from "../../src/cli/find-command";
import { loadProgram } from "../../src/cli/main";
import type { CommandNode } from "../../src/cli/manifest/builders";
import { parseFlags } from "../../src/input/parse-flags";
import { splitWords } from "../../src/commands/tokenize";
import { startEmbeddedCluster, startEmbeddedServer } from "../../src/index";
import { flagsFirst, parseFlagSet } from "../../src/v2/flags";
import { commands as commandsOfV2 } from "../../src/v2/manifest";
import { programFlags } from "../../src/v2/program";
import { Child } from "../support/child";
import { programWords } from "../support/etcdctl";
import { patience } from "../support/patience";
import { noEtcd, startEtcd } from "../support/real-etcd";
import { testUnless } from "../support/skip";
import { workFolder } from "../support/work-folder";
import { commandsPage } from "./commands-page";
import { readPage, shows, type Page } from "./page";

const folder = workFolder();
const pages = ["README.md", ...readdirSync("docs").map((name) => path.join("docs", name))]
  .filter((file) => file.endsWith(".md"))
  .map(readPage);

/** The servers for pages, by the name in the page. */
const servers: Record<string, () => Promise<AsyncDisposable & { readonly endpoints: readonly string[] }>> = {
  embedded: async () => {
    const server = await startEmbeddedServer();
    return { endpoints: [`127.0.0.1:${server.port}`], [Symbol.asyncDispose]: () => server.stop() };
  },
  "embedded, quota 4 MB": async () => {
    const server = await startEmbeddedServer({ limits: { quotaBytes: 4_000_000n } });
    return { endpoints: [`127.0.0.1:${server.port}`], [Symbol.asyncDispose]: () => server.stop() };
  },
  "pretended cluster of three, m2 stopped": async () => {
    const cluster = await startEmbeddedCluster({ size: 3 });
    await cluster.members.find(({ name }) => name === "m2")?.stop();
    const endpoints = cluster.members.filter(({ isRunning }) => isRunning).map(({ endpoint }) => endpoint);
    return { endpoints, [Symbol.asyncDispose]: () => cluster.stop() };
  },
  "etcd 3.5": () => startEtcd("3.5"),
  "etcd 3.5, three members": async () => {
    const group = await startEtcd("3.5", { size: 3 });
    const [first] = group.members;
    if (first) await group.lead(first);
    return group;
  },
  "etcd 3.4 with --enable-v2": () => startEtcd("3.4", { flags: () => ["--enable-v2"] }),
};

describe("a page shows what its commands print:", () => {
  for (const page of pages.filter(({ steps }) => steps.length > 0)) {
    const version = /^etcd (3\.[45])/.exec(page.triedOn)?.[1] as "3.4" | "3.5" | undefined;
    const reason = version === undefined ? undefined : noEtcd(version);
    testUnless(reason, `${page.file} (on ${page.triedOn})`, () => tryOut(page));
  }
});

async function tryOut(page: Page): Promise<void> {
  const start = servers[page.triedOn];
  if (!start) throw new Error(`${page.file} needs an unknown server: ${page.triedOn}`);
  await using server = await start();
  const printed = await runShell(
    page.steps.map(({ command }) => command),
    // A member that does not respond costs a command its whole timeout.
    { ETCDCTL_ENDPOINTS: server.endpoints.join(","), ...(page.triedOn.endsWith("stopped") ? {} : patience) },
  );
  const wrong = page.steps
    .map((step, at) => ({ ...step, printed: printed[at] ?? "(not reached)" }))
    .filter((step) => !shows(step.output, step.printed));
  expect(wrong.map(({ command, printed }) => `$ ${command}\n${printed}`)).toEqual(
    wrong.map(({ command, output }) => `$ ${command}\n${output}`),
  );
}

const MARK = "\x01";

/** As timeout(1), but the seconds count from the first output: on a busy machine a program needs more of them to start. */
const timeout = `
seconds=$1
shift
printed=$(mktemp)
"$@" >"$printed" &
until [ -s "$printed" ] || ! kill -0 $!; do sleep 0.1; done 2>/dev/null
sleep "$seconds"
{ kill $!; wait $!; } 2>/dev/null
cat "$printed"
rm "$printed"
`;

/** Runs all commands of a page in one shell, so that variables and `$?` stay. Returns the output of each. */
async function runShell(
  commands: readonly string[],
  settings: Readonly<Record<string, string>>,
): Promise<string[]> {
  const runs = (program: "etcdctl" | "etcdutl") => {
    const words = programWords(program).map((word) => `"${word}"`);
    return `exec ${words.join(" ")} "$@"\n`;
  };
  for (const [name, script] of Object.entries({
    etcdctl: runs("etcdctl"),
    etcdutl: runs("etcdutl"),
    timeout,
  })) {
    const file = path.join(folder(), name);
    writeFileSync(file, `#!/bin/sh\n${script}`);
    chmodSync(file, 0o755);
  }
  const script = commands.map((command) => `_=$?; printf '${MARK}'; (exit $_)\n${command}\n`);
  const lines = script.map((part) => part.replaceAll("_=$?", "status=$?").replaceAll("$_)", "$status)"));
  const env = {
    PATH: `${folder()}:${process.env["PATH"] ?? ""}`,
    HOME: folder(),
    TMPDIR: folder(),
    ...settings,
  };
  const child = new Child(["sh", "-c", `exec 2>&1 </dev/null\n${lines.join("")}`], { cwd: folder(), env });
  const { stdout } = await child.finish(170_000);
  return stdout.toString().split(MARK).slice(1);
}

test.each(
  pages.flatMap(({ file, shown }) =>
    shown
      .filter(({ text }) => /(?:^|\s)(?:etcdctl|etcdutl) /.test(text))
      .map(({ text, isVersion2 }) => [file, text, isVersion2] as const),
  ),
)("%s shows a valid command: %s", async (_, line, isVersion2) => {
  const match = /(?:^|\s)(etcdctl|etcdutl) (.*)/.exec(line.replace(/\s+(?:#|\||>|&&).*/, "")) ?? [];
  const words = splitWords((match[2] ?? "").replace(/"$/, "").replace(/"\)$/, ""));
  if (isVersion2) await understandVersion2(words);
  else await understand(match[1] as "etcdctl" | "etcdutl", words);
});

async function understand(name: "etcdctl" | "etcdutl", words: readonly string[]): Promise<void> {
  const program = await loadProgram(name);
  const { path: nodes, args } = findCommand(program.root, program.globalFlags, words);
  const command = await nodes.at(-1)?.load?.();
  expect(command ?? nodes.at(-1)?.builtin).toBeDefined();
  parseFlags({ ...program.globalFlags, ...manifestFlags(nodes), ...command?.flags }, args);
}

/** Version 2 has another grammar: global flags stand before the command, and the command reads the rest. */
async function understandVersion2(words: readonly string[]): Promise<void> {
  const parsed = parseFlagSet(programFlags, words);
  let [name, ...rest] = parsed.args;
  let node = commandsOfV2.find((each) => each.name === name);
  while (node?.children) {
    [name, ...rest] = rest;
    node = node.children.find((each) => each.name === name);
  }
  const command = await node?.load?.();
  expect(command).toBeDefined();
  const flags = command?.flags ?? {};
  const ownWords = rest.includes("--") ? rest.slice(0, rest.indexOf("--")) : rest;
  const { usageError, duplicateFlag, args } = parseFlagSet(flags, flagsFirst(flags, ownWords));
  // An unknown flag after an argument is read as an argument.
  const unknown = args.filter((word) => word.startsWith("-"));
  expect(
    [parsed.usageError, parsed.duplicateFlag, usageError, duplicateFlag, ...unknown].filter(Boolean),
  ).toEqual([]);
}

test("docs/COMMANDS.md has the help of every command; `npm run docs` writes it", async () => {
  expect(readFileSync("docs/COMMANDS.md", "utf8")).toBe(await commandsPage());
});

test("docs/V2.md names every command of version 2", () => {
  const page = readFileSync("docs/V2.md", "utf8");
  const names = commandsOfV2.map((node) => node.name).filter((name) => name !== "help");
  expect(names.filter((name) => !page.includes(name))).toEqual([]);
});

test("a page besides COMMANDS.md explains every command", async () => {
  const explained = pages
    .filter(({ file }) => path.basename(file) !== "COMMANDS.md")
    .map(({ text }) => text)
    .join("\n");
  const missing: string[] = [];
  const visit = (names: readonly string[], node: CommandNode) => {
    for (const child of node.children) visit([...names, child.name], child);
    const isTopic = node.children.length > 0 || node.builtin !== undefined;
    if (!isTopic && !explained.includes(names.slice(1).join(" "))) missing.push(names.join(" "));
  };
  for (const name of ["etcdctl", "etcdutl"] as const) visit([name], (await loadProgram(name)).root);
  expect(missing).toEqual([]);
});
