// What `check perf` and `check datascale` share: the names of the workloads, the flags, the puts themselves and what
// is done with the keys afterwards. Answers to etcdctl's check.go and the helpers it uses in util.go.
import { randomFillSync } from "node:crypto";
import type { FlagTable, FlagValues } from "../../cli/flags";
import type { EtcdClient } from "../../client/client";
import { CliError, EtcdError, ExitCode } from "../../errors";
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

export const afterFlags = {
  "auto-compact": { kind: "bool", default: false, usage: "compact the history afterwards" },
  "auto-defrag": { kind: "bool", default: false, usage: "defragment the endpoints afterwards" },
} as const satisfies FlagTable;

type AfterFlags = FlagValues<typeof afterFlags>;

export function sizeOf(load: string): Size {
  const size = sizes.get(load);
  if (size === undefined) throw new CliError(ExitCode.badFeature, `unknown load option ${load}`);
  return size;
}

export interface Puts {
  readonly prefix: string;
  readonly keyBytes: number;
  readonly valueBytes: number;
}

export function rangeOf(prefix: string) {
  return keyRange([prefix], { prefix: true, "from-key": false });
}

/** `refusal`: the two commands word it differently. */
export async function checkPrefixIsEmpty(
  context: CommandContext,
  client: EtcdClient,
  prefix: string,
  refusal: string,
): Promise<void> {
  const request = RangeRequest.create({ ...rangeOf(prefix), limit: 1n });
  const { kvs } = await client.kv.range(request, context.call());
  if (kvs.length > 0)
    throw new CliError(ExitCode.invalidInput, `prefix ${quote(prefix)} has keys. ${refusal}`);
}

/** A client for each endpoint that answers, so that all of them get their share. */
export async function clientsOfAll(context: CommandContext, fallback: EtcdClient): Promise<EtcdClient[]> {
  const endpoints = await context.endpoints();
  if (endpoints.length === 1) return [fallback];
  const request = RangeRequest.create({ key: Buffer.from("health") });
  const answers = await Promise.allSettled(
    endpoints.map(async (endpoint) => {
      const client = await context.clientOf(endpoint);
      await client.kv.range(request, context.call()).catch((error: unknown) => {
        if (!(error instanceof EtcdError) || error.desc !== "etcdserver: permission denied") throw error;
      });
      return client;
    }),
  );
  const clients = answers.flatMap((answer) => (answer.status === "fulfilled" ? [answer.value] : []));
  return clients.length > 0 ? clients : [fallback];
}

export interface Measured {
  readonly report: LoadReport;
  /** What ended the load before its time. */
  readonly signal: Signal | undefined;
}

/** Puts random keys under the prefix. A signal ends the load, not the program: the keys are still to be deleted. */
export async function measure(
  context: CommandContext,
  clients: readonly EtcdClient[],
  puts: Puts,
  load: Load,
  show: (doneCalls: number, elapsedMs: number) => string,
): Promise<Measured> {
  const { io } = context;
  const stopped = new AbortController();
  let signal: Signal | undefined;
  const giveBack = io.takeSignals((received) => {
    signal ??= received;
    stopped.abort();
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
    const report = await runLoad(put, load, { clock: io.clock, signal: stopped.signal, onProgress });
    return { report, signal };
  } finally {
    progress.stop();
    giveBack();
  }
}

const randomBytes = 8;

/** Keys of which the first bytes behind the prefix are random; those for many keys are asked for at once. */
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

const afterwardsMs = 30_000;

function afterwards(io: Io): CallOptions {
  return { signal: io.interrupt, deadlineAt: io.clock.now() + afterwardsMs };
}

/** The revision of the deletion. */
export async function deleteKeys(
  context: CommandContext,
  client: EtcdClient,
  prefix: string,
): Promise<bigint> {
  const request = DeleteRangeRequest.create(rangeOf(prefix));
  const { header } = await client.kv.deleteRange(request, afterwards(context.io));
  return header?.revision ?? 0n;
}

export async function compact(context: CommandContext, client: EtcdClient, revision: bigint): Promise<void> {
  const { io } = context;
  await io.stdout.write(`Compacting with revision ${revision}\n`);
  await client.kv.compact(CompactionRequest.create({ revision, physical: true }), afterwards(io));
  await io.stdout.write(`Compacted with revision ${revision}\n`);
}

export async function defragAll(context: CommandContext, flags: AfterFlags): Promise<void> {
  if (!flags["auto-defrag"]) return;
  const { io } = context;
  for (const endpoint of await context.endpoints()) {
    await io.stdout.write(`Defragmenting ${quote(endpoint)}\n`);
    const client = await context.clientOf(endpoint);
    await client.maintenance.defragment({}, afterwards(io));
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
