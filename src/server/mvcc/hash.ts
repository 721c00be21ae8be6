// The checksum that the members of a cluster compare (`endpoint hashkv`): CRC-32C over the bucket's name and the records up to
// a revision, without the records that compaction may have removed on some members only.
// Must stay true: equal to etcd's for the same history, quirks included. Go: server/storage/mvcc/hash.go
import { crc32c } from "../../storage/crc32c";
import { bucketName, revisionKeyBytes, writeRevisionKey } from "../../storage/schema";
import { stepUnits, type Steps } from "../../storage/steps";
import type { KvHash } from "./kv";
import type { Records } from "./records";

const keyBucket = Buffer.from(bucketName.key);

/** `marks[id]` is 1 for a record that a compaction at `revision` keeps; `any` is true if there is such a record. */
export function* hashRecords(
  records: Records,
  compactRevision: number,
  revision: number,
  keep: { readonly marks: Uint8Array; readonly any: boolean },
): Steps<KvHash> {
  const key = Buffer.alloc(revisionKeyBytes + 1);
  const end = records.firstFrom(revision + 1);
  let crc = crc32c(0, keyBucket);
  for (let id = 0; id < end; id++) {
    if (id % stepUnits === stepUnits - 1) yield stepUnits;
    const main = records.main(id);
    const tombstone = records.isTombstone(id);
    // If compaction keeps nothing, etcd hashes all records.
    if (main <= compactRevision && keep.any && keep.marks[id] !== 1) continue;
    // Older versions of etcd delete the tombstone at the compacted revision, newer ones keep it.
    if (main === compactRevision && tombstone) continue;
    crc = crc32c(crc, key, writeRevisionKey(key, main, records.sub(id), tombstone));
    crc = crc32c(crc, records.bytes(id));
  }
  return { hash: crc, compactRevision, revision };
}

const maxHashes = 10;

/** The checksums of the last compactions. They include removed records, so they cannot be computed again. */
export class CompactionHashes {
  private readonly hashes: KvHash[] = [];

  add(hash: KvHash): void {
    this.hashes.push(hash);
    if (this.hashes.length > maxHashes) this.hashes.shift();
  }

  of(revision: number): KvHash | undefined {
    return this.hashes.find((hash) => hash.revision === revision);
  }
}
