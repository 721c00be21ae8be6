// Reads a member's write-ahead log across its segments: the records from a snapshot on, in order and in flat memory. An
// entry may occur again with another term; then it replaces the earlier entry and all after it. Only entries up to the
// commit of the last state count. Go: server/storage/wal/wal.go (selectWALFiles, ReadAll, ValidSnapshotEntries)
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { CliError, ExitCode } from "../../errors";
import { Metadata } from "../../proto/gen/etcdserverpb";
import { Entry, EntryType, HardState } from "../../proto/gen/raftpb";
import { Snapshot } from "../../proto/gen/walpb";
import type { MessageType } from "../../proto/message";
import { decode } from "../../proto/message";
import { WireError } from "../../proto/wire";
import { BlockFile } from "../block-file";
import { osErrorReason } from "../../go/os";
import { FormatError } from "../errors";
import type { SegmentName } from "./layout";
import { RecordType, parseSegmentName } from "./layout";
import type { WalRecord } from "./segment-reader";
import { readSegment, type IsDone } from "./segment-reader";

export type LogItem =
  | { readonly kind: "metadata"; readonly metadata: Metadata }
  | { readonly kind: "entry"; readonly entry: Entry }
  | { readonly kind: "state"; readonly state: HardState }
  | { readonly kind: "snapshot"; readonly snapshot: Snapshot };

export interface LogEnd {
  /** The segment and byte where a crash cut off the last write. Undefined for a complete log. */
  readonly torn: { readonly path: string; readonly offset: number } | undefined;
  /** Where the next record goes, and the checksum over all records up to there. */
  readonly position: LogPosition;
}

export interface LogPosition {
  readonly path: string;
  readonly sequence: bigint;
  readonly offset: number;
  readonly crc: number;
}

/**
 * All records from the segment with `fromIndex` on. A caller that does not need an item any more says so with `next(true)`: the
 * memory of its bytes is used again. Throws CliError without a log, FormatError for a damaged one.
 */
export function* readLog(walDir: string, fromIndex = 0n): Generator<LogItem, LogEnd, IsDone> {
  const segments = segmentsFrom(walDir, fromIndex);
  let crc = 0;
  let metadata: Buffer | undefined;
  let end: LogPosition | undefined;
  for (const [position, { path, sequence }] of segments.entries()) {
    const isLast = position === segments.length - 1;
    const file = BlockFile.open(path);
    try {
      const records = readSegment(file, crc, isLast);
      let step = records.next();
      for (let isDone: IsDone = true; step.done !== true; step = records.next(isDone)) {
        const item = itemOf(path, step.value);
        if (item?.kind === "metadata") {
          const { data, offset: at } = step.value;
          metadata ??= Buffer.from(data);
          if (!metadata.equals(data)) throw new FormatError(path, at, "a record names another member");
        }
        isDone = item === undefined || (yield item);
      }
      const { tornAt, offset } = step.value;
      ({ crc } = step.value);
      end = { path, sequence, offset, crc };
      if (tornAt !== undefined) return { torn: { path, offset: tornAt }, position: end };
    } finally {
      file.close();
    }
  }
  if (end === undefined) throw new Error("segmentsFrom returns at least one segment");
  return { torn: undefined, position: end };
}

/** The committed snapshot records, oldest first. A new log starts with one of index 0. */
export function committedSnapshots(walDir: string): Snapshot[] {
  const snapshots: Snapshot[] = [];
  let commit = 0n;
  for (const item of readLog(walDir)) {
    if (item.kind === "snapshot") snapshots.push(item.snapshot);
    else if (item.kind === "state") commit = item.state.commit ?? 0n;
  }
  return snapshots.filter((snapshot) => (snapshot.index ?? 0n) <= commit);
}

/** Undefined for a log without entries. */
export function firstEntryIndex(walDir: string): bigint | undefined {
  for (const item of readLog(walDir)) if (item.kind === "entry") return item.entry.Index;
  return undefined;
}

export interface Segment extends SegmentName {
  readonly path: string;
}

/** All segments of a log, oldest first. */
export function segmentsOf(walDir: string): Segment[] {
  return namesIn(walDir)
    .sort()
    .flatMap((name) => {
      const parsed = parseSegmentName(name);
      return parsed === undefined ? [] : [{ ...parsed, path: join(walDir, name) }];
    });
}

/** From the last segment that starts at or before `fromIndex`; from the first segment if none does. */
function segmentsFrom(walDir: string, fromIndex: bigint): Segment[] {
  const segments = segmentsOf(walDir);
  if (segments.length === 0)
    throw new CliError(ExitCode.error, `${walDir}: there is no write-ahead log here`);
  const first = Math.max(
    0,
    segments.findLastIndex(({ firstIndex }) => firstIndex <= fromIndex),
  );
  const chosen = segments.slice(first);
  for (const [position, { sequence, path }] of chosen.entries()) {
    const before = chosen[position - 1];
    if (before !== undefined && sequence !== before.sequence + 1n) {
      throw new FormatError(
        path,
        undefined,
        `segment ${sequence} follows ${before.sequence}: one in between is missing`,
      );
    }
  }
  return chosen;
}

function namesIn(walDir: string): string[] {
  try {
    return readdirSync(walDir);
  } catch (cause) {
    throw new CliError(ExitCode.error, `cannot read ${walDir}: ${osErrorReason(cause)}`, { cause });
  }
}

// The checksum does not cover the type of a record. An entry can be read as a state, and the reverse: a log that has lost its
// last entry in this way would look complete.

/** Term, vote and commit are integers. An entry has bytes, or as a normal one 0 where a state has its term. */
function checkState(path: string, { data, offset }: WalRecord, { term = 0n }: HardState): void {
  let isTag = true;
  const isOther = data.some((byte) => {
    const isWrong = isTag && (byte & 7) !== 0;
    isTag = byte < 128 && !isTag;
    return isWrong;
  });
  if (isOther || term === 0n) throw new FormatError(path, offset, "the record is no state of raft");
}

function checkEntry(
  path: string,
  { offset }: WalRecord,
  { Type = EntryType.EntryNormal, Data }: Entry,
): void {
  if (Type !== EntryType.EntryNormal && Data === undefined) {
    throw new FormatError(path, offset, "the record is no entry: a change of members without data");
  }
}

/** Undefined for a checksum record, which readSegment handles. */
function itemOf(path: string, record: WalRecord): LogItem | undefined {
  const { type, data, offset } = record;
  const read = <T>(message: MessageType<T>): T => {
    try {
      return decode(message, data);
    } catch (cause) {
      if (!(cause instanceof WireError)) throw cause;
      throw new FormatError(path, offset, `the record is no ${message.typeName}: ${cause.message}`, {
        cause,
      });
    }
  };
  switch (type) {
    case RecordType.metadata:
      return { kind: "metadata", metadata: read(Metadata) };
    case RecordType.entry: {
      const entry = read(Entry);
      checkEntry(path, record, entry);
      return { kind: "entry", entry };
    }
    case RecordType.state: {
      const state = read(HardState);
      checkState(path, record, state);
      return { kind: "state", state };
    }
    case RecordType.snapshot:
      return { kind: "snapshot", snapshot: read(Snapshot) };
    case RecordType.crc:
      return undefined;
    default:
      throw new FormatError(path, offset, `a record of unknown type ${type}`);
  }
}
