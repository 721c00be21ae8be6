// Whether a running etcd holds a db file: bbolt locks it with flock, which Node cannot ask for, but Linux lists in
// /proc/locks (proc(5)). Elsewhere, for other containers' processes and on file systems with device numbers of their
// own it stays unknown.
//
//   1: FLOCK  ADVISORY  WRITE 4711 08:01:1835010 0 EOF        process, device major:minor (hex) : inode
import { readFileSync, statSync } from "node:fs";

/** The process that holds an exclusive lock on `path`, where that can be seen. */
export function lockingProcess(path: string): number | undefined {
  let locks: string;
  let place: string;
  try {
    locks = readFileSync("/proc/locks", "latin1");
    const { dev, ino } = statSync(path, { bigint: true });
    const major = Number((dev >> 8n) & 0xfffn);
    const minor = Number((dev & 0xffn) | ((dev >> 12n) & 0xfff00n));
    place = `${hexByte(major)}:${hexByte(minor)}:${ino}`;
  } catch {
    return undefined;
  }
  for (const line of locks.split("\n")) {
    const [, kind, , mode, pid, where] = line.split(/\s+/);
    if (kind === "FLOCK" && mode === "WRITE" && where === place) return Number(pid);
  }
  return undefined;
}

function hexByte(value: number): string {
  return value.toString(16).padStart(2, "0");
}
