// What restoring changes in the database: the old cluster's members make room for the new one's, the log position is that of
// the new log, and with --bump-revision the store begins at a higher revision, with all before it compacted, so that
// caches of clients (Kubernetes' watches) start anew instead of going back in time.
// Answers to TrimMembershipFromBackend, modifyLatestRevision and updateCIndex around etcdutl/snapshot/v3_snapshot.go.
import {
  decodeRecordKey,
  encodeMember,
  encodeRevision,
  encodeUint64,
} from "../embedded/backend/bucket-codec";
import type { StoredMember } from "../embedded/backend/contents";
import { CliError, ExitCode } from "../errors";
import type { BboltFile } from "../formats/bbolt/reader";
import { recordAt } from "./record-at";
import type { RestoredLog } from "./restored-log";
import type { BucketEdit, DatabaseEdits } from "./rewrite-database";

export interface RevisionBump {
  readonly from: number;
  readonly to: number;
}

export function restoreEdits(
  members: readonly StoredMember[],
  { index, term }: RestoredLog,
  bump: RevisionBump | undefined,
): DatabaseEdits {
  const meta: [string, Buffer][] = [
    ["consistent_index", encodeUint64(index)],
    ["term", encodeUint64(term)],
  ];
  const edits = new Map<string, BucketEdit>([
    ["cluster", {}],
    [
      "members",
      { clear: true, set: sorted(members.map(encodeMember).map(({ key, value }) => [key, value])) },
    ],
    ["members_removed", { clear: true }],
  ]);
  if (bump !== undefined) {
    edits.set("key", { set: [[encodeRevision(bump.to), Buffer.alloc(0)]] });
    meta.push(["scheduledCompactRev", encodeRevision(bump.to)]);
  }
  return edits.set("meta", { set: sorted(meta.map(([name, value]) => [Buffer.from(name), value])) });
}

/** Throws CliError where the engine of revisions would be left. */
export function revisionBump(db: BboltFile, amount: bigint): RevisionBump | undefined {
  if (amount === 0n) return undefined;
  const from = latestRevision(db);
  const to = BigInt(from) + amount;
  if (to <= Number.MAX_SAFE_INTEGER) return { from, to: Number(to) };
  throw new CliError(ExitCode.badArgs, `--bump-revision ${amount} leads beyond revision 2^53`, {
    hints: ["a billion (1000000000) is more than any cluster writes in the time between two backups"],
  });
}

function sorted(entries: [Buffer, Buffer][]): [Buffer, Buffer][] {
  return entries.sort(([a], [b]) => Buffer.compare(a, b));
}

/** 0 where there are no keys. */
function latestRevision(db: BboltFile): number {
  let latest = 0;
  for (const bucket of db.buckets()) {
    if (bucket.name.toString() !== "key") continue;
    for (const entry of db.entries(bucket)) {
      latest = recordAt(db, entry, () => decodeRecordKey(entry.key).main);
    }
  }
  return latest;
}
