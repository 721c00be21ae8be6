// The log of a stopped or killed member: what its db file does not have yet. Later entries of the same index replace
// earlier ones, as raft overwrites what was not committed. Go: ReadAll in server/storage/wal/wal.go
import { mayTouchV2 } from "../../etcd/raft-request";
import type { Metadata } from "../../proto/gen/etcdserverpb";
import { EntryType, type Entry, type HardState } from "../../proto/gen/raftpb";
import type { Snapshot } from "../../proto/gen/walpb";
import { FormatError } from "../errors";
import { readLog, type LogPosition } from "./log-reader";

export interface RecoveredLog {
  readonly metadata: Metadata;
  readonly state: HardState;
  /** The entries that the db file does not have, without a gap. */
  readonly entries: readonly Entry[];
  /** The entries before them that the .snap file does not have; without their data if version 2 has nothing to do with them. */
  readonly earlierEntries: readonly Entry[];
  /** Index of the last entry, or of the snapshot that the log starts with. */
  readonly lastIndex: bigint;
  /** Term of the last entry, or of that snapshot. */
  readonly lastTerm: bigint;
  /** The newest snapshot record, committed or not. */
  readonly snapshot: Snapshot;
  /** True if a crash cut off the last write, which was never acknowledged. */
  readonly isTorn: boolean;
  readonly position: LogPosition;
}

/**
 * Reads the log after `consistentIndex`, that of the db file, and after `snapIndex`, that of the .snap file, if it is lower.
 * Throws CliError without a log, FormatError for damage and for entries that are missing.
 */
export function recoverLog(
  walDir: string,
  consistentIndex: bigint,
  snapIndex = consistentIndex,
): RecoveredLog {
  const afterIndex = snapIndex < consistentIndex ? snapIndex : consistentIndex;
  // A segment that begins with the next entry suffices, if it says where the entries before it are.
  const recoverFrom = (index: bigint) => recover(walDir, readLog(walDir, index), afterIndex, consistentIndex);
  let log = recoverFrom(afterIndex + 1n);
  if (log.lastIndex < consistentIndex) log = recoverFrom(afterIndex);
  const { lastIndex, state } = log;
  const { path, offset } = log.position;
  if (lastIndex < consistentIndex) {
    throw new FormatError(
      path,
      offset,
      `the log ends before entry ${consistentIndex}, which the db file has`,
    );
  }
  const { commit = 0n } = state;
  if (lastIndex >= commit) return log;
  throw new FormatError(path, offset, `the log ends before entry ${commit}, which is committed`);
}

/** A member that etcd has stopped can have a log of a GiB, of which the db file has everything but this. */
function forVersion2({ Data, ...entry }: Entry): Entry {
  const { Type = EntryType.EntryNormal } = entry;
  const isNeeded = Data !== undefined && (Type !== EntryType.EntryNormal || mayTouchV2(Data));
  return isNeeded ? { ...entry, Data: Buffer.from(Data) } : entry;
}

function recover(
  walDir: string,
  reader: ReturnType<typeof readLog>,
  afterIndex: bigint,
  consistentIndex: bigint,
): RecoveredLog {
  let metadata: Metadata | undefined;
  let state: HardState = {};
  let snapshot: Snapshot = {};
  let entries: Entry[] = [];
  let last = { index: 0n, term: 0n };
  let step = reader.next();
  for (let isDone: boolean; step.done !== true; step = reader.next(isDone)) {
    const item = step.value;
    isDone = true;
    if (item.kind === "metadata") metadata = item.metadata;
    else if (item.kind === "state") state = item.state;
    else if (item.kind === "snapshot") {
      snapshot = item.snapshot;
      const { index = 0n, term = 0n } = snapshot;
      if (index > last.index) last = { index, term };
    } else {
      const { Index: index = 0n, Term: term = 0n } = item.entry;
      last = { index, term };
      if (index <= afterIndex) {
        entries = [];
        continue;
      }
      const position = Number(index - afterIndex - 1n);
      if (position > entries.length) {
        const first = afterIndex + 1n + BigInt(entries.length);
        throw new FormatError(walDir, undefined, `the entries ${first} to ${index - 1n} are missing`);
      }
      if (position < entries.length) entries.length = position;
      isDone = index <= consistentIndex;
      entries.push(isDone ? forVersion2(item.entry) : item.entry);
    }
  }
  const { position, torn } = step.value;
  if (metadata === undefined) throw new FormatError(position.path, 0, "the log has no metadata record");
  return {
    metadata,
    state,
    entries: entries.slice(Number(consistentIndex - afterIndex)),
    earlierEntries: entries.slice(0, Number(consistentIndex - afterIndex)),
    lastIndex: last.index,
    lastTerm: last.term,
    snapshot,
    isTorn: torn !== undefined,
    position,
  };
}
