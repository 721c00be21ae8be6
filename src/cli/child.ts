// Starts a command beside us, as Go's os/exec does: looked up in $PATH, its output where ours goes. Knows no command.
// What we have written has left the process, so the outputs are in order.
import { spawn } from "node:child_process";
import { accessSync, constants, readFileSync, readdirSync, statSync } from "node:fs";
import path from "node:path";
import { kill as sendSignal } from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { osErrorReason } from "../go/os";
import { quote } from "../go/quote";
import { hasRawBytes } from "../go/raw-text";
import type { ChildEnd, ChildOptions, ChildProcess } from "../io";
import { StartFailure } from "../io";

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
    sendSignal(pid, signal);
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

// A process and all that it has started, for ending them together. Read from /proc, so on Linux only; elsewhere it is the
// process alone. What has made itself independent (its parent gone before we looked) is not found.

/** A number alone may be given to another process. */
export interface KnownProcess {
  readonly pid: number;
  /** In the system's ticks, as text. */
  readonly started: string;
}

interface Running extends KnownProcess {
  readonly parent: number;
}

/** Those of `known` that still run, and all that they have started since. */
export function familyOf(known: readonly KnownProcess[]): KnownProcess[] {
  const running = allRunning();
  const family = running.filter((each) =>
    known.some(({ pid, started }) => pid === each.pid && started === each.started),
  );
  for (const member of family) family.push(...running.filter(({ parent }) => parent === member.pid));
  return [...new Set(family)];
}

/** Undefined where the system does not tell. */
export function knownProcess(pid: number): KnownProcess | undefined {
  return processAt(pid);
}

function allRunning(): Running[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => processAt(Number(pid)) ?? []);
}

/** proc(5): `4711 (name) S 4710 … ` with the start as the 22nd field. A zombie has ended. */
function processAt(pid: number): Running | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    const [state, parent, ...rest] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return state === "Z" ? undefined : { pid, parent: Number(parent), started: rest[17] ?? "" };
  } catch {
    return undefined;
  }
}
