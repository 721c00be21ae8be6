// The write-ahead log for `backup`: all entries after the snapshot, except membership changes.
// Go (etcd 3.4): loadWAL in etcdctl/ctlv2/command/backup_command.go, ReadAll in wal/wal.go
import { CliError } from "../errors";
import { decodeRaftRequest } from "../etcd/raft-request";
import type { InternalRaftRequest } from "../proto/gen/etcdserverpb";
import { EntryType, type Entry, type HardState } from "../proto/gen/raftpb";
import { WireError } from "../proto/wire";
import { readLog } from "../storage/wal/log-reader";

export interface LogPosition {
  readonly index: bigint;
  readonly term: bigint;
}

export type Log = (line: string) => Promise<void>;

/** Throws CliError when there is no log, and FormatError when the log is damaged. */
export async function readMemberLog(
  walDir: string,
  from: LogPosition,
  log: Log,
): Promise<{ entries: Entry[]; state: HardState }> {
  const entries: Entry[] = [];
  let state: HardState = {};
  let isSnapshotFound = false;
  let hasMetadata = false;
  for (const item of readLog(walDir, from.index)) {
    if (item.kind === "metadata") hasMetadata = true;
    else if (item.kind === "state") state = item.state;
    else if (item.kind === "entry") putEntry(entries, item.entry, from.index);
    else if (item.kind === "snapshot" && (item.snapshot.index ?? 0n) === from.index) {
      if ((item.snapshot.term ?? 0n) !== from.term) throw new CliError(1, "wal: snapshot mismatch");
      isSnapshotFound = true;
    }
  }
  if (!hasMetadata) throw new CliError(1, `${walDir}: the log does not start with a metadata record`);
  if (!isSnapshotFound) {
    const record = `{Index:${from.index} Term:${from.term} XXX_unrecognized:[]}`;
    await log(`Failed to find the match snapshot record ${record} in wal ${walDir}.`);
    await log("etcdctl will add it back. Start auto fixing...");
  }
  return { entries, state };
}

/** An entry replaces an earlier entry with the same index, and all entries after that one. */
function putEntry(entries: Entry[], entry: Entry, snapshotIndex: bigint): void {
  const position = (entry.Index ?? 0n) - snapshotIndex - 1n;
  if (position < 0n) return;
  if (position > entries.length) throw new CliError(1, "wal: slice bounds out of range");
  // The next read overwrites the segment's buffer.
  const copiedData = entry.Data && { Data: Buffer.from(entry.Data) };
  entries.splice(Number(position), Infinity, { ...entry, ...copiedData });
}

const memberAttributes = /\/0\/members\/[\da-fA-F]{1,16}\/attributes/;

/** Removes the membership changes and renumbers the other entries without gaps. */
export async function removeMembership(
  entries: readonly Entry[],
  withV3: boolean,
  log: Log,
): Promise<{ entries: Entry[]; removed: bigint }> {
  const kept: Entry[] = [];
  let removed = 0n;
  for (const entry of entries) {
    const reason = reasonToDrop(entry, withV3);
    if (reason === undefined) {
      kept.push({ ...entry, Index: (entry.Index ?? 0n) - removed });
    } else {
      await log(reason);
      removed++;
    }
  }
  return { entries: kept, removed };
}

/** Returns Go's log line for an entry to remove, or undefined for an entry to keep. */
function reasonToDrop({ Type, Data }: Entry, withV3: boolean): string | undefined {
  if ((Type ?? 0) === EntryType.EntryConfChange) return "ignoring EntryConfChange raft entry";
  const { v2, header } = requestIn(Data ?? Buffer.alloc(0));
  if (v2) {
    const isAttributeUpdate = v2.Method === "PUT" && memberAttributes.test(v2.Path ?? "");
    return isAttributeUpdate ? `ignoring member attribute update on ${v2.Path ?? ""}` : undefined;
  }
  return withV3 || header === undefined ? undefined : "ignoring v3 raft entry";
}

function requestIn(data: Uint8Array): InternalRaftRequest {
  try {
    return decodeRaftRequest(data);
  } catch (cause) {
    if (!(cause instanceof WireError)) throw cause;
    throw new CliError(1, `the log contains an entry that is not a request: ${cause.message}`, { cause });
  }
}
