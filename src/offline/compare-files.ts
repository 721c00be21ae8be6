// `diff` of two backups or data dirs: the keys that differ, in their order, in memory that grows neither with the number of keys
// nor with that of the differences. And all keys of one file in their order, to be compared with a cluster.
import { keyAtStart, recordHead } from "../server/mvcc/record-head";
import { KeyValue } from "../proto/gen/mvccpb";
import { decode } from "../proto/message";
import type { RecordWalk, WalkedRecord } from "../storage/record-walk";
import { DifferenceSorter } from "./difference-sorter";
import { DifferenceTable, type DifferentKey, type RecordPlace } from "./difference-table";
import { besideHashes, type RecordFile } from "./record-file";
import { inTurns, Turns } from "./turns";

/** A key of one file or of both. */
export type Difference =
  | { readonly a: KeyValue; readonly b: KeyValue }
  | { readonly a: KeyValue; readonly b: undefined }
  | { readonly a: undefined; readonly b: KeyValue };

export interface CompareOptions {
  /** Only keys that begin with it. */
  readonly prefix: Uint8Array;
  readonly signal: AbortSignal;
}

type ComparedFile = Pick<RecordFile, "records" | "others" | "hashed">;

const keysPerBatch = 256;
const differencesPerTurn = 10_000;
const batchBytes = 1024 * 1024;
/** Of a large record, only its beginning is read for the key. */
const headBytes = 1024;

/** In the order of the keys. */
export async function* compareFiles(
  a: ComparedFile,
  b: ComparedFile,
  options: CompareOptions,
): AsyncGenerator<Difference[]> {
  const sorter = new DifferenceSorter();
  try {
    await findDifferences(a, b, options, (found) => sorter.add({ ...found, key: keyOf(found, a, b) }));
    let batch: Difference[] = [];
    let sizeBytes = 0;
    for (const found of sorter.sorted()) {
      batch.push({ a: readRecord(a.others, found.a), b: readRecord(b.others, found.b) } as Difference);
      sizeBytes += (found.a?.sizeBytes ?? 0) + (found.b?.sizeBytes ?? 0);
      if (batch.length < keysPerBatch && sizeBytes < batchBytes) continue;
      yield batch;
      options.signal.throwIfAborted();
      [batch, sizeBytes] = [[], 0];
    }
    if (batch.length > 0) yield batch;
  } finally {
    sorter.close();
  }
}

/** All keys of the file, in their order. */
export async function* keysInOrder(
  file: RecordFile,
  options: CompareOptions,
): AsyncGenerator<{ readonly kvs: readonly KeyValue[] }> {
  for await (const batch of compareFiles(file, nothing, options)) {
    yield { kvs: batch.map(({ a, b }) => a ?? b) };
  }
}

const noRecords: RecordWalk = {
  *walk() {
    // There are none.
  },
  read: () => Buffer.alloc(0),
  holds: () => false,
};
const nothing: ComparedFile = { records: noRecords, others: noRecords, hashed: Promise.resolve() };

/** Calls `found` for each difference, in no order. If it throws, what was found does not count. */
export async function findDifferences(
  a: ComparedFile,
  b: ComparedFile,
  { prefix, signal }: CompareOptions,
  found: (key: DifferentKey) => void,
): Promise<void> {
  const table = new DifferenceTable();
  const turns = new Turns(signal, differencesPerTurn);
  const walk = (records: RecordWalk, visit: (record: WalkedRecord) => void) => {
    const visitBelow = (record: WalkedRecord): void => {
      if (record.isBelow(prefix)) visit(record);
    };
    return inTurns(records.walk(visitBelow), signal);
  };
  await besideHashes([a, b], async () => {
    do {
      await walk(a.records, (record) => table.addOfA(record));
      await walk(b.records, (record) => table.addOfB(record, a.others, b.others));
      for (const key of table.differences()) {
        found(key);
        if (turns.isOver()) await turns.next();
      }
    } while (table.next());
  });
}

function keyOf(found: DifferentKey, a: ComparedFile, b: ComparedFile): Buffer {
  const [{ others }, place] = found.a === undefined ? [b, found.b] : [a, found.a];
  const { place: at, sizeBytes } = place as RecordPlace;
  const key = keyAtStart(others.read(at, Math.min(sizeBytes, headBytes)));
  return Buffer.from(key ?? recordHead(others.read(at, sizeBytes)).key);
}

function readRecord(records: RecordWalk, place: RecordPlace | undefined): KeyValue | undefined {
  return place === undefined
    ? undefined
    : decode(KeyValue, Buffer.from(records.read(place.place, place.sizeBytes)));
}
