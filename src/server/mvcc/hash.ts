// The checksum that members of a cluster compare (`endpoint hashkv`): CRC-32C over the name of the bucket and the
// records up to a revision, leaving out what compaction may have removed on some members and not on others.
// Answers to etcd's mvcc/hash.go, quirks included: the sums must be equal.
import { crc32c } from "../../storage/crc32c";
import { revisionKeyBytes, writeRevisionKey } from "../../storage/schema";
import type { KvHash } from "./kv";
import type { Records } from "./records";

const bucketName = Buffer.from("key");

/** `marks[id]` is 1 for what survives (or would survive) a compaction at `revision`; `any`: whether something does. */
export function hashRecords(
  records: Records,
  compactRevision: number,
  revision: number,
  keep: { readonly marks: Uint8Array; readonly any: boolean },
): KvHash {
  const key = Buffer.alloc(revisionKeyBytes + 1);
  const end = records.firstFrom(revision + 1);
  let crc = crc32c(0, bucketName);
  for (let id = 0; id < end; id++) {
    const main = records.main(id);
    const tombstone = records.isTombstone(id);
    // With nothing to keep etcd hashes all.
    if (main <= compactRevision && keep.any && keep.marks[id] !== 1) continue;
    // Older members delete the tombstone at the compacted revision, newer ones keep it.
    if (main === compactRevision && tombstone) continue;
    crc = crc32c(crc, key, writeRevisionKey(key, main, records.sub(id), tombstone));
    crc = crc32c(crc, records.bytes(id));
  }
  return { hash: crc, compactRevision, revision };
}

const remembered = 10;

/** Checksums taken while compacting: of what was there before, so they cannot be computed again. */
export class CompactionHashes {
  private readonly hashes: KvHash[] = [];

  remember(hash: KvHash): void {
    this.hashes.push(hash);
    if (this.hashes.length > remembered) this.hashes.shift();
  }

  of(revision: number): KvHash | undefined {
    return this.hashes.find((hash) => hash.revision === revision);
  }
}
