// `check perf`: whether a cluster takes a number of small writes a second, for a minute, without keeping one waiting long.
// Ctrl-C ends the minute early: the keys are deleted and the verdict is on what was measured, as in Go.
// Answers to newCheckPerfCommand in etcdctl's check.go.
import type { FlagTable } from "../../cli/flags";
import type { EtcdClient } from "../../client/client";
import { EtcdError, ExitCode, signalExitCodes } from "../../errors";
import { defineCommand, type CommandContext } from "../command";
import type { Load, LoadReport } from "./load-generator";
import {
  afterFlags,
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
    usage: "workload: s(mall), 150 writes a second, m(edium), 1000, l(arge), 8000, or xl (xLarge), 15000",
    values: workloadNames,
  },
  prefix: {
    kind: "string",
    default: "/etcdctl-check-perf/",
    usage: "where the keys of the check are written",
  },
  ...afterFlags,
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
    const refusal = `Delete with 'etcdctl del --prefix ${prefix}' first`;
    await checkPrefixIsEmpty(context, client, prefix, refusal);
    const clients = await clientsOfAll(context, client);
    const puts = { prefix, keyBytes: 256, valueBytes: 1024 };
    const load: Load = { ...workload, durationMs: seconds * 1000 };
    const { report, signal } = await measure(context, clients, puts, load, (done, elapsedMs) => {
      const passed = Math.floor(elapsedMs / 1000);
      return `${bar(elapsedMs / 1000 / seconds)} ${passed} of ${seconds} s, ${done} writes`;
    });
    await cleanUp(context, client, prefix, values["auto-compact"]);
    // Who stops it otherwise does not wait for a verdict.
    if (signal !== undefined && signal !== "SIGINT") return signalExitCodes[signal];
    await defragAll(context, values);
    const { lines, isGood } = verdict(report, workload.perSecond);
    await context.io.stdout.write(`${lines.join("\n")}\n`);
    if (!isGood) await tellOwnLimit(context, report);
    return isGood ? 0 : ExitCode.error;
  },
});

/** A failure to delete is told, and does not change the verdict. */
async function cleanUp(
  context: CommandContext,
  client: EtcdClient,
  prefix: string,
  isCompacting: boolean,
): Promise<void> {
  let revision: bigint;
  try {
    revision = await deleteKeys(context, client, prefix);
  } catch (error) {
    if (!(error instanceof EtcdError) || context.io.interrupt.aborted) throw error;
    await context.io.stdout.write(`FAIL: Cleanup failed during key deletion: ERROR(${error.message})\n`);
    return;
  }
  if (isCompacting) await compact(context, client, revision);
}

const slowestSeconds = 0.5;
const widestDeviationSeconds = 0.1;
const smallestShare = 0.9;

export function verdict(report: LoadReport, wanted: number): { lines: string[]; isGood: boolean } {
  const isFast = report.perSecond / wanted > smallestShare;
  const isPrompt = !(report.slowestSeconds > slowestSeconds);
  const isEven = !(report.deviationSeconds > widestDeviationSeconds);
  const isGood = report.errors.size === 0 && isFast && isPrompt && isEven;
  const rate = `${Math.trunc(report.perSecond) + 1} writes/s`;
  const slowest = `${report.slowestSeconds.toFixed(6)}s`;
  const deviation = `${report.deviationSeconds.toFixed(6)}s`;
  const lines = [
    ...errorLines(report),
    isFast ? `PASS: Throughput is ${rate}` : `FAIL: Throughput too low: ${rate}`,
    isPrompt ? `PASS: Slowest request took ${slowest}` : `Slowest request took too long: ${slowest}`,
    isEven ? `PASS: Stddev is ${deviation}` : `Stddev too high: ${deviation}`,
    isGood ? "PASS" : "FAIL",
  ];
  return { lines, isGood };
}

const busyItself = 0.9;

async function tellOwnLimit({ io }: CommandContext, { busy }: LoadReport): Promise<void> {
  if (busy < busyItself) return;
  const share = `${Math.round(busy * 100)} % of the time`;
  await io.stderr.write(
    `hint: this program itself was busy ${share}: the figures are its own limit, not the cluster's\n`,
  );
}
