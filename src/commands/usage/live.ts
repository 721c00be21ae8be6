// Usage of a live cluster, read in pages at one revision. A server sends the size of a value only with the value, and
// nothing about the space of old revisions.
import type { EtcdClient } from "../../client/client";
import { readRange } from "../../client/range";
import { EtcdError } from "../../errors";
import { Largest, type GroupSums, type KeySize } from "../../offline/usage";
import { RangeRequest } from "../../proto/gen/etcdserverpb";
import { keyRange } from "../arguments";
import { rangeReading, type CommandContext } from "../command";

/** What `usage` prints. Without a database its size is not known, for example because the user may not ask for it. */
export interface UsageReport {
  readonly groups: readonly GroupSums[];
  readonly largest: readonly KeySize[];
  /** False: `revisions` counts the keys, and `allBytes` the present revision only. */
  readonly knowsHistory: boolean;
  readonly database:
    | {
        readonly sizeBytes: bigint;
        readonly inUseBytes: bigint;
        readonly revision: bigint;
        readonly compactRevision: bigint | undefined;
      }
    | undefined;
}

export interface LiveUsageOptions {
  readonly prefix: string;
  readonly groupOf: (key: string) => number;
  readonly top: number;
}

export async function readLiveUsage(
  context: CommandContext,
  { prefix, groupOf, top }: LiveUsageOptions,
): Promise<UsageReport> {
  const { client } = await context.connect();
  const range = keyRange([prefix], { prefix: true, "from-key": false });
  const groups: GroupSums[] = [];
  const largest = new Largest<KeySize>(top, ({ valueBytes }) => valueBytes ?? 0);
  for await (const { kvs } of readRange(RangeRequest.create({ ...range }), rangeReading(context, client))) {
    for (const { key, value } of kvs) {
      const sums = (groups[groupOf(latin1(key))] ??= { keys: 0, valueBytes: 0, revisions: 0, allBytes: 0 });
      const allBytes = key.length + value.length;
      sums.keys++;
      sums.revisions++;
      sums.valueBytes += value.length;
      sums.allBytes += allBytes;
      if (largest.takes(value.length)) {
        largest.offer({ key: Buffer.from(key), valueBytes: value.length, revisions: 1, allBytes });
      }
    }
  }
  const database = await databaseSize(context, client);
  return { groups, largest: largest.items, knowsHistory: false, database };
}

async function databaseSize(context: CommandContext, client: EtcdClient): Promise<UsageReport["database"]> {
  try {
    const status = await client.maintenance.status({}, context.call());
    return {
      sizeBytes: status.dbSize,
      inUseBytes: status.dbSizeInUse,
      revision: status.header?.revision ?? 0n,
      compactRevision: undefined,
    };
  } catch (error) {
    if (error instanceof EtcdError) return undefined;
    throw error;
  }
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
}
