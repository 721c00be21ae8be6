// Waits until processes have nothing to do: no thread runs or waits for a CPU or a disk, and none has used a CPU meanwhile. For
// programs that do not show when they are ready, on a machine so busy that no fixed time is enough. Needs Linux's /proc.
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { until } from "./until";

const looks = 10;
/** A program that is never idle must not hold up the test for ever. */
const limitMs = 30_000;

export async function idle(pids: readonly (number | undefined)[]): Promise<void> {
  if (!existsSync("/proc/self/task")) return;
  let seen = 0;
  let last: string | undefined;
  const isIdle = () => {
    const now = usage(pids.filter((pid) => pid !== undefined));
    seen = now !== undefined && now === last ? seen + 1 : 0;
    last = now;
    return seen >= looks;
  };
  await until("the programs are idle", isIdle, limitMs).catch(() => undefined);
}

/** What the processes have used of the CPUs until now; undefined while one of them works. */
function usage(pids: readonly number[]): string | undefined {
  const used: string[] = [];
  for (const pid of pids) {
    for (const { state, ticks } of threads(pid)) {
      if (state !== "S") return undefined;
      used.push(ticks);
    }
  }
  return used.join();
}

/** A process that has ended has no threads. */
function threads(pid: number): { state: string; ticks: string }[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map((thread) => {
      const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, "latin1");
      // The name of the program, in parentheses, may contain anything.
      const [state = "", ...rest] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return { state, ticks: rest.slice(10, 12).join("+") };
    });
  } catch {
    return [];
  }
}
