// The result of `snapshot save` as metrics of Prometheus, in a file that node_exporter's textfile collector reads. The file is
// replaced as a whole. A failed save keeps the values of the last good one, so that an alert can ask how old the backup is.
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { pid } from "node:process";
import { osErrorReason } from "../../go/os";
import { writeHints } from "../../hints";
import type { Io } from "../../io";
import { replaceFile } from "../../storage/files";

export interface Saved {
  readonly revision: bigint;
  /** Of the file, compressed or not. */
  readonly sizeBytes: number;
}

export interface SaveOutcome {
  readonly target: string;
  readonly startMs: number;
  /** Undefined: the save failed. */
  readonly saved: Saved | undefined;
}

const helps = {
  success: "Whether the last snapshot save succeeded (1) or failed (0).",
  last_run_timestamp_seconds: "When the last snapshot save ended.",
  duration_seconds: "How long the last snapshot save took.",
  last_success_timestamp_seconds: "When the last snapshot save that succeeded ended.",
  size_bytes: "Size of the last backup file.",
  revision: "Revision of the store in the last backup; without --verify the backup may have a later one.",
} as const;

type MetricName = keyof typeof helps;

/** They stay when a save fails. */
const ofLastSuccess = ["last_success_timestamp_seconds", "size_bytes", "revision"] as const;

const anyoneMayRead = 0o644;

export async function writeSaveMetrics(
  path: string,
  { target, startMs, saved }: SaveOutcome,
  io: Io,
): Promise<void> {
  const file = resolve(io.cwd, path);
  const nowMs = io.clock.now();
  const values: Partial<Record<MetricName, string>> = {
    success: saved ? "1" : "0",
    last_run_timestamp_seconds: seconds(nowMs),
    duration_seconds: seconds(nowMs - startMs),
    ...(saved
      ? {
          last_success_timestamp_seconds: seconds(nowMs),
          size_bytes: String(saved.sizeBytes),
          revision: String(saved.revision),
        }
      : await earlierValues(file)),
  };
  const label = `{target="${target.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"}`;
  const lines = (Object.keys(helps) as MetricName[]).flatMap((name) => {
    const value = values[name];
    const full = `etcdctl_snapshot_save_${name}`;
    return value === undefined
      ? []
      : [`# HELP ${full} ${helps[name]}`, `# TYPE ${full} gauge`, `${full}${label} ${value}`];
  });
  await replaceFile(file, [Buffer.from(`${lines.join("\n")}\n`)], {
    temporary: `${file}.${pid}.part`,
    mode: anyoneMayRead,
    beforeRename: () => Promise.resolve(),
  }).catch((cause: unknown) => {
    throw new Error(`cannot write --textfile ${path}: ${osErrorReason((cause as Error).cause ?? cause)}`, {
      cause,
    });
  });
  if (!file.endsWith(".prom")) {
    await writeHints([`node_exporter reads only files whose names end in .prom, not ${path}`], io);
  }
}

function seconds(ms: number): string {
  return String(Math.round(ms) / 1000);
}

async function earlierValues(file: string): Promise<Partial<Record<MetricName, string>>> {
  const text = await readFile(file, "utf8").catch(() => "");
  const found = ofLastSuccess.map((name) => {
    const line = new RegExp(`^etcdctl_snapshot_save_${name}\\{.*\\} ([0-9.]+)$`, "m").exec(text);
    return [name, line?.[1]];
  });
  return Object.fromEntries(found.filter(([, value]) => value !== undefined)) as Partial<
    Record<MetricName, string>
  >;
}
