// etcdctl on a real terminal, from the program `script` of util-linux.
import { spawnSync } from "node:child_process";
import { Child } from "./child";
import { program } from "./etcdctl";
import { patience } from "./patience";

const hasScript = spawnSync("script", ["--version"]).stdout?.toString().includes("util-linux") ?? false;

/** For describeUnless. */
export const noTerminal = hasScript ? undefined : "util-linux's program `script` is not installed";

/** The child's output is that of both streams, with the line ends of a terminal. Its stdin stays open. */
export function startOnTerminal(
  words: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Child {
  const line = [...program, ...words].map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
  // `exec`: a /bin/sh that waits for etcdctl would die of the terminal's Ctrl-C before it, and that would be the exit code.
  return new Child(["script", "--quiet", "--return", "--command", `exec ${line}`, "/dev/null"], {
    inputOpen: true,
    env: { ...process.env, ...patience, ...env },
  });
}
