// The lock that an etcd takes on its db file: flock(2), exclusive. It belongs to the open file, so it ends with the process,
// also after kill -9. Node has no flock. In the executable the C library's function is called; elsewhere the program `flock`
// (util-linux, busybox) takes the lock on our open file, and the lock stays with us when that program has ended.
// Go: go.etcd.io/bbolt/bolt_unix.go
import type { ChildProcess, spawn } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { createRequire } from "node:module";
import { kill, platform } from "node:process";
import { errorCode } from "../go/os";
import { withPath } from "./files";

export interface FileLock {
  /** False: this system has no way to take the lock, so other programs do not see that the file is in use. */
  readonly isTaken: boolean;
  /** Whether this is still the file with that name. */
  isOf(path: string): boolean;
  release(): Promise<void>;
}

/** Undefined: another process holds the lock. Throws PathError for a file that cannot be opened. */
export async function tryLockFile(path: string): Promise<FileLock | undefined> {
  // NFS has the lock only for files that are open for writing.
  const file = await withPath("open", path, open(path, "r+"));
  try {
    const result = await flock(file);
    const { ino } = await file.stat();
    if (result !== "held") {
      return {
        isTaken: result === "taken",
        isOf: (name) => statSync(name, { throwIfNoEntry: false })?.ino === ino,
        release: () => file.close(),
      };
    }
  } catch (error) {
    await file.close();
    throw error;
  }
  await file.close();
  return undefined;
}

type Result = "taken" | "held" | "unavailable";

async function flock({ fd }: FileHandle): Promise<Result> {
  if (platform === "win32") return "unavailable";
  return flockByLibrary(fd) ?? flockByProgram(fd);
}

/** LOCK_EX | LOCK_NB of flock(2). */
const exclusiveNow = 2 | 4;
const libraries = ["libc.so.6", "libc.musl-x86_64.so.1", "libc.musl-aarch64.so.1", "libSystem.B.dylib"];

/** The part of Bun's API that this file uses. https://bun.com/docs/api/ffi */
interface BunFfi {
  dlopen(
    library: string,
    symbols: { flock: { args: readonly ["i32", "i32"]; returns: "i32" } },
  ): { symbols: { flock(fd: number, operation: number): number } };
}

/** Undefined outside of the executable. */
function flockByLibrary(fd: number): Result | undefined {
  if (!("Bun" in globalThis)) return undefined;
  // Bundlers would look for the module at an import().
  const { dlopen } = createRequire("/")("bun:ffi") as BunFfi;
  for (const library of libraries) {
    try {
      const { symbols } = dlopen(library, { flock: { args: ["i32", "i32"], returns: "i32" } });
      return symbols.flock(fd, exclusiveNow) === 0 ? "taken" : "held";
    } catch {
      // The C library has another name.
    }
  }
  return undefined;
}

/** The program's name of our file. */
const inheritedFd = 3;

/** Kept for the saves in the background: jest refuses to load a module after the end of a test that forgot its server. */
let childProcess: Promise<{ readonly spawn: typeof spawn }> | undefined;

async function flockByProgram(fd: number): Promise<Result> {
  const processes = await (childProcess ??= import("node:child_process"));
  return new Promise((resolve) => {
    let child: ChildProcess;
    try {
      child = processes.spawn("flock", ["-xn", String(inheritedFd)], {
        stdio: ["ignore", "ignore", "ignore", fd],
      });
    } catch {
      return resolve("unavailable");
    }
    child.once("error", () => resolve("unavailable"));
    child.once("exit", (code) => resolve(code === 0 ? "taken" : code === 1 ? "held" : "unavailable"));
  });
}

export interface LockHolder {
  readonly pid: number;
  /** False for a process that has left the lock to another one, as the program `flock` does. */
  readonly isAlive: boolean;
}

/**
 * The process that took an exclusive lock on `path`. Linux lists the locks in /proc/locks (proc(5)). Undefined also on other
 * systems, for processes of other containers, and on file systems with separate device numbers (btrfs, overlayfs).
 *
 *   1: FLOCK  ADVISORY  WRITE 4711 08:01:1835010 0 EOF        process, device major:minor (hex) : inode
 */
export function lockHolder(path: string): LockHolder | undefined {
  let locks: string;
  let device: string;
  try {
    locks = readFileSync("/proc/locks", "latin1");
    const { dev, ino } = statSync(path, { bigint: true });
    const major = Number((dev >> 8n) & 0xfffn);
    const minor = Number((dev & 0xffn) | ((dev >> 12n) & 0xfff00n));
    device = `${hexByte(major)}:${hexByte(minor)}:${ino}`;
  } catch {
    return undefined;
  }
  for (const line of locks.split("\n")) {
    const [, kind, , mode, pid, where] = line.split(/\s+/);
    if (kind === "FLOCK" && mode === "WRITE" && where === device)
      return { pid: Number(pid), isAlive: isAlive(Number(pid)) };
  }
  return undefined;
}

function isAlive(pid: number): boolean {
  if (pid <= 0) return false;
  try {
    kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) !== "ESRCH";
  }
}

function hexByte(value: number): string {
  return value.toString(16).padStart(2, "0");
}
