// A db file with a few entries changed. Defrag, migrate and some restores write a new file from the old one, page by page and in
// flat memory; the reader then checks every page of the source. A restore of a verified file writes only new pages.
// Go: server/storage/backend/backend.go (defragdb)
import type { Stats } from "node:fs";
import { stat } from "node:fs/promises";
import { pid } from "node:process";
import { CliError, ExitCode } from "../errors";
import { formatDuration, humanizeBytes } from "../go/units";
import type { ZapFields } from "../go/zap";
import type { Io } from "../io";
import type { BboltFile, Bucket } from "../storage/bbolt/reader";
import type { LeafEntry } from "../storage/bbolt/tree-builder";
import type { BboltImage, BucketSource, KeptBucket } from "../storage/bbolt/writer";
import { bboltAppend, bboltImage } from "../storage/bbolt/writer";
import { countFreePages } from "../storage/bbolt/free-pages";
import { replaceFile, withPath, type FileChange } from "../storage/files";
import { lockHolder } from "../storage/file-lock";
import type { FilePath } from "./database-file";
import { checkExists, log, memberDatabase, openDatabase, waitUntilUnlocked } from "./database-file";

export interface BucketEdit {
  /** Drops all entries of the source. */
  readonly clear?: boolean;
  /** Keys to drop. */
  readonly remove?: readonly Buffer[];
  /** Entries to add, or to put in place of those with the same key. In rising order of keys. */
  readonly set?: readonly (readonly [key: Buffer, value: Buffer])[];
}

/** Edits by bucket name. A bucket that the source lacks is created. */
export type DatabaseEdits = ReadonlyMap<string, BucketEdit>;

/** The source must stay open until the last chunk is read. */
export function rewriteDatabase(source: BboltFile, edits: DatabaseEdits = new Map()): BboltImage {
  const copied = [...source.buckets()].map((bucket) => editBucket(source, bucket, edits.get(nameOf(bucket))));
  return bboltImage(withCreated(copied, edits), source.meta.pageSize);
}

/** What to write into a copy of the file. It keeps all buckets that have no edit, without a look at their pages. */
export function appendToDatabase(source: BboltFile, edits: DatabaseEdits): FileChange[] {
  const buckets = [...source.buckets()].map((bucket): BucketSource | KeptBucket => {
    const edit = edits.get(nameOf(bucket));
    if (edit !== undefined) return editBucket(source, bucket, edit);
    return { name: bucket.name, kept: source.file.read(bucket.valueOffset, bucket.valueSizeBytes) };
  });
  return bboltAppend(withCreated(buckets, edits), source.meta);
}

/** Adds the buckets that only the edits name. In order of the names. */
function withCreated<B extends BucketSource | KeptBucket>(
  buckets: readonly B[],
  edits: DatabaseEdits,
): (B | BucketSource)[] {
  const names = new Set(buckets.map(nameOf));
  const created = [...edits]
    .filter(([name]) => !names.has(name))
    .map(([name, edit]) => ({ name: Buffer.from(name), entries: () => mergeEntries([], edit) }));
  return [...buckets, ...created].sort((a, b) => Buffer.compare(a.name, b.name));
}

function nameOf({ name }: { readonly name: Uint8Array }): string {
  return Buffer.from(name).toString();
}

function editBucket(source: BboltFile, bucket: Bucket, edit: BucketEdit = {}): BucketSource {
  return { name: bucket.name, entries: () => mergeEntries(entriesOf(source, bucket), edit) };
}

function* entriesOf(source: BboltFile, bucket: Bucket): Generator<LeafEntry> {
  for (const { key, valueOffset, valueSizeBytes } of source.entries(bucket)) {
    yield { key, valueSizeBytes, value: () => source.file.viewNext(valueOffset, valueSizeBytes) };
  }
}

function* mergeEntries(
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

/** Replaces the db file of a stopped member. The old file stays until the new one is on the disk. */
export async function replaceDatabase(path: string, image: BboltImage, signal: AbortSignal): Promise<void> {
  // etcd removes files of this name at its start.
  const temporary = `${path}.tmp.${pid}`;
  const before = await withPath("stat", path, stat(path));
  await replaceFile(path, image.chunks, {
    temporary,
    signal,
    beforeRename: () => checkUnchanged(path, before),
  });
}

/** An etcd that started meanwhile has the old file open. It would never see the new one. */
async function checkUnchanged(path: string, before: Stats): Promise<void> {
  const now = await withPath("stat", path, stat(path));
  const isSame = now.ino === before.ino && now.size === before.size && now.mtimeMs === before.mtimeMs;
  if (isSame && lockHolder(path) === undefined) return;
  throw new CliError(ExitCode.error, `another process started to use ${path}; the file is unchanged`, {
    hints: ["stop the etcd that uses the file, and make sure that it is not started again"],
  });
}

/**
 * Releases unused space in the db file of a stopped member.
 * Go: etcdutl/etcdutl/defrag_command.go, server/storage/backend/backend.go (Defrag)
 */
export async function defragment(dataDir: string, timeoutMs: number, io: Io): Promise<void> {
  const file = memberDatabase(dataDir, io);
  checkExists(file);
  await waitUntilUnlocked(file, { timeoutMs, io });
  const startNs = io.clock.monotonicNs();
  const db = openDatabase(file);
  let before: FileSize;
  try {
    before = fileSize(db);
    await log(io, "defragmenting", {
      path: file.displayPath,
      ...sizeFields("size", before.bytes),
      ...sizeFields("size-in-use", before.inUseBytes),
    });
    await replaceDatabase(file.path, rewriteDatabase(db), io.interrupt);
  } finally {
    db.close();
  }
  const after = sizeOfFile(file);
  await log(io, "finished defragmenting directory", {
    path: file.displayPath,
    "current-db-size-bytes-diff": after.bytes - before.bytes,
    ...sizeFields("size", after.bytes),
    "current-db-size-in-use-bytes-diff": after.inUseBytes - before.inUseBytes,
    ...sizeFields("size-in-use", after.inUseBytes),
    took: formatDuration(io.clock.monotonicNs() - startNs),
  });
}

interface FileSize {
  readonly bytes: number;
  readonly inUseBytes: number;
}

function fileSize(db: BboltFile): FileSize {
  const { pageCount, pageSize } = db.meta;
  return { bytes: pageCount * pageSize, inUseBytes: (pageCount - countFreePages(db)) * pageSize };
}

function sizeOfFile(file: FilePath): FileSize {
  const db = openDatabase(file);
  try {
    return fileSize(db);
  } finally {
    db.close();
  }
}

function sizeFields(name: "size" | "size-in-use", bytes: number): ZapFields {
  return { [`current-db-${name}-bytes`]: bytes, [`current-db-${name}`]: humanizeBytes(BigInt(bytes)) };
}
