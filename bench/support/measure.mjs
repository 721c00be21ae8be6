// Measures whole processes. Each round runs every program once, so that a change of the machine's speed affects all programs
// alike. CPU time and peak memory come from GNU time. A ratio is the median of the ratios of all rounds.
import { spawn } from "node:child_process";
import { mkdtempSync, openSync, closeSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { median } from "simple-statistics";

/** Runs one program and returns {wallMs, cpuMs, peakMiB}. `stdout` is the file for its output. */
async function runOnce({ argv, env = {}, stdout = "/dev/null" }, scratch) {
  const report = path.join(scratch, "time");
  const out = openSync(stdout, "w");
  const environment = { ...process.env, ...env };
  // Node reads this file at every start. That takes longer than the program.
  delete environment.NODE_EXTRA_CA_CERTS;
  const start = process.hrtime.bigint();
  await new Promise((resolve, reject) => {
    const child = spawn("/usr/bin/time", ["-f", "%U %S %M", "-o", report, ...argv], {
      env: environment,
      stdio: ["ignore", out, "pipe"],
    });
    let stderr = "";
    child.stderr.on("data", (chunk) => (stderr += chunk));
    child.on("error", reject);
    child.on("close", (status) =>
      status === 0 ? resolve() : reject(new Error(`${argv.join(" ")}: ${stderr}`)),
    );
  });
  const wallMs = Number(process.hrtime.bigint() - start) / 1e6;
  closeSync(out);
  const [user, system, peakKiB] = readFileSync(report, "utf8").trim().split(" ").map(Number);
  return { wallMs, cpuMs: (user + system) * 1000, peakMiB: peakKiB / 1024 };
}

/** Runs the programs for some rounds, after one round to warm up, and returns the medians and the ratio to the first program. */
export async function compare(programs, rounds) {
  const scratch = mkdtempSync(path.join(os.tmpdir(), "bench-"));
  const runs = programs.map(() => []);
  try {
    for (let round = -1; round < rounds; round++) {
      for (const [i, program] of programs.entries()) {
        await program.before?.();
        const run = await runOnce(program, scratch);
        if (round >= 0) runs[i].push(run);
      }
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  return programs.map((program, i) => ({
    name: program.name,
    wallMs: median(runs[i].map((run) => run.wallMs)),
    cpuMs: median(runs[i].map((run) => run.cpuMs)),
    peakMiB: median(runs[i].map((run) => run.peakMiB)),
    ratio: median(runs[i].map((run, round) => run.wallMs / runs[0][round].wallMs)),
  }));
}

export function table(rows) {
  const width = Math.max(...rows.map((row) => row.name.length));
  const head = `  ${"".padEnd(width)}   wall ms    cpu ms  peak MiB   ratio`;
  const lines = rows.map(
    (row) =>
      `  ${row.name.padEnd(width)}${row.wallMs.toFixed(1).padStart(10)}${row.cpuMs.toFixed(0).padStart(10)}` +
      `${row.peakMiB.toFixed(0).padStart(10)}${row.ratio.toFixed(2).padStart(8)}`,
  );
  return [head, ...lines].join("\n");
}
