// The thread that feeds inputs to a target. It may hang or run out of memory without ending the process. It writes its
// progress to shared memory, because a thread that hangs sends no messages.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { getHeapStatistics } from "node:v8";
import { parentPort } from "node:worker_threads";
import { loadTarget } from "./load-target";
import { fuzzInput } from "./mutate";
import type { Scratch } from "./target";

export interface Work {
  readonly target: string;
  readonly seed: number;
  readonly from: number;
  readonly to: number;
  readonly memoryLimitBytes: number;
  /** An empty folder. The parent removes it, since a thread that is ended cannot. */
  readonly scratchDir: string;
  /** Float64 values at the places of `Field`. */
  readonly progress: SharedArrayBuffer;
}

/** Places in the shared memory: the current input, the counts of results, and whether the thread has started. */
export const Field = { index: 0, accepted: 1, refused: 2, mostMemory: 3, begun: 4, count: 5 } as const;

/** A message to the parent. The only other one is "done". */
export interface Finding {
  readonly index: number;
  readonly problem: string;
}

export async function work({
  target: name,
  seed,
  from,
  to,
  memoryLimitBytes,
  scratchDir,
  progress,
}: Work): Promise<void> {
  const fields = new Float64Array(progress);
  const add = (field: number) => (fields[field] = (fields[field] ?? 0) + 1);
  const target = await loadTarget(name);
  const seeds = await target.seeds();
  const { scratch, clean } = scratchIn(scratchDir);
  for (let index = from; index < to; index++) {
    fields[Field.index] = index;
    fields[Field.begun] = 1;
    const input = fuzzInput(target, seeds, seed, index);
    const before = getHeapStatistics().external_memory;
    try {
      const running = target.run(input, scratch);
      if (running) await running;
      add(Field.accepted);
    } catch (error) {
      if (target.isExpected(error)) add(Field.refused);
      else report({ index, problem: problemOf(error) });
    }
    const grown = getHeapStatistics().external_memory - before;
    if (grown > (fields[Field.mostMemory] ?? 0)) fields[Field.mostMemory] = grown;
    if (grown > memoryLimitBytes)
      report({ index, problem: `took ${grown} bytes of memory outside the heap` });
    clean();
  }
  parentPort?.postMessage("done");
}

function report(finding: Finding): void {
  parentPort?.postMessage(finding);
}

function problemOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : `threw ${String(error)}`;
}

function scratchIn(dir: string): { scratch: Scratch; clean(): void } {
  const file = path.join(dir, "input");
  const folder = path.join(dir, "folder");
  let used = false;
  return {
    scratch: {
      file(content) {
        writeFileSync(file, content);
        return file;
      },
      folder() {
        used = true;
        mkdirSync(folder, { recursive: true });
        return folder;
      },
    },
    clean() {
      if (used) rmSync(folder, { recursive: true, force: true });
      used = false;
    },
  };
}
