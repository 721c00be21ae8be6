// What `check perf` and `check datascale` share: names of workloads, flags, the writes, and the clean-up afterwards.
// Go: etcdctl/ctlv3/command/check.go and util.go.
import { randomFillSync } from "node:crypto";
import type { FlagTable, FlagValues } from "../../input/flags";
import type { EtcdClient } from "../../client/client";
import { CliError, ExitCode } from "../../errors";
import { quote } from "../../go/quote";
import { rawBytes } from "../../go/raw-text";
import type { Io, Signal } from "../../io";
import {
  CompactionRequest,
  DeleteRangeRequest,
  PutRequest,
  RangeRequest,
} from "../../proto/gen/etcdserverpb";
import type { CallOptions } from "../../transport/transport";
import { keyRange } from "../arguments";
import type { CommandContext } from "../command";
import { readFailure } from "../endpoint";
import { runLoad, type Load, type LoadReport } from "./load-generator";

export const workloadNames = ["small", "medium", "large", "xLarge"] as const;
export type Size = "s" | "m" | "l" | "xl";

const sizes: ReadonlyMap<string, Size> = new Map([
  ...(["s", "m", "l", "xl"] as const).map((size) => [size, size] as const),
  ...([
    ["small", "s"],
    ["medium", "m"],
    ["large", "l"],
    ["xLarge", "xl"],
  ] as const),
]);

export const cleanUpFlags = {
  "auto-compact": { kind: "bool", default: false, usage: "compact the history after the check" },
  "auto-defrag": { kind: "bool", default: false, usage: "defragment the endpoints after the check" },
} as const satisfies FlagTable;

type CleanUpFlags = FlagValues<typeof cleanUpFlags>;

export function sizeOf(load: string): Size {
  const size = sizes.get(load);
  if (size === undefined)
    throw new CliError(ExitCode.badFeature, `unknown load option ${load}`, {
      hints: ["choose s, m, l or xl"],
    });
  return size;
}

export interface Puts {
  readonly prefix: string;
  readonly keyBytes: number;
  readonly valueBytes: number;
}

function rangeOf(prefix: string) {
  return keyRange([prefix], { prefix: true, "from-key": false });
}

/** `hint` is the last sentence of Go's error; it differs between the two commands. */
export async function checkPrefixIsEmpty(
  context: CommandContext,
  client: EtcdClient,
  prefix: string,
  hint: string,
): Promise<void> {
  const request = RangeRequest.create({ ...rangeOf(prefix), limit: 1n });
  const { kvs } = await client.kv.range(request, context.call());
  if (kvs.length > 0) throw new CliError(ExitCode.invalidInput, `prefix ${quote(prefix)} has keys. ${hint}`);
}

/** One client for each reachable endpoint, so that the load is spread over all of them. */
export async function clientsOfAll(context: CommandContext, fallback: EtcdClient): Promise<EtcdClient[]> {
  const endpoints = await context.endpoints();
  if (endpoints.length === 1) return [fallback];
  const results = await Promise.allSettled(
    endpoints.map(async (endpoint) => {
      const client = await context.clientOf(endpoint);
      const failure = await readFailure(client, context.call());
      if (failure) throw failure;
      return client;
    }),
  );
  const clients = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  return clients.length > 0 ? clients : [fallback];
}

export interface Measured {
  readonly report: LoadReport;
  /** The signal that ended the load early. */
  readonly signal: Signal | undefined;
}

/** Writes random keys under the prefix. A signal ends the load but not the program, so that the keys are deleted. */
export async function measure(
  context: CommandContext,
  clients: readonly EtcdClient[],
  puts: Puts,
  load: Load,
  show: (doneCalls: number, elapsedMs: number) => string,
): Promise<Measured> {
  const { io } = context;
  const interrupted = new AbortController();
  let signal: Signal | undefined;
  const restoreSignals = io.takeSignals((received) => {
    signal ??= received;
    interrupted.abort();
  });
  const progress = io.progress();
  let turn = 0;
  const nextKey = keyMaker(puts);
  const value = new Uint8Array(puts.valueBytes);
  const put = () => {
    const client = clients[turn++ % clients.length] as EtcdClient;
    const { deadlineAt } = context.call();
    return client.kv.put(PutRequest.create({ key: nextKey(), value }), { deadlineAt });
  };
  try {
    const onProgress = (done: number, elapsedMs: number) => progress.update(show(done, elapsedMs));
    const report = await runLoad(put, load, { clock: io.clock, signal: interrupted.signal, onProgress });
    return { report, signal };
  } finally {
    progress.stop();
    restoreSignals();
  }
}

const randomBytes = 8;

/** After the prefix, the first bytes of a key are random. Generates the random bytes for many keys at once, which is faster. */
function keyMaker({ prefix, keyBytes }: Puts): () => Uint8Array {
  const pool = Buffer.alloc(randomBytes * 4096);
  const prefixBytes = rawBytes(prefix);
  let used = pool.length;
  return () => {
    if (used === pool.length) {
      randomFillSync(pool);
      used = 0;
    }
    const key = Buffer.alloc(prefixBytes.length + keyBytes);
    prefixBytes.copy(key);
    pool.copy(key, prefixBytes.length, used, (used += randomBytes));
    return key;
  };
}

const cleanUpTimeoutMs = 30_000;

function cleanUpCall(io: Io): CallOptions {
  return { signal: io.interrupt, deadlineAt: io.clock.now() + cleanUpTimeoutMs };
}

/** Returns the revision of the deletion. */
export async function deleteKeys(
  context: CommandContext,
  client: EtcdClient,
  prefix: string,
): Promise<bigint> {
  const request = DeleteRangeRequest.create(rangeOf(prefix));
  const { header } = await client.kv.deleteRange(request, cleanUpCall(context.io));
  return header?.revision ?? 0n;
}

export async function compact(context: CommandContext, client: EtcdClient, revision: bigint): Promise<void> {
  const { io } = context;
  await io.stdout.write(`Compacting with revision ${revision}\n`);
  await client.kv.compact(CompactionRequest.create({ revision, physical: true }), cleanUpCall(io));
  await io.stdout.write(`Compacted with revision ${revision}\n`);
}

export async function defragAll(context: CommandContext, flags: CleanUpFlags): Promise<void> {
  if (!flags["auto-defrag"]) return;
  const { io } = context;
  for (const endpoint of await context.endpoints()) {
    await io.stdout.write(`Defragmenting ${quote(endpoint)}\n`);
    const client = await context.clientOf(endpoint);
    await client.maintenance.defragment({}, cleanUpCall(io));
    await io.stdout.write(`Defragmented ${quote(endpoint)}\n`);
  }
}

export function errorLines({ errors }: LoadReport): string[] {
  if (errors.size === 0) return [];
  return ["FAIL: too many errors", ...[...errors].map(([text, count]) => `FAIL: ERROR(${text}) -> ${count}`)];
}

const barCells = 30;

export function bar(part: number): string {
  const full = Math.min(barCells, Math.floor(part * barCells));
  return `[${"#".repeat(full)}${".".repeat(barCells - full)}]`;
}
