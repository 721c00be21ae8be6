// Appends to a member's write-ahead log. All entries that wait share one synced write, and the next ones gather meanwhile;
// these are already on their way to the disk while the first ones are applied. Must stay true: an entry is applied only when it
// is on the disk, in the order of the entries; after a failed write or fsync, no further entry is.
// Go: server/storage/wal/wal.go (Create, Save, SaveSnapshot, cut, ReleaseLockTo)
import { constants } from "node:fs";
import { open, rename, rm, type FileHandle } from "node:fs/promises";
import { dirname, join } from "node:path";
import { performance } from "node:perf_hooks";
import { setImmediate } from "node:timers";
import { Metadata } from "../../proto/gen/etcdserverpb";
import { Entry, HardState } from "../../proto/gen/raftpb";
import { Snapshot } from "../../proto/gen/walpb";
import { encode } from "../../proto/message";
import { Writer } from "../../proto/wire";
import { CliError, ExitCode } from "../../errors";
import {
  makeDirectories,
  since,
  statOf,
  syncDirectory,
  withPath,
  writeNewFile,
  type FileObserver,
} from "../files";
import type { EntryLog, NewEntry } from "./entry-log";
import { RecordType, replacedLog, segmentName, segmentSizeBytes, unfinishedLog } from "./layout";
import { segmentsOf } from "./log-reader";
import { overheadBytes, RecordEncoder } from "./record-encoder";
import type { RecoveredLog } from "./recover-log";

export interface LogOptions {
  /** Size of a segment after which the next one begins. Default: etcd's 64 MB. */
  readonly segmentSizeBytes?: number | undefined;
  /** How many segments stay when older ones are not needed any more; 0: all. Default: 5, as in etcd. */
  readonly maxSegments?: number | undefined;
  /** Does not wait for the disk: a power loss then loses entries. Default: false. */
  readonly unsafeNoFsync?: boolean | undefined;
  /** Measures each write and each sync. */
  readonly observer?: FileObserver | undefined;
  /** Called after each write to the log. */
  readonly onWritten?: (() => void) | undefined;
  /** Called once, when the log cannot be written any more. */
  readonly onFailure?: ((error: CliError) => void) | undefined;
}

export interface LogStart {
  readonly metadata: Metadata;
  readonly term: bigint;
  /** The snapshot at which the log begins. */
  readonly snapshot: Snapshot;
}

/**
 * Makes a log without entries after a snapshot, in place of the one that is there. It appears as a whole: a crash leaves the one
 * or the other, or for a moment both of them beside their place. The next start finishes the change (data-dir.ts).
 */
export async function createLog(
  walDir: string,
  { metadata, term, snapshot }: LogStart,
  { segmentSizeBytes: sizeBytes = segmentSizeBytes, observer }: LogOptions = {},
): Promise<void> {
  const temporary = unfinishedLog(walDir);
  const replaced = replacedLog(walDir);
  for (const each of [replaced, temporary]) await rm(each, { recursive: true, force: true });
  await makeDirectories(temporary);
  const encoder = new RecordEncoder();
  const bytes = Buffer.concat([
    encoder.crcRecord(),
    encoder.record(RecordType.metadata, encode(Metadata, metadata)),
    encoder.record(RecordType.snapshot, encode(Snapshot, { index: 0n, term: 0n })),
    encoder.record(
      RecordType.state,
      encode(HardState, { term, vote: metadata.NodeID, commit: snapshot.index }),
    ),
    encoder.record(RecordType.snapshot, encode(Snapshot, snapshot)),
  ]);
  const segment = join(temporary, segmentName({ sequence: 0n, firstIndex: 0n }));
  await writeNewFile(segment, [bytes], { sizeBytes, observer });
  await syncDirectory(temporary);
  if (statOf(walDir) !== undefined) await withPath("rename", replaced, rename(walDir, replaced));
  await withPath("rename", walDir, rename(temporary, walDir));
  await syncDirectory(dirname(walDir), observer);
  await rm(replaced, { recursive: true, force: true });
}

/**
 * A write then returns when it is on the disk: one job for Node's threads in place of two, write and fdatasync. Undefined
 * where the system does not have it.
 */
const synchronous = constants.O_DSYNC as number | undefined;

function openSegment(path: string, { unsafeNoFsync = false }: LogOptions): Promise<FileHandle> {
  const sync = unsafeNoFsync ? 0 : (synchronous ?? 0);
  return withPath("open", path, open(path, constants.O_RDWR | sync));
}

/** Values of this size are not copied: they are written from where they are. */
const keptBytes = 2 * 1024;

/** So much of a log is read in no time. */
const shortSegmentBytes = 1024 * 1024;

/** A record that waits to be written. */
interface Pending {
  readonly type: number;
  /** In pieces. */
  readonly data: readonly Uint8Array[];
  /** Index of the last entry in the log when this record is in it. */
  readonly index: bigint;
  onDurable(): void;
  onFailure(error: CliError): void;
}

