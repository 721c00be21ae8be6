// `check perf` writes small values at a fixed rate for a minute, then checks the throughput and the latency. Ctrl-C ends the minute
// early: the keys are deleted and the result is for the writes so far, as in Go.
// Go: newCheckPerfCommand in etcdctl/ctlv3/command/check.go.
import type { FlagTable } from "../../input/flags";
import type { EtcdClient } from "../../client/client";
import { EtcdError, ExitCode, signalExitCodes } from "../../errors";
import { writeHints } from "../../hints";
import { defineCommand, type CommandContext } from "../command";
import type { Load, LoadReport } from "./load-generator";
import {
  cleanUpFlags,
  bar,
  clientsOfAll,
  compact,
  defragAll,
  deleteKeys,
  errorLines,
  measure,
  checkPrefixIsEmpty,
  sizeOf,
  workloadNames,
  type Size,
} from "./workload";

const flags = {
  load: {
    kind: "string",
    default: "s",
    usage: "workload: s (small, 150 writes/s), m (medium, 1,000), l (large, 8,000), xl (xLarge, 15,000)",
    values: workloadNames,
  },
  prefix: {
    kind: "string",
    default: "/etcdctl-check-perf/",
    usage: "prefix of the keys that the check writes",
  },
  ...cleanUpFlags,
} as const satisfies FlagTable;

const seconds = 60;
const workloads: Readonly<Record<Size, { readonly perSecond: number; readonly workers: number }>> = {
  s: { perSecond: 150, workers: 50 },
  m: { perSecond: 1000, workers: 200 },
  l: { perSecond: 8000, workers: 500 },
  xl: { perSecond: 15000, workers: 1000 },
};

export const command = defineCommand({
  flags,
  async run(context, _args, values) {
    const workload = workloads[sizeOf(values.load)];
    const { prefix } = values;
    const { client } = await context.connect();
    const hint = `Delete with 'etcdctl del --prefix ${prefix}' first`;
    await checkPrefixIsEmpty(context, client, prefix, hint);
    const clients = await clientsOfAll(context, client);
    const puts = { prefix, keyBytes: 256, valueBytes: 1024 };
    const load: Load = { ...workload, durationMs: seconds * 1000 };
    const { report, signal } = await measure(context, clients, puts, load, (done, elapsedMs) => {
      const elapsedSeconds = Math.floor(elapsedMs / 1000);
      return `${bar(elapsedMs / 1000 / seconds)} ${elapsedSeconds} of ${seconds} s, ${done} writes`;
    });
    await cleanUp(context, client, prefix, values["auto-compact"]);
    // After SIGTERM or SIGHUP, there is no time for the result.
    if (signal !== undefined && signal !== "SIGINT") return signalExitCodes[signal];
    await defragAll(context, values);
    const { lines, passed } = verdict(report, workload.perSecond);
    await context.io.stdout.write(`${lines.join("\n")}\n`);
    if (!passed) await hintAtClientLimit(context, report);
    return passed ? 0 : ExitCode.error;
  },
});

/** A failure to delete the keys is printed, but does not change the result. */
async function cleanUp(
  context: CommandContext,
  client: EtcdClient,
  prefix: string,
  shouldCompact: boolean,
): Promise<void> {
  let revision: bigint;
  try {
    revision = await deleteKeys(context, client, prefix);
  } catch (error) {
    if (!(error instanceof EtcdError) || context.io.interrupt.aborted) throw error;
    await context.io.stdout.write(`FAIL: Cleanup failed during key deletion: ERROR(${error.message})\n`);
    return;
  }
  if (shouldCompact) await compact(context, client, revision);
}

const maxLatencySeconds = 0.5;
const maxDeviationSeconds = 0.1;
const minThroughputShare = 0.9;

export function verdict(report: LoadReport, targetPerSecond: number): { lines: string[]; passed: boolean } {
  const isFast = report.perSecond / targetPerSecond > minThroughputShare;
  const isPrompt = !(report.slowestSeconds > maxLatencySeconds);
  const isEven = !(report.deviationSeconds > maxDeviationSeconds);
  const passed = report.errors.size === 0 && isFast && isPrompt && isEven;
  const rate = `${Math.trunc(report.perSecond) + 1} writes/s`;
  const slowest = `${report.slowestSeconds.toFixed(6)}s`;
  const deviation = `${report.deviationSeconds.toFixed(6)}s`;
  const lines = [
    ...errorLines(report),
    isFast ? `PASS: Throughput is ${rate}` : `FAIL: Throughput too low: ${rate}`,
    isPrompt ? `PASS: Slowest request took ${slowest}` : `Slowest request took too long: ${slowest}`,
    isEven ? `PASS: Stddev is ${deviation}` : `Stddev too high: ${deviation}`,
    passed ? "PASS" : "FAIL",
  ];
  return { lines, passed };
}

const busyShare = 0.9;

async function hintAtClientLimit({ io }: CommandContext, { busy }: LoadReport): Promise<void> {
  if (busy < busyShare) return;
  const share = `${Math.round(busy * 100)} % of the time`;
  await writeHints(
    [`etcdctl was busy ${share}: the figures show its limit, not the limit of the cluster`],
    io,
  );
}
