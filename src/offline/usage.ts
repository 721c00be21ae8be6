// Who uses the space of a backup or a data dir: sums over the present keys and over all revisions, for groups of keys. One
// walk over the records, values not read, in memory that does not grow with the number of keys (key-table.ts).
import { recordHead } from "../server/mvcc/record-head";
import type { WalkedRecord } from "../storage/record-walk";
import { KeyTable, type KeySums } from "./key-table";
import type { OfflineOptions } from "./open-store";
import { besideHashes, openRecordFile, type RecordFile } from "./record-file";
import { inTurns } from "./turns";

/** The key of a record: `bytes` from `keyStart` to `keyEnd`. */
export type UsageRecord = Pick<WalkedRecord, "bytes" | "keyStart" | "keyEnd" | "keyText">;

export interface GroupSums {
  keys: number;
  /** Of the present values. */
  valueBytes: number;
  revisions: number;
  /** Of all revisions, with their keys and numbers. */
  allBytes: number;
}

export interface KeySize {
  readonly key: Buffer;
  /** Undefined: the key is deleted. */
  readonly valueBytes: number | undefined;
  readonly revisions: number;
  readonly allBytes: number;
}

export interface DatabaseSize {
  readonly sizeBytes: number;
  readonly inUseBytes: number;
  readonly revision: number;
  readonly compactRevision: number;
}

export interface Usage {
  /** By the numbers that `groupOf` returned. */
  readonly groups: readonly GroupSums[];
  /** The keys whose revisions take most, most first. */
  readonly largest: readonly KeySize[];
  readonly database: DatabaseSize;
}

export interface UsageOptions extends OfflineOptions {
  /** Only keys that begin with it. */
  readonly prefix: Uint8Array;
  /** The number of the group of a record's key, counted from 0. Called at least once for each key. */
  readonly groupOf: (record: UsageRecord) => number;
  /** How many of the largest keys to find. */
  readonly top: number;
  readonly signal: AbortSignal;
}

/** Throws as openOfflineStore. */
export async function readUsage(options: UsageOptions): Promise<Usage> {
  const file = await openRecordFile(options, options.signal);
  try {
    return await besideHashes([file], () => sumUp(options, file));
  } finally {
    await file.close();
  }
}

async function sumUp(options: UsageOptions, file: RecordFile): Promise<Usage> {
  const { prefix, signal } = options;
  const { records, sizeBytes, compactRevision } = file;
  const table = new KeyTable(options.groupOf);
  const groups: GroupSums[] = [];
  const largest = new Largest<KeySums>(options.top, ({ allSizeBytes }) => allSizeBytes);
  let revision = 0;
  const visit = (record: WalkedRecord): void => {
    revision = record.main;
    if (record.isBelow(prefix)) table.add(record);
  };
  do {
    await inTurns(records.walk(visit), signal);
    for (const sums of table.keys()) {
      addTo(groups, sums);
      largest.offer(sums);
    }
  } while (table.next());
  return {
    groups,
    largest: largest.items.map((sums) => ({
      key: Buffer.from(recordHead(records.read(sums.place, sums.encodedSizeBytes)).key),
      valueBytes: sums.exists ? sums.valueSizeBytes : undefined,
      revisions: sums.revisions,
      allBytes: sums.allSizeBytes,
    })),
    database: { sizeBytes, inUseBytes: file.inUseBytes(), revision, compactRevision },
  };
}

function addTo(
  groups: GroupSums[],
  { group, exists, valueSizeBytes, revisions, allSizeBytes }: KeySums,
): void {
  const sums = (groups[group] ??= { keys: 0, valueBytes: 0, revisions: 0, allBytes: 0 });
  if (exists) sums.keys++;
  sums.valueBytes += valueSizeBytes;
  sums.revisions += revisions;
  sums.allBytes += allSizeBytes;
}

/** The items of the largest sizes, largest first. */
export class Largest<T> {
  readonly items: T[] = [];

  constructor(
    private readonly count: number,
    private readonly sizeOf: (item: T) => number,
  ) {}

  takes(size: number): boolean {
    const last = this.items.at(-1);
    return this.items.length < this.count || (last !== undefined && this.sizeOf(last) < size);
  }

  offer(item: T): void {
    const { items, count, sizeOf } = this;
    if (!this.takes(sizeOf(item))) return;
    let at = items.length;
    while (at > 0 && sizeOf(items[at - 1] as T) < sizeOf(item)) at--;
    items.splice(at, 0, item);
    items.length = Math.min(items.length, count);
  }
}
