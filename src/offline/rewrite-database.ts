// A db file written anew from another one, page by page and in flat memory, with a few entries changed on the way: what
// restoring, defragmenting and migrating have in common. Every page of the source is checked as it is read.
// Answers to defragdb in etcd's backend.go; where etcd edits the file in place we write a new one.
import type { Io } from "../io";
import type { BboltFile, Bucket } from "../storage/bbolt/reader";
import type { LeafEntry } from "../storage/bbolt/tree-builder";
import type { BboltImage, BucketSource } from "../storage/bbolt/writer";
import { bboltImage } from "../storage/bbolt/writer";
import { replaceDatabase } from "../storage/write-file";
import { checkExists, memberDatabase, openDatabase, waitUntilUnlocked } from "./database-file";

export interface BucketEdit {
  /** Nothing that was there stays. */
  readonly clear?: boolean;
  readonly remove?: readonly Buffer[];
  /** Replaces the entry of the same key, or adds one; in rising order. */
  readonly set?: readonly (readonly [key: Buffer, value: Buffer])[];
}

/** By bucket; one that the file does not have is made. */
export type DatabaseEdits = ReadonlyMap<string, BucketEdit>;

/** The source must stay open until the last chunk is taken. */
export function rewriteDatabase(source: BboltFile, edits: DatabaseEdits = new Map()): BboltImage {
  const kept = [...source.buckets()].map((bucket) => edited(source, bucket, edits.get(nameOf(bucket))));
  const there = new Set(kept.map(nameOf));
  const made = [...edits]
    .filter(([name]) => !there.has(name))
    .map(([name, edit]) => ({ name: Buffer.from(name), entries: () => merged([], edit) }));
  const buckets = [...kept, ...made].sort((a, b) => Buffer.compare(a.name, b.name));
  return bboltImage(buckets, source.meta.pageSize);
}

function nameOf({ name }: { readonly name: Uint8Array }): string {
  return Buffer.from(name).toString();
}

function edited(source: BboltFile, bucket: Bucket, edit: BucketEdit = {}): BucketSource {
  return { name: bucket.name, entries: () => merged(entriesOf(source, bucket), edit) };
}

function* entriesOf(source: BboltFile, bucket: Bucket): Generator<LeafEntry> {
  for (const { key, valueOffset, valueSizeBytes } of source.entries(bucket)) {
    yield { key, valueSizeBytes, value: () => source.file.read(valueOffset, valueSizeBytes) };
  }
}

function* merged(
  entries: Iterable<LeafEntry>,
  { clear, remove, set = [] }: BucketEdit,
): Generator<LeafEntry> {
  const added = set.map(([key, value]) => ({ key, valueSizeBytes: value.length, value: () => value }));
  let next = added.shift();
  for (const entry of clear ? [] : entries) {
    while (next !== undefined && Buffer.compare(next.key, entry.key) < 0) {
      yield next;
      next = added.shift();
    }
    const isReplaced = next !== undefined && Buffer.compare(next.key, entry.key) === 0;
    const isRemoved = remove?.some((key) => Buffer.compare(key, entry.key) === 0);
    if (!isReplaced && !isRemoved) yield entry;
  }
  while (next !== undefined) {
    yield next;
    next = added.shift();
  }
}

// The db file of a stopped member without the room that deleted keys left in it: written anew beside the old one, which
// it replaces when it is on the disk. Answers to etcdutl's defrag_command.go and Defrag in etcd's backend.go.

export async function defragment(dataDir: string, timeoutMs: number, io: Io): Promise<void> {
  const file = memberDatabase(dataDir, io);
  checkExists(file);
  await waitUntilUnlocked(file, { timeoutMs, io });
  const db = openDatabase(file);
  try {
    await replaceDatabase(file.path, rewriteDatabase(db), io.interrupt);
  } finally {
    db.close();
  }
}
