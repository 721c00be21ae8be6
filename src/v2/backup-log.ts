// The log of a member as `backup` needs it: all entries behind the snapshot, without those that speak of members.
// Answers to loadWAL in ctlv2/command/backup_command.go and to ReadAll in wal/wal.go.
import { CliError } from "../errors";
import { InternalRaftRequest, Request } from "../proto/gen/etcdserverpb";
import { EntryType, type Entry, type HardState } from "../proto/gen/raftpb";
import { decode } from "../proto/message";
import { WireError } from "../proto/wire";
import { readLog } from "../storage/wal/log-reader";

export interface LogPosition {
  readonly index: bigint;
  readonly term: bigint;
}

export type Log = (line: string) => Promise<void>;

/** Throws CliError where there is no log, FormatError where it is damaged. */
export async function readMemberLog(
  walDir: string,
  from: LogPosition,
  log: Log,
): Promise<{ entries: Entry[]; state: HardState }> {
  const entries: Entry[] = [];
  let state: HardState = {};
  let [isFound, hasBeginning] = [false, false];
  for (const item of readLog(walDir, from.index)) {
    if (item.kind === "metadata") hasBeginning = true;
    else if (item.kind === "state") state = item.state;
    else if (item.kind === "entry") addEntry(entries, item.entry, from.index);
    else if (item.kind === "snapshot" && (item.snapshot.index ?? 0n) === from.index) {
      if ((item.snapshot.term ?? 0n) !== from.term) throw new CliError(1, "wal: snapshot mismatch");
      isFound = true;
    }
  }
  if (!hasBeginning) throw new CliError(1, `${walDir}: the log has no beginning`);
  if (!isFound) {
    const record = `{Index:${from.index} Term:${from.term} XXX_unrecognized:[]}`;
    await log(`Failed to find the match snapshot record ${record} in wal ${walDir}.`);
    await log("etcdctl will add it back. Start auto fixing...");
  }
  return { entries, state };
}

/** An entry that comes again replaces what stood there, and all behind it. */
function addEntry(entries: Entry[], entry: Entry, from: bigint): void {
  const place = (entry.Index ?? 0n) - from - 1n;
  if (place < 0n) return;
  if (place > entries.length) throw new CliError(1, "wal: slice bounds out of range");
  // A view of the segment's bytes would not outlive the next read.
  const data = entry.Data && { Data: Buffer.from(entry.Data) };
  entries.splice(Number(place), Infinity, { ...entry, ...data });
}

const memberAttributes = /\/0\/members\/[\da-fA-F]{1,16}\/attributes/;

/** Entries that stay, numbered without gaps, and how many went. */
export async function withoutMembership(
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

function reasonToDrop({ Type, Data }: Entry, withV3: boolean): string | undefined {
  if ((Type ?? 0) === EntryType.EntryConfChange) return "ignoring EntryConfChange raft entry";
  const { v2, header } = requestOf(Data ?? Buffer.alloc(0));
  if (v2) {
    const isAttributes = v2.Method === "PUT" && memberAttributes.test(v2.Path);
    return isAttributes ? `ignoring member attribute update on ${v2.Path}` : undefined;
  }
  return withV3 || header === undefined ? undefined : "ignoring v3 raft entry";
}

/** A request of version 2 may stand alone: its bytes are none of version 3's. */
function requestOf(data: Uint8Array): Pick<InternalRaftRequest, "v2" | "header"> {
  try {
    return decode(InternalRaftRequest, data);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
  }
  try {
    return { v2: decode(Request, data), header: undefined };
  } catch (cause) {
    if (!(cause instanceof WireError)) throw cause;
    throw new CliError(1, `the log holds an entry that is no request: ${cause.message}`, { cause });
  }
}
