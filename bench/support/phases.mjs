// The phases of a short command: how long each takes.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { median } from "simple-statistics";

const preload = path.join(path.dirname(fileURLToPath(import.meta.url)), "report-phases.cjs");

/** A line for each phase: the median of its milliseconds. */
export function reportPhases([program, ...words], rounds) {
  const dir = mkdtempSync(path.join(os.tmpdir(), "bench-phases-"));
  const file = path.join(dir, "phases.json");
  const env = { ...process.env, PHASES_REPORT: file };
  const lengths = new Map();
  for (let round = 0; round < rounds; round++) {
    execFileSync(program, ["--require", preload, ...words], { env, stdio: "ignore" });
    let last = 0;
    for (const [phase, end] of Object.entries(JSON.parse(readFileSync(file, "utf8")))) {
      lengths.set(phase, [...(lengths.get(phase) ?? []), end - last]);
      last = end;
    }
  }
  rmSync(dir, { recursive: true });
  return [...lengths].map(([phase, all]) => `${median(all).toFixed(1).padStart(8)} ms  ${phase}`).join("\n");
}
