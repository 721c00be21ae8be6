// The completion scripts run in the installed shells. completion.test.ts tests the candidates, this file tests that the shell
// gets them. Needs `npm run build`.
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { EmbeddedServer } from "../../src/server/server";
import { startEmbeddedServer } from "../../src/server/server";
import { run } from "../support/child";
import { program } from "../support/etcdctl";
import { describeUnless } from "../support/skip";
import { workFolder } from "../support/work-folder";

function describeWith(shell: string, body: () => void): void {
  const isThere = spawnSync(shell, ["-c", "true"]).status === 0;
  describeUnless(isThere ? undefined : `${shell} is not installed`, shell, body);
}

let server: EmbeddedServer;
beforeAll(async () => {
  server = await startEmbeddedServer({ keys: { "reg/pods/a": "1", "reg/we ird": "1", "co:lon/a=b": "1" } });
});
afterAll(() => server.stop());

const folder = workFolder();

/** The completion leaves out names of the cluster that do not come within two seconds. A busy machine gets more attempts. */
async function eventually(complete: () => Promise<void>): Promise<void> {
  for (let attempt = 1; attempt < 5; attempt++) {
    const isDone = await complete().then(
      () => true,
      () => false,
    );
    if (isDone) return;
  }
  await complete();
}

/** Runs a shell in a directory with etcdctl on PATH and a file to complete. */
async function inShell(argv: readonly string[]): Promise<string> {
  const bin = path.join(folder(), "bin");
  mkdirSync(bin, { recursive: true });
  writeFileSync(
    path.join(bin, "etcdctl"),
    `#!/bin/sh\nexec ${program.map((word) => `'${word}'`).join(" ")} "$@"\n`,
    {
      mode: 0o755,
    },
  );
  writeFileSync(path.join(folder(), "server.pem"), "");
  const { stdout, stderr } = await run(argv, {
    cwd: folder(),
    env: {
      PATH: `${bin}:${process.env["PATH"]}`,
      HOME: folder(),
      LC_ALL: "C.UTF-8",
      TERM: "dumb",
      ETCDCTL_COMPLETE_KEYS: "1",
      ETCDCTL_ENDPOINTS: server.endpoints.join(),
    },
  });
  if (stderr.length > 0) throw new Error(stderr.toString());
  return stdout.toString();
}

describeWith("bash", () => {
  /** The words of the line as bash splits them for readline, with the cursor at the end. */
  const completed = async (line: string): Promise<string[]> => {
    const words = [...line.matchAll(/[=:]+|(?:\\.|[^\s=:])+|(?<=\s)$/g)].map(([word]) => `'${word}'`);
    if (/[=:]$/.test(line)) words.push("''");
    const script = `
      source <(etcdctl completion bash)
      compopt() { echo "compopt $*"; }
      COMP_LINE='${line}'; COMP_POINT=\${#COMP_LINE}; COMP_WORDS=(${words.join(" ")}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
      _etcdctl_complete
      printf '%s\\n' "\${COMPREPLY[@]}"`;
    return (await inShell(["bash", "--norc", "-c", script])).trim().split("\n");
  };

  test.each<[string, string[]]>([
    ["etcdctl snapsh", ["compopt +o default", "snapshot"]],
    ["etcdctl member pro", ["compopt +o default", "promote"]],
    ["etcdctl get --write-out=pro", ["compopt +o default", "protobuf"]],
    ["etcdctl get --write-out=", ["compopt +o default", "fields", "json", "protobuf", "simple", "table"]],
    ["etcdctl get -w ta", ["compopt +o default", "table"]],
    ["etcdctl get reg/", ["compopt -o nospace", "compopt +o default", "reg/pods/", "reg/we\\ ird"]],
    ["etcdctl get co:", ["compopt -o nospace", "compopt +o default", "lon/"]],
    ["etcdctl get co:lon/a=", ["compopt +o default", "b"]],
    ["etcdctl get --cert ser", [""]],
    ["etcdctl serve --data-dir ", ["compopt +o default -o dirnames"]],
  ])("completes %j", async (line, replies) => {
    await eventually(async () => {
      const found = (await completed(line)).filter((each) => each === "" || !/yaml|jsonl/.test(each));
      expect(found).toEqual(replies);
    });
  });
});

describeWith("fish", () => {
  test.each([
    ["etcdctl snapsh", /^snapshot\t/],
    ["etcdctl get --write-out=ta", /^--write-out=table$/],
    ["etcdctl get reg/p", /^reg\/pods\/$/],
    ["etcdctl get --cert ser", /^server\.pem$/],
    ["etcdctl get --cert=ser", /^--cert=server\.pem$/],
    ["etcdctl member ", /^add\t.*\n(.*\n)+update\t/],
  ])("completes %j", async (line, answer) => {
    const script = `etcdctl completion fish | source; complete -C '${line}'`;
    await eventually(async () => {
      expect((await inShell(["fish", "-N", "-c", script])).trim()).toMatch(answer);
    });
  });
});

describeWith("zsh", () => {
  test.each([
    ["etcdctl snapsh", "etcdctl snapshot "],
    ["etcdctl get --write-out=ta", "etcdctl get --write-out=table "],
    ["etcdctl get reg/p", "etcdctl get reg/pods/"],
    ["etcdctl get reg/w", "etcdctl get reg/we\\ ird "],
    ["etcdctl get --cert ser", "etcdctl get --cert server.pem "],
    ["etcdctl get --cert=ser", "etcdctl get --cert=server.pem "],
    ["etcdctl mem pro", "etcdctl mem promote "],
  ])("completes %j", async (line, becomes) => {
    // A zsh in a new terminal, with a key that prints the line after the tab key has completed it.
    const script = `
      zmodload zsh/zpty
      zpty inner 'zsh -f -i'
      zpty -w inner 'PS1=; unsetopt zle_bracketed_paste; autoload -U compinit; compinit -u -d $HOME/dump; source <(etcdctl completion zsh)'
      zpty -w inner 'show() { print -r -- "<\${(q)BUFFER}>"; BUFFER=; zle accept-line }; zle -N show; bindkey "^X" show; print read"y"'
      zpty -r inner answer '*ready*'
      zpty -w -n inner $'${line}\\t\\x18'
      zpty -r inner answer '*<*>*'
      print -r -- "\${(Q)\${answer##*<}%>*}"
      zpty -d inner`;
    await eventually(async () => {
      const shown = await inShell(["zsh", "-f", "-c", script]);
      expect(shown.trimEnd()).toBe(becomes.trimEnd());
    });
  });
});