export class LogWriter implements EntryLog {
  private readonly metadata: Metadata;
  private queue: Pending[] = [];
  private writing: Promise<void> | undefined;
  private failure: CliError | undefined;
  private encoder: RecordEncoder;
  private path: string;
  private sequence: bigint;
  private offset: number;
  /** Index of the last entry that was appended. */
  private lastIndex: bigint;
  private writtenIndex: bigint;
  private readonly segmentSizeBytes: number;
  private isSegmentOver = false;
  /** What was written since the last snapshot. */
  readonly sinceSnapshot: { entries: number; sizeBytes: number };

  private constructor(
    private readonly walDir: string,
    private file: FileHandle,
    /** Term of the entries that are appended. */
    private readonly term: bigint,
    log: RecoveredLog,
    private readonly options: LogOptions,
  ) {
    const { position, entries } = log;
    this.metadata = log.metadata;
    this.encoder = new RecordEncoder(position.crc);
    this.path = position.path;
    this.sequence = position.sequence;
    this.offset = position.offset;
    this.lastIndex = this.writtenIndex = log.lastIndex;
    const sizeBytes = entries.reduce((sum, { Data }) => sum + (Data?.length ?? 0), 0);
    this.sinceSnapshot = { entries: entries.length, sizeBytes };
    this.segmentSizeBytes = options.segmentSizeBytes ?? segmentSizeBytes;
  }

