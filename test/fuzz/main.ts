// `npm run fuzz -- [TARGETS] [--count N] [--seed S]` feeds damaged inputs to readers and parsers; README.md explains it.
// The exit code is 1 when a target hung, crashed, used too much memory or threw an unexpected error.
import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { isMainThread, workerData } from "node:worker_threads";
import { supervise, type FuzzReport } from "./supervise";
import { work, type Work } from "./worker";

async function main(): Promise<number> {
  const { values: options, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      count: { type: "string", default: "100000" },
      seed: { type: "string", default: "1" },
      from: { type: "string", default: "0" },
      "time-limit": { type: "string", default: "10" },
      "memory-limit": { type: "string", default: "128" },
      "max-findings": { type: "string", default: "10" },
      findings: { type: "string", default: path.join(tmpdir(), "fuzz-findings") },
    },
  });
  const all = readdirSync(path.join("test", "fuzz", "targets")).map((file) => path.basename(file, ".ts"));
  const usual = all.filter((name) => name !== "self-test");
  const unknown = positionals.find((name) => !all.includes(name));
  if (unknown !== undefined) throw new Error(`no target ${unknown}; there are ${all.join(", ")}`);
  let findings = 0;
  for (const target of positionals.length > 0 ? positionals : usual) {
    const report = await supervise({
      target,
      seed: Number(options.seed),
      from: Number(options.from),
      count: Number(options.count),
      timeLimitMs: 1000 * Number(options["time-limit"]),
      memoryLimitMb: Number(options["memory-limit"]),
      maxFindings: Number(options["max-findings"]),
      findingsDir: options.findings,
    });
    print(target, report, options.seed);
    findings += report.findings.length;
  }
  return findings > 0 ? 1 : 0;
}

function print(target: string, report: FuzzReport, seed: string): void {
  const { accepted, refused, seconds, mostMemoryBytes, findings } = report;
  const inputs = accepted + refused + findings.length;
  const rate = Math.round(inputs / seconds);
  const memory = (mostMemoryBytes / 1024 / 1024).toFixed(1);
  console.log(
    `${target}: ${inputs} inputs, ${accepted} accepted, ${refused} refused, ${findings.length} findings; ` +
      `${rate} inputs/s, at most ${memory} MiB for one`,
  );
  for (const { index, problem, file } of findings) {
    console.log(`  ${file}\n  again: npm run fuzz -- ${target} --seed ${seed} --from ${index} --count 1`);
    console.log(problem.replace(/^/gm, "    "));
  }
}

if (isMainThread) void main().then((code) => (process.exitCode = code));
else void work(workerData as Work);
