// Who uses the space of a backup or a data dir: sums over the present keys and over all revisions, for groups of keys. One
// walk over the records, values not read, in memory that does not grow with the number of keys (key-table.ts).
import { setImmediate } from "node:timers/promises";
import { countFreePages } from "../storage/bbolt/free-pages";
import { BboltFile } from "../storage/bbolt/reader";
import { classifyOfflinePath, refuseWhileInUse, type ReadOnlyPath } from "../storage/offline-path";
import {
  keyAt,
  storedKeyAt,
  walkRecords,
  walkStored,
  type VisitRecord,
  type WalkedRecord,
} from "../storage/record-walk";
import { decodeRevision, metaKey, readMeta } from "../storage/schema";
import { verifySnapshotFile } from "../storage/snapshot-file";
import type { Steps } from "../storage/steps";
import { KeyTable, type KeySums } from "./key-table";
import { openOfflineStore, userDataDir, type OfflineOptions } from "./open-store";

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
  /** The number of a key's group, counted from 0. The key is a latin1 text. Called at least once for each key. */
  readonly groupOf: (key: string) => number;
  /** How many of the largest keys to find. */
  readonly top: number;
  readonly signal: AbortSignal;
}

/** Throws as openOfflineStore. */
export async function readUsage(options: UsageOptions): Promise<Usage> {
  const path = options.path ?? userDataDir(options.env);
  const offline = classifyOfflinePath(path);
  const isFile = offline.kind === "snapshot-file" || offline.kind === "db-file";
  return isFile ? usageOfFile(offline, options) : usageOfDir(options);
}

async function usageOfFile(offline: ReadOnlyPath, options: UsageOptions): Promise<Usage> {
  await options.printHints?.(offline.hints);
  const { path, databasePath } = offline;
  refuseWhileInUse(path, databasePath);
  await verifySnapshotFile(databasePath, { signal: options.signal });
  const db = BboltFile.open(databasePath);
  try {
    const { pageCount, pageSize } = db.meta;
    return await sumUp(options, {
      walk: (visit) => walkRecords(db, visit),
      keyAt: (place) => keyAt(db, place),
      sizeBytes: pageCount * pageSize,
      inUseBytes: (pageCount - countFreePages(db)) * pageSize,
      compactRevision: readCompactRevision(db),
    });
  } finally {
    db.close();
  }
}

function readCompactRevision(db: BboltFile): number {
  const stored = readMeta(db, metaKey.finishedCompact);
  return stored === undefined ? 0 : decodeRevision(stored);
}

async function usageOfDir(options: UsageOptions): Promise<Usage> {
  const opened = await openOfflineStore(options, false, options.signal);
  try {
    const { store } = opened.server;
    return await sumUp(options, {
      walk: (visit) => walkStored(store.records(), visit),
      keyAt: (place) => storedKeyAt(store.records(), place),
      sizeBytes: store.sizeBytes,
      inUseBytes: store.sizeInUseBytes,
      compactRevision: store.finishedCompactRevision,
    });
  } finally {
    await opened.close();
  }
}

interface Source {
  walk(visit: VisitRecord): Steps<void>;
  keyAt(place: number): Buffer;
  readonly sizeBytes: number;
  readonly inUseBytes: number;
  readonly compactRevision: number;
}

/** Records between two checks for Ctrl-C. */
const recordsPerTurn = 50_000;

async function sumUp(options: UsageOptions, source: Source): Promise<Usage> {
  const { prefix, signal } = options;
  const table = new KeyTable((record) => options.groupOf(record.keyText));
  const groups: GroupSums[] = [];
  const largest = new Largest<KeySums>(options.top, ({ allSizeBytes }) => allSizeBytes);
  let revision = 0;
  const visit = (record: WalkedRecord): void => {
    revision = record.main;
    if (record.keyEnd > record.keyStart && startsWith(record, prefix)) table.add(record);
  };
  do {
    let records = 0;
    for (const step of source.walk(visit)) {
      records += step;
      if (records < recordsPerTurn) continue;
      records = 0;
      await setImmediate();
      signal.throwIfAborted();
    }
    for (const sums of table.keys()) {
      addTo(groups, sums);
      largest.offer(sums);
    }
  } while (table.next());
  const { sizeBytes, inUseBytes, compactRevision } = source;
  return {
    groups,
    largest: largest.items.map((sums) => ({
      key: source.keyAt(sums.place),
      valueBytes: sums.exists ? sums.valueSizeBytes : undefined,
      revisions: sums.revisions,
      allBytes: sums.allSizeBytes,
    })),
    database: { sizeBytes, inUseBytes, revision, compactRevision },
  };
}

function startsWith({ bytes, keyStart, keyEnd }: WalkedRecord, prefix: Uint8Array): boolean {
  if (keyEnd - keyStart < prefix.length) return false;
  for (let at = 0; at < prefix.length; at++) if (bytes[keyStart + at] !== prefix[at]) return false;
  return true;
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
