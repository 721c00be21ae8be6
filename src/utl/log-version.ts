// The oldest etcd that understands all that a write-ahead log holds, as far as it matters: since 3.5 one request was added.
// Answers to etcd's server/storage/wal/version.go, where every field of every request names its version.
import { committedSnapshots, readLog } from "../formats/wal/log-reader";
import { decode } from "../proto/codec";
import { InternalRaftRequest } from "../proto/gen/etcdserverpb";
import { EntryType, type Entry } from "../proto/gen/raftpb";
import { WireError } from "../proto/wire";
import { isBelow, parseVersion, type Version } from "./version";

const addedIn: Version = { major: 3n, minor: 6n, patch: 0n };

/** undefined: nothing newer than 3.5. Throws CliError where there is no log, FormatError where it is damaged. */
export function newestInLog(walDir: string): Version | undefined {
  const from = committedSnapshots(walDir).at(-1)?.index ?? 0n;
  let newest: Version | undefined;
  for (const item of readLog(walDir, from)) {
    if (item.kind !== "entry" || (item.entry.Index ?? 0n) <= from) continue;
    const version = versionOf(item.entry);
    if (version !== undefined && (newest === undefined || isBelow(newest, version))) newest = version;
  }
  return newest;
}

function versionOf({ Type, Data }: Entry): Version | undefined {
  if ((Type ?? 0) !== EntryType.EntryNormal || Data === undefined) return undefined;
  const tested = request(Data)?.downgradeVersionTest;
  if (tested === undefined) return undefined;
  const version = parseVersion(tested.ver);
  return typeof version === "string" || isBelow(version, addedIn) ? addedIn : version;
}

/** undefined: a request of API 2, which 3.4 and 3.5 may write in a form of its own. */
function request(data: Uint8Array): InternalRaftRequest | undefined {
  try {
    return decode(InternalRaftRequest, data);
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}
