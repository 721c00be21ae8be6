// Times whole processes, one run of each program in turn, so that a drift of the machine meets all of them alike.
// Wall, cpu and peak memory are GNU time's; ratios are medians of the ratios round by round, against the first program.
import { spawn } from "node:child_process";
import { mkdtempSync, openSync, closeSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

/** Runs one program to its end; its stdout goes to `stdout` (default /dev/null). Resolves to {wallMs, cpuMs, peakMiB}. */
async function runOnce({ argv, env = {}, stdout = "/dev/null" }, scratch) {
  const report = path.join(scratch, "time");
  const out = openSync(stdout, "w");
  const environment = { ...process.env, ...env };
  // Node reads the file this names at every start, which costs more than the program itself.
  delete environment.NODE_EXTRA_CA_CERTS;
  const start = process.hrtime.bigint();
  const code = await new Promise((resolve, reject) => {
    const child = spawn("/usr/bin/time", ["-f", "%U %S %M", "-o", report, ...argv], {
      env: environment,
      stdio: ["ignore", out, "pipe"],
    });
    let complaint = "";
    child.stderr.on("data", (chunk) => (complaint += chunk));
    child.on("error", reject);
    child.on("close", (status) =>
      status === 0 ? resolve(0) : reject(new Error(`${argv.join(" ")}: ${complaint}`)),
    );
  });
  const wallMs = Number(process.hrtime.bigint() - start) / 1e6;
  closeSync(out);
  const [user, system, peakKiB] = readFileSync(report, "utf8").trim().split(" ").map(Number);
  return { code, wallMs, cpuMs: (user + system) * 1000, peakMiB: peakKiB / 1024 };
}

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
    wallMs: median(runs[i].map((r) => r.wallMs)),
    cpuMs: median(runs[i].map((r) => r.cpuMs)),
    peakMiB: median(runs[i].map((r) => r.peakMiB)),
    ratio: median(runs[i].map((r, round) => r.wallMs / runs[0][round].wallMs)),
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
