// A lock between processes of etcdctl: a file that exists while a process holds the lock. It works on every system, and it
// names its holder (pid, host, start time of the process), which a flock (file-lock.ts) does not. The lock of a dead process
// is taken over, also when another process has its pid now, and on Linux that of a worker thread that was terminated. On
// another host that is not visible: then the wait continues and the error names the holder. Waits use the real clock, because
// the holder is another process.
import { readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { basename } from "node:path";
import { kill, pid as ownPid } from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { CliError, ExitCode } from "../errors";
import { errorCode, osErrorReason } from "../go/os";

const pollMs = 20;
/** Creating or taking over a lock takes less time. An incomplete file that is older was left by a crash. */
const settledMs = 5000;

interface Holder {
  readonly pid: number;
  readonly host: string;
  /** Start time of the process, see processStart. Empty where the system does not show it. */
  readonly started: string;
  /** The thread, see ownThread. Empty where the system does not show it. */
  readonly thread: string;
  readonly since: string;
}

export interface Lock {
  /** False when the file was removed, with its directory or alone; another process may hold the lock then. */
  isHeld(): boolean;
  /** Removes the file, unless it is another process's. */
  release(): void;
}

/** Throws CliError when another process holds the lock for longer than `waitMs`. */
export async function acquireLock(path: string, waitMs: number, signal?: AbortSignal): Promise<Lock> {
  const deadline = performance.now() + waitMs;
  for (;;) {
    signal?.throwIfAborted();
    const created = tryCreate(path);
    if (created !== undefined) return heldLock(path, created);
    const content = contentOf(path);
    if (content !== undefined && isGone(path, content) && takeOver(path, content)) continue;
    if (performance.now() > deadline) throw heldError(path, parseHolder(content), waitMs);
    await sleep(pollMs);
  }
}

function heldLock(path: string, created: string): Lock {
  const isHeld = (): boolean => {
    try {
      return contentOf(path) === created;
    } catch {
      return false;
    }
  };
  return {
    isHeld,
    release() {
      if (isHeld()) rmSync(path, { force: true });
    },
  };
}

/** Returns the content of the new file; undefined when the file exists. */
function tryCreate(path: string): string | undefined {
  const holder: Holder = {
    pid: ownPid,
    host: hostname(),
    started: startIn(`/proc/${ownPid}/stat`),
    thread: ownThread(),
    since: new Date().toISOString(),
  };
  try {
    const content = JSON.stringify(holder);
    writeFileSync(path, content, { flag: "wx", mode: 0o600 });
    return content;
  } catch (cause) {
    if (errorCode(cause) === "EEXIST") return undefined;
    throw new CliError(ExitCode.error, `cannot make the lock file ${path}: ${osErrorReason(cause)}`, {
      cause,
    });
  }
}

/** Undefined: the lock was released meanwhile. */
function contentOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    if (errorCode(cause) === "ENOENT") return undefined;
    throw new CliError(ExitCode.error, `cannot read the lock file ${path}: ${osErrorReason(cause)}`, {
      cause,
    });
  }
}

/** Whether a process holds the lock, as far as this host and user can see. */
export function isLocked(path: string): boolean {
  try {
    const content = contentOf(path);
    return content !== undefined && !isGone(path, content);
  } catch {
    return false;
  }
}

/** Undefined: the file is not complete yet. */
function parseHolder(content: string | undefined): Holder | undefined {
  try {
    const holder = JSON.parse(content ?? "") as Partial<Holder> | null;
    if (typeof holder?.pid !== "number" || typeof holder.host !== "string") return undefined;
    const { pid, host, started = "", thread = "", since = "" } = holder;
    return { pid, host, started, thread, since };
  } catch {
    return undefined;
  }
}

function isGone(path: string, content: string): boolean {
  const holder = parseHolder(content);
  if (holder === undefined) return ageMs(path) > settledMs;
  if (holder.host !== hostname()) return false;
  try {
    kill(holder.pid, 0);
  } catch (error) {
    return errorCode(error) === "ESRCH";
  }
  const { pid, started, thread } = holder;
  if (started !== "" && started !== startIn(`/proc/${pid}/stat`)) return true;
  const [id = "", threadStarted] = thread.split(" ");
  return id !== "" && threadStarted !== startIn(`/proc/${pid}/task/${id}/stat`);
}

/** Clock ticks between the boot and the start of a process or thread (proc(5), starttime). Empty outside of Linux. */
function startIn(statFile: string): string {
  try {
    const stat = readFileSync(statFile, "latin1");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  } catch {
    return "";
  }
}

/** `ID START` of the thread of this code, a worker thread perhaps. Empty outside of Linux. */
function ownThread(): string {
  try {
    const id = basename(readlinkSync("/proc/thread-self"));
    return `${id} ${startIn("/proc/thread-self/stat")}`;
  } catch {
    return "";
  }
}

/**
 * Removes a dead holder's file. The guard file allows one process at a time, or a second process could remove the first
 * one's new lock. Returns false while another process has the guard.
 */
function takeOver(path: string, content: string): boolean {
  const guard = `${path}.takeover`;
  try {
    writeFileSync(guard, "", { flag: "wx", mode: 0o600 });
  } catch (cause) {
    if (errorCode(cause) !== "EEXIST") {
      throw new CliError(ExitCode.error, `cannot take over the lock file ${path}: ${osErrorReason(cause)}`, {
        cause,
      });
    }
    if (ageMs(guard) > settledMs) rmSync(guard, { force: true });
    return false;
  }
  try {
    if (contentOf(path) === content) rmSync(path, { force: true });
    return true;
  } finally {
    rmSync(guard, { force: true });
  }
}

function ageMs(path: string): number {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat === undefined ? 0 : Date.now() - stat.mtimeMs;
}

function adviceFor(path: string, holder: Holder | undefined): string {
  if (holder?.host !== hostname()) return `remove ${path} if no process uses the directory`;
  if (holder.pid !== ownPid) return `wait until process ${holder.pid} ends, or end it`;
  return "it is in use in this process: wait for the stop() of the server that has it";
}

function heldError(path: string, holder: Holder | undefined, waitMs: number): CliError {
  const reason =
    holder === undefined
      ? `the lock file ${path} exists`
      : `process ${holder.pid} on ${holder.host} holds ${path} since ${holder.since}`;
  return new CliError(ExitCode.error, `the data dir is in use: ${reason} (waited ${waitMs} ms)`, {
    hints: [adviceFor(path, holder)],
  });
}
