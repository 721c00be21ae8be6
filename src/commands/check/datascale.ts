// `check datascale` writes many keys and prints how much more memory the server of the first endpoint uses. It always deletes the
// keys afterwards, also after Ctrl-C. Go: newCheckDatascaleCommand in etcdctl/ctlv3/command/check.go.
import type { FlagTable } from "../../input/flags";
import { ExitCode, signalExitCodes } from "../../errors";
import { defineCommand, type CommandContext } from "../command";
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
    usage:
      "workload: s (small, 10,000 keys), m (medium, 100,000), l (large, 1 million), xl (xLarge, 3 million)",
    values: workloadNames,
  },
  prefix: {
    kind: "string",
    default: "/etcdctl-check-datascale/",
    usage: "prefix of the keys that the check writes",
  },
  ...cleanUpFlags,
} as const satisfies FlagTable;

const workloads: Readonly<Record<Size, { readonly calls: number; readonly workers: number }>> = {
  s: { calls: 10_000, workers: 50 },
  m: { calls: 100_000, workers: 200 },
  l: { calls: 1_000_000, workers: 500 },
  xl: { calls: 3_000_000, workers: 1000 },
};
const keyBytes = 512;
const valueBytes = 512;

export const command = defineCommand({
  flags,
  async run(context, _args, values) {
    const workload = workloads[sizeOf(values.load)];
    const { calls, workers } = workload;
    const { prefix } = values;
    const { stdout } = context.io;
    const { client } = await context.connect();
    await checkPrefixIsEmpty(context, client, prefix, `Delete with etcdctl del --prefix ${prefix} first`);
    const before = await residentBytes(context);
    if (before === 0) {
      await stdout.write("FAIL: Could not read process_resident_memory_bytes before the put operations.\n");
      return ExitCode.error;
    }
    const pair = `${calls} key-value pairs, ${keyBytes + valueBytes} bytes per key-value`;
    await stdout.write(`Start data scale check for work load [${pair}, ${workers} concurrent clients].\n`);
    const clients = await clientsOfAll(context, client);
    const puts = { prefix, keyBytes, valueBytes };
    const { report, signal } = await measure(context, clients, puts, workload, (done) => {
      return `${bar(done / calls)} ${done} of ${calls} keys`;
    });
    const after = await residentBytes(context);
    const revision = await deleteKeys(context, client, prefix);
    if (signal !== undefined) return signalExitCodes[signal];
    if (after === 0) {
      await stdout.write("FAIL: Could not read process_resident_memory_bytes after the put operations.\n");
      return ExitCode.error;
    }
    if (values["auto-compact"]) await compact(context, client, revision);
    await defragAll(context, values);
    const failures = errorLines(report);
    const used = ((after - before) / (1024 * 1024)).toFixed(2);
    const lines = failures.length > 0 ? failures : [`PASS: Approximate system memory used : ${used} MB.`];
    await stdout.write(`${lines.join("\n")}\n`);
    return failures.length > 0 ? ExitCode.error : 0;
  },
});

const metric = "process_resident_memory_bytes";

/** 0 if it cannot be read; then the reason is printed, as in Go. */
async function residentBytes(context: CommandContext): Promise<number> {
  const [endpoint = ""] = await context.endpoints();
  const { stdout } = context.io;
  let text: string;
  try {
    text = (await context.httpGet(endpoint, "/metrics")).body;
  } catch (error) {
    await stdout.write(`fetch error: ${(error as Error).message}\n`);
    return 0;
  }
  const line = text.split("\n").find((each) => each.startsWith(metric));
  const value = Number(line?.slice(metric.length).trim() || NaN);
  if (Number.isNaN(value)) await stdout.write(`could not find: ${metric}\n`);
  return value || 0;
}
