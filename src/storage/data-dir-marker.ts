// The mark of a data dir of our own, in the bucket `meta` of its db file: a member's dir looks the same where its log lies
// elsewhere (--wal-dir). It is the log position that we wrote the file at, and means nothing any more when an etcd has gone
// on from there. What is sent as a snapshot does not carry it.
import { BboltFile } from "./bbolt/reader";
import type { DatabaseContents } from "./contents";
import { encodeUint64, readMeta } from "./schema";

export const dataDirMarker = "etcdctl";

export function withDataDirMarker(contents: DatabaseContents): DatabaseContents {
  const entry = [Buffer.from(dataDirMarker), encodeUint64(contents.consistentIndex)] as const;
  return { ...contents, otherBuckets: [...contents.otherBuckets, { name: "meta", entries: [entry] }] };
}

/** Throws FormatError for a damaged file. */
export function hasDataDirMarker(databasePath: string): boolean {
  const db = BboltFile.open(databasePath);
  try {
    const mark = readMeta(db, dataDirMarker);
    return mark !== undefined && mark.equals(readMeta(db, "consistent_index") ?? encodeUint64(0n));
  } finally {
    db.close();
  }
}
