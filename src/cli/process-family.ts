// A process and all that it has started, for ending them together. Read from /proc, so on Linux only; elsewhere it is the
// process alone. What has made itself independent (its parent gone before we looked) is not found.
import { readFileSync, readdirSync } from "node:fs";

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
