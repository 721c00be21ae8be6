// Runs the recipes of docs/TESTING.md with the test runners that they are for, and again without the line that stops the
// server: a forgotten stop() must not keep the runner alive.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { run } from "../support/child";
import { testUnless } from "../support/skip";
import { workFolder } from "../support/work-folder";

const folder = workFolder();
const root = process.cwd();
const page = readFileSync("docs/TESTING.md", "utf8");

function recipe(heading: string): string {
  const [, code = ""] = new RegExp(`### ${heading}\n[^]*?\`\`\`js\n([^]*?)\`\`\``).exec(page) ?? [];
  expect(code).toContain("etcdctl-node");
  return code;
}

/** A project with the package, and with packages of this one. */
function project(packages: readonly string[] = []): void {
  const modules = path.join(folder(), "node_modules");
  mkdirSync(modules, { recursive: true });
  symlinkSync(root, path.join(modules, "etcdctl-node"));
  for (const name of packages) symlinkSync(path.join(root, "node_modules", name), path.join(modules, name));
}

interface Runner {
  readonly name: string;
  readonly file: string;
  /** Runs the file in the folder. */
  readonly argv: (file: string) => string[];
  readonly passed: RegExp;
  readonly packages?: readonly string[];
  /** How the recipe stops the server. */
  readonly stop?: RegExp;
}

const bin = (name: string, script: string) => [
  process.execPath,
  path.join(root, "node_modules", name, script),
];
const stopLine = /^\s*(?:after|afterAll)\(\(\) => server\.stop\(\)\);\n/m;

const runners: readonly Runner[] = [
  {
    name: "jest",
    file: "greeting.test.js",
    argv: () => [...bin("jest", "bin/jest.js"), "--rootDir=.", "--config={}", "--runInBand"],
    passed: /1 passed, 1 total/,
  },
  {
    name: "node:test",
    file: "greeting.test.mjs",
    argv: (file) => [process.execPath, "--test", file],
    passed: /pass 1\b/,
  },
  {
    name: "mocha",
    file: "greeting.js",
    argv: (file) => [...bin("mocha", "bin/mocha.js"), file],
    passed: /1 passing/,
  },
  {
    name: "The npm client etcd3",
    file: "greeting.test.js",
    argv: (file) => [process.execPath, "--test", file],
    passed: /pass 1\b/,
    packages: ["etcd3"],
    stop: /^\s*await server\.stop\(\);\n/m,
  },
];

/** Without the variables of this process, which is a test too. */
function environment(): Record<string, string | undefined> {
  const own = ["JEST_WORKER_ID", "NODE_TEST_CONTEXT", "NODE_ENV"];
  const others = Object.entries(process.env).filter(([name]) => !own.includes(name));
  return { ...Object.fromEntries(others), NO_COLOR: "1" };
}

async function runRecipe(
  { name, file, argv, passed, packages, stop = stopLine }: Runner,
  forgetsStop: boolean,
) {
  project(packages);
  const code = recipe(name);
  const written = forgetsStop ? code.replace(stop, "") : code;
  expect(written !== code).toBe(forgetsStop);
  writeFileSync(path.join(folder(), file), written);
  const { exit, stdout, stderr } = await run(argv(file), { cwd: folder(), env: environment() });
  expect({ exit, output: `${stdout}${stderr}` }).toEqual({
    exit: 0,
    output: expect.stringMatching(passed) as string,
  });
  expect(`${stdout}${stderr}`).not.toContain("did not exit");
}

describe.each(runners)("$name", (runner) => {
  test("the recipe passes", () => runRecipe(runner, false));
  test("it ends without stop() too", () => runRecipe(runner, true));
});

test("jest: a forgotten server that saves its data dir after the end of the test reports no error", async () => {
  project();
  const dataDir = JSON.stringify(path.join(folder(), "data"));
  const code = `
    const { startEmbeddedServer } = require("etcdctl-node");
    test("a server starts", () => startEmbeddedServer({ dataDir: ${dataDir} }));
  `;
  writeFileSync(path.join(folder(), "start.test.js"), code);
  // As after an installation: jest compiles the files of node_modules with nothing.
  const config = JSON.stringify({ transform: {} });
  const argv = [...bin("jest", "bin/jest.js"), "--rootDir=.", `--config=${config}`, "--runInBand"];
  const { exit, stdout, stderr } = await run(argv, { cwd: folder(), env: environment() });
  const output = `${stdout}${stderr}`;
  expect({ exit, output }).toEqual({ exit: 0, output: expect.stringMatching(/1 passed, 1 total/) as string });
  expect(output).not.toContain("Error");
});

const vitest = "5.1.2";

/** Vitest and its compiler are too large to be a development package of this one. */
function noVitest(): string | undefined {
  try {
    execFileSync("npm", ["view", `vitest@${vitest}`, "version"], { stdio: "pipe", timeout: 60_000 });
    return undefined;
  } catch {
    return `npm's registry does not give vitest ${vitest}`;
  }
}

testUnless(noVitest(), "vitest: the recipe passes, and ends without stop() too", async () => {
  const install = [
    "npm",
    "install",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--no-save",
    `vitest@${vitest}`,
  ];
  writeFileSync(path.join(folder(), "package.json"), '{ "private": true, "type": "module" }');
  const { exit, stderr } = await run(install, { cwd: folder() });
  expect({ exit, stderr: stderr.toString() }).toMatchObject({ exit: 0 });
  const runner = {
    ...{ name: "vitest", file: "greeting.test.js", passed: /Tests +1 passed/ },
    argv: () => [process.execPath, path.join(folder(), "node_modules/vitest/vitest.mjs"), "run"],
  };
  for (const forgetsStop of [false, true]) {
    const code = recipe("vitest");
    writeFileSync(path.join(folder(), runner.file), forgetsStop ? code.replace(stopLine, "") : code);
    if (!forgetsStop) symlinkSync(root, path.join(folder(), "node_modules", "etcdctl-node"));
    const ended = await run(runner.argv(), { cwd: folder(), env: environment() });
    const output = `${ended.stdout}${ended.stderr}`;
    expect({ exit: ended.exit, output }).toEqual({
      exit: 0,
      output: expect.stringMatching(runner.passed) as string,
    });
    expect(output).not.toContain("hanging");
  }
});
