// Starts a command beside us, as Go's os/exec does: looked up in $PATH, its output where ours goes. Knows no command.
// What we have written has left the process, so the outputs are in order.
import { spawn } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { osErrorReason } from "../goformat/os-error";
import { quote } from "../goformat/quote";
import { hasRawBytes } from "../goformat/raw-text";
import { StartFailure, type ChildEnd, type ChildOptions, type ChildProcess } from "../io";
import { familyOf, knownProcess } from "./process-family";

type Environment = Readonly<Record<string, string | undefined>>;

export async function startChild(
  argv: readonly string[],
  { env = {}, stdin = false }: ChildOptions,
  inherited: Environment,
): Promise<ChildProcess> {
  const [name = "", ...args] = argv;
  if (argv.some(hasRawBytes)) {
    throw new StartFailure(`exec: ${quote(name)}: an argument is no UTF-8 and cannot be passed on`);
  }
  const file = lookUp(name, inherited["PATH"] ?? "");
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown): void =>
      reject(new StartFailure(`fork/exec ${file}: ${osErrorReason(cause)}`, { cause }));
    try {
      const child = spawn(file, args, {
        argv0: name,
        env: { ...inherited, ...env },
        stdio: [stdin ? "inherit" : "ignore", "inherit", "inherit"],
      });
      const ended = new Promise<ChildEnd>((end) => {
        child.once("exit", (exitCode, signal) =>
          end(signal === null ? { exitCode: exitCode ?? 0 } : { signal }),
        );
      });
      const kill = (signal: NodeJS.Signals): void => void child.kill(signal);
      child.once("spawn", () =>
        resolve({ ended, kill, endAll: (graceMs) => endAll(child.pid, kill, ended, graceMs) }),
      );
      child.once("error", fail);
    } catch (error) {
      fail(error);
    }
  });
}

const pollMs = 50;

async function endAll(
  pid: number | undefined,
  killFirst: (signal: NodeJS.Signals) => void,
  ended: Promise<unknown>,
  graceMs: number,
): Promise<void> {
  const first = pid === undefined ? undefined : knownProcess(pid);
  if (first === undefined) {
    killFirst("SIGTERM");
    const timer = setTimeout(() => killFirst("SIGKILL"), graceMs);
    await ended;
    return clearTimeout(timer);
  }
  const startMs = performance.now();
  let family = familyOf([first]);
  for (const { pid } of family) send(pid, "SIGTERM");
  while (family.length > 0) {
    await delay(pollMs);
    family = familyOf(family);
    if (performance.now() - startMs < graceMs) continue;
    for (const { pid } of family) send(pid, "SIGKILL");
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended, or is not ours to end.
  }
}

/** A name with a slash is taken as it is; another one is an executable file in a folder of $PATH. */
function lookUp(name: string, folders: string): string {
  if (name === "") throw new StartFailure("exec: no command");
  if (name.includes("/") || name.includes(path.sep)) return name;
  const found = folders
    .split(path.delimiter)
    .map((folder) => path.join(folder === "" ? "." : folder, name))
    .find((file) => isExecutable(file));
  if (found === undefined) {
    throw new StartFailure(`exec: ${quote(name)}: executable file not found in $PATH`);
  }
  if (!path.isAbsolute(found)) {
    throw new StartFailure(`exec: ${quote(name)}: cannot run executable found relative to current directory`);
  }
  return found;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
