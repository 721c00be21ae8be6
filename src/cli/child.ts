// Starts a child process as Go's os/exec does: the program is found in $PATH, and its output goes to our stdout and stderr.
// Our earlier output has left the process by then, so the order is right.
import { spawn } from "node:child_process";
import { accessSync, constants, readFileSync, readdirSync, statSync } from "node:fs";
import path from "node:path";
import { kill as sendSignal } from "node:process";
import { setTimeout } from "node:timers";
import { setTimeout as delay } from "node:timers/promises";
import { osErrorReason } from "../go/os";
import { quote } from "../go/quote";
import { hasRawBytes } from "../go/raw-text";
import type { ChildEnd, ChildOptions, ChildProcess } from "../io";
import { StartFailure } from "../io";

type Environment = Readonly<Record<string, string | undefined>>;

export async function startChild(
  argv: readonly string[],
  { env = {}, stdin = false, input }: ChildOptions,
  inherited: Environment,
): Promise<ChildProcess> {
  const [name = "", ...args] = argv;
  if (argv.some(hasRawBytes)) {
    throw new StartFailure(`exec: ${quote(name)}: an argument is not UTF-8 and Node cannot pass it`);
  }
  const file = lookUp(name, inherited["PATH"] ?? "");
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown): void =>
      reject(new StartFailure(`fork/exec ${file}: ${osErrorReason(cause)}`, { cause }));
    try {
      const child = spawn(file, args, {
        argv0: name,
        env: { ...inherited, ...env },
        stdio: [input === undefined ? (stdin ? "inherit" : "ignore") : "pipe", "inherit", "inherit"],
      });
      // A child that does not read all of its input may do so.
      child.stdin?.on("error", () => undefined).end(input);
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

/** Ends the child with its descendants on Linux, and the child alone elsewhere. */
async function endAll(
  pid: number | undefined,
  killFirst: (signal: NodeJS.Signals) => void,
  ended: Promise<unknown>,
  graceMs: number,
): Promise<void> {
  const first = pid === undefined ? undefined : identifyProcess(pid);
  if (first === undefined) {
    killFirst("SIGTERM");
    const timer = setTimeout(() => killFirst("SIGKILL"), graceMs);
    await ended;
    return clearTimeout(timer);
  }
  const startedAt = performance.now();
  let tree = withDescendants([first]);
  for (const { pid } of tree) send(pid, "SIGTERM");
  while (tree.length > 0) {
    await delay(pollMs);
    tree = withDescendants(tree);
    if (performance.now() - startedAt < graceMs) continue;
    for (const { pid } of tree) send(pid, "SIGKILL");
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    sendSignal(pid, signal);
  } catch {
    // It has ended, or belongs to another user.
  }
}

/** A name with a slash is a path. Any other name is an executable file in a directory of $PATH. */
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

/** A process, also after its number is reused. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Start time in clock ticks since boot, as text. */
  readonly startedAt: string;
}

interface RunningProcess extends ProcessIdentity {
  readonly parent: number;
}

/**
 * The processes of `known` that still run, and all their descendants. A descendant whose parent ended before this call is not
 * found. Linux only: reads /proc.
 */
function withDescendants(known: readonly ProcessIdentity[]): ProcessIdentity[] {
  const running = allRunning();
  const found = running.filter((each) =>
    known.some(({ pid, startedAt }) => pid === each.pid && startedAt === each.startedAt),
  );
  for (const each of found) found.push(...running.filter(({ parent }) => parent === each.pid));
  return [...new Set(found)];
}

/** Undefined for a process that has ended, and on systems without /proc. */
export function identifyProcess(pid: number): ProcessIdentity | undefined {
  return readProcess(pid);
}

function allRunning(): RunningProcess[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => readProcess(Number(pid)) ?? []);
}

/** proc(5): `4711 (name) S 4710 …`, the start time is field 22. A zombie has ended. */
function readProcess(pid: number): RunningProcess | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    const [state, parent, ...rest] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return state === "Z" ? undefined : { pid, parent: Number(parent), startedAt: rest[17] ?? "" };
  } catch {
    return undefined;
  }
}
