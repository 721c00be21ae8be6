// Runs a target in a thread. An input that takes too long, ends the thread or throws an unexpected error is a finding: its
// bytes are saved in a file, and the run continues with the next input.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Worker } from "node:worker_threads";
import { loadTarget } from "./load-target";
import { fuzzInput } from "./mutate";
import { Field, type Finding, type Work } from "./worker";

export interface FuzzRun {
  readonly target: string;
  readonly seed: number;
  readonly from: number;
  readonly count: number;
  /** For one input. */
  readonly timeLimitMs: number;
  readonly memoryLimitMb: number;
  /** The run ends after this many findings, because one fault gives many. */
  readonly maxFindings: number;
  /** The folder for the inputs of findings. */
  readonly findingsDir: string;
}

export interface FuzzReport {
  readonly accepted: number;
  readonly refused: number;
  readonly seconds: number;
  readonly mostMemoryBytes: number;
  readonly findings: readonly (Finding & { readonly file: string })[];
}

export async function supervise(run: FuzzRun): Promise<FuzzReport> {
  const progress = new SharedArrayBuffer(8 * Field.count);
  const fields = new Float64Array(progress);
  const started = performance.now();
  const findings: Finding[] = [];
  const to = run.from + run.count;
  for (let from = run.from; from < to && findings.length < run.maxFindings;) {
    const memoryLimitBytes = run.memoryLimitMb * 1024 * 1024;
    const work = { target: run.target, seed: run.seed, from, to, memoryLimitBytes, progress };
    fields[Field.index] = from;
    await oneThread(work, run, findings);
    from = (fields[Field.index] ?? to) + 1;
  }
  return {
    accepted: fields[Field.accepted] ?? 0,
    refused: fields[Field.refused] ?? 0,
    seconds: (performance.now() - started) / 1000,
    mostMemoryBytes: fields[Field.mostMemory] ?? 0,
    findings: await Promise.all(
      findings.map(async (finding) => ({ ...finding, file: await keep(run, finding) })),
    ),
  };
}

/** Runs until the work is done or the thread has ended during an input, which is a finding. */
async function oneThread(
  workOfRun: Omit<Work, "scratchDir">,
  run: FuzzRun,
  findings: Finding[],
): Promise<void> {
  const work: Work = { ...workOfRun, scratchDir: mkdtempSync(path.join(tmpdir(), "etcdctl-fuzz-")) };
  const fields = new Float64Array(work.progress);
  fields[Field.begun] = 0;
  const worker = new Worker(__filename, {
    workerData: work,
    resourceLimits: { maxOldGenerationSizeMb: run.memoryLimitMb },
  });
  let isDone = false;
  let problem = "ended without an answer: a promise that is never settled";
  worker.on("message", (message: Finding | "done") => {
    if (message === "done") isDone = true;
    else findings.push(message);
    if (findings.length >= run.maxFindings) void worker.terminate();
  });
  worker.on("error", (error) => (problem = `ended the thread: ${String(error)}`));
  let seen = -1;
  let since = performance.now();
  const watchdog = setInterval(() => {
    const index = fields[Field.index] ?? 0;
    // The time to start the thread does not count.
    if (index !== seen || fields[Field.begun] === 0) [seen, since] = [index, performance.now()];
    else if (performance.now() - since > run.timeLimitMs) {
      problem = `still running after ${run.timeLimitMs} ms`;
      void worker.terminate();
    }
  }, run.timeLimitMs / 20);
  await new Promise((resolve) => worker.once("exit", resolve));
  clearInterval(watchdog);
  rmSync(work.scratchDir, { recursive: true, force: true });
  if (!isDone && findings.length < run.maxFindings)
    findings.push({ index: fields[Field.index] ?? 0, problem });
}

async function keep(run: FuzzRun, { index }: Finding): Promise<string> {
  const target = await loadTarget(run.target);
  mkdirSync(run.findingsDir, { recursive: true });
  const file = path.join(run.findingsDir, `${run.target}-${run.seed}-${index}`);
  writeFileSync(file, fuzzInput(target, await target.seeds(), run.seed, index));
  return file;
}