  /**
   * Continues a log after its last entry, in `term`. Bytes beyond the end are removed: a crash may have left parts of a
   * write there, which a new record could make look like a damaged one.
   */
  static async open(
    walDir: string,
    log: RecoveredLog,
    term: bigint,
    options: LogOptions = {},
  ): Promise<LogWriter> {
    const { path, offset } = log.position;
    const file = await openSegment(path, options);
    try {
      const sizeBytes = Math.max(options.segmentSizeBytes ?? segmentSizeBytes, offset);
      await withPath("truncate", path, file.truncate(offset));
      await withPath("truncate", path, file.truncate(sizeBytes));
      await withPath("sync", path, file.sync());
      return new LogWriter(walDir, file, term, log, options);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  append(entry: NewEntry, onDurable: (index: bigint) => void, onFailure: (error: Error) => void): void {
    if (this.failure !== undefined) return onFailure(this.failure);
    const index = ++this.lastIndex;
    const writer = new Writer(undefined, 0, keptBytes);
    Entry.write(writer, { Type: entry.type, Term: this.term, Index: index });
    entry.writeData(writer);
    const data = writer.pieces();
    this.push({ type: RecordType.entry, data, index, onDurable: () => onDurable(index), onFailure });
    this.sinceSnapshot.entries++;
  }

  /**
   * Records that the db file has all entries up to the snapshot's index, and removes segments that are not needed any more.
   * `savedBytes` is what `sinceSnapshot` had when the contents of the db file were taken.
   */
  async saveSnapshot(snapshot: Snapshot, savedBytes: number): Promise<void> {
    await new Promise<void>((onDurable, onFailure) => {
      if (this.failure !== undefined) return onFailure(this.failure);
      const data = [encode(Snapshot, snapshot)];
      this.push({ type: RecordType.snapshot, data, index: this.lastIndex, onDurable, onFailure });
    });
    this.sinceSnapshot.entries = Number(this.lastIndex - (snapshot.index ?? 0n));
    this.sinceSnapshot.sizeBytes -= savedBytes;
    await this.removeSegmentsBefore(snapshot.index ?? 0n);
  }

  /** The next record is in a new segment, so that a reader of what follows does not read what is before. */
  beginSegment(): void {
    this.isSegmentOver = this.offset > shortSegmentBytes;
  }

  private async removeSegmentsBefore(index: bigint): Promise<void> {
    const { maxSegments = 5 } = this.options;
    const segments = segmentsOf(this.walDir);
    for (const [position, { path }] of segments.entries()) {
      const next = segments[position + 1];
      const isNeeded = next === undefined || next.firstIndex > index;
      if (isNeeded || maxSegments === 0 || segments.length - position <= maxSegments) return;
      await withPath("remove", path, rm(path));
    }
  }

  get hasFailed(): boolean {
    return this.failure !== undefined;
  }

  /** Resolves when all records that were appended are on the disk, or have failed. */
  async flush(): Promise<void> {
    await this.writing;
  }

  async close(): Promise<void> {
    await this.flush();
    await this.file.close();
  }

  private push(pending: Pending): void {
    this.queue.push(pending);
    this.writing ??= this.writeQueue();
  }

  private async writeQueue(): Promise<void> {
    // Requests that arrive in this turn of the event loop share the first write.
    await new Promise((resolve) => setImmediate(resolve));
    let durable: readonly Pending[] = [];
    while (this.queue.length > 0 || durable.length > 0) {
      const batch = this.queue;
      this.queue = [];
      const written = batch.length > 0 ? this.writeBatch(batch) : Promise.resolve();
      // The disk is busy meanwhile.
      this.apply(durable);
      durable = await written.then(
        () => batch,
        (cause: unknown) => {
          const failure = this.fail(cause);
          for (const each of batch) each.onFailure(failure);
          return [];
        },
      );
    }
    this.writing = undefined;
  }

  private apply(durable: readonly Pending[]): void {
    if (durable.length === 0) return;
    for (const each of durable) each.onDurable();
    this.options.onWritten?.();
  }

  private async writeBatch(batch: readonly Pending[]): Promise<void> {
    if (this.failure !== undefined) throw this.failure;
    if (this.isSegmentOver || this.offset >= this.segmentSizeBytes) await this.cut();
    this.writtenIndex = batch.at(-1)?.index ?? this.writtenIndex;
    const out = new Writer(copiedBytes(batch), 0, keptBytes);
    for (const { type, data } of batch) this.encoder.write(out, type, data);
    out.raw(this.stateRecord());
    const { sizeBytes } = out;
    await this.writeDurably(out.pieces(), sizeBytes);
    this.offset += sizeBytes;
    this.sinceSnapshot.sizeBytes += sizeBytes;
  }

  private async writeDurably(pieces: readonly Uint8Array[], sizeBytes: number): Promise<void> {
    const { observer, unsafeNoFsync } = this.options;
    const startedAt = performance.now();
    await writeAt(this.file, this.path, pieces, this.offset);
    observer?.written(since(startedAt), sizeBytes);
    if (unsafeNoFsync === true) return;
    const syncedFrom = synchronous === undefined ? performance.now() : startedAt;
    if (synchronous === undefined) await withPath("sync", this.path, this.file.datasync());
    observer?.synced(since(syncedFrom));
  }

  /** Everything in the log of a single member is committed. */
  private stateRecord(): Buffer {
    const state = { term: this.term, vote: this.metadata.NodeID, commit: this.writtenIndex };
    return this.encoder.record(RecordType.state, encode(HardState, state));
  }

  /** Begins the next segment. It gets its name when its first records are on the disk. */
  private async cut(): Promise<void> {
    await withPath("truncate", this.path, this.file.truncate(this.offset));
    const startedAt = performance.now();
    await withPath("sync", this.path, this.file.sync());
    const { encoder, walDir } = this;
    const { observer } = this.options;
    observer?.synced(since(startedAt));
    const start = Buffer.concat([
      encoder.crcRecord(),
      encoder.record(RecordType.metadata, encode(Metadata, this.metadata)),
      this.stateRecord(),
    ]);
    const sequence = this.sequence + 1n;
    const temporary = join(walDir, `${sequence}.tmp`);
    await withPath("remove", temporary, rm(temporary, { force: true }));
    await writeNewFile(temporary, [start], { sizeBytes: this.segmentSizeBytes, observer });
    const path = join(walDir, segmentName({ sequence, firstIndex: this.writtenIndex + 1n }));
    await withPath("rename", path, rename(temporary, path));
    await syncDirectory(walDir, observer);
    await this.file.close();
    this.file = await openSegment(path, this.options);
    this.path = path;
    this.sequence = sequence;
    this.offset = start.length;
    this.isSegmentOver = false;
  }

  private fail(cause: unknown): CliError {
    if (this.failure !== undefined) return this.failure;
    const reason = cause instanceof Error ? cause.message : String(cause);
    this.failure = new CliError(ExitCode.error, `cannot write the write-ahead log: ${reason}`, {
      cause,
      hints: [
        "everything that was acknowledged is in the log; nothing more is accepted until the next start",
      ],
    });
    this.options.onFailure?.(this.failure);
    return this.failure;
  }
}

/** About what the records take without the pieces that are kept. */
function copiedBytes(batch: readonly Pending[]): number {
  let sizeBytes = overheadBytes;
  for (const { data } of batch) {
    sizeBytes += overheadBytes;
    for (const { length } of data) sizeBytes += length < keptBytes ? length : 0;
  }
  return sizeBytes;
}

/** Writes all bytes at an offset, in one call of the system unless that writes only a part. Throws PathError. */
async function writeAt(
  file: FileHandle,
  path: string,
  pieces: readonly Uint8Array[],
  offset: number,
): Promise<void> {
  for (let rest = [...pieces]; rest.length > 0;) {
    const [first] = rest;
    const writing =
      rest.length === 1 && first !== undefined
        ? file.write(first, 0, first.length, offset)
        : file.writev(rest, offset);
    const { bytesWritten } = await withPath<{ readonly bytesWritten: number }>("write", path, writing);
    offset += bytesWritten;
    rest = without(rest, bytesWritten);
  }
}

/** The pieces after the first `sizeBytes` bytes. */
function without(pieces: Uint8Array[], sizeBytes: number): Uint8Array[] {
  const rest: Uint8Array[] = [];
  for (const piece of pieces) {
    if (piece.length > sizeBytes) rest.push(piece.subarray(sizeBytes));
    sizeBytes = Math.max(0, sizeBytes - piece.length);
  }
  return rest;
}
