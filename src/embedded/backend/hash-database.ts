// Maintenance.Hash: a CRC-32C over all that a db file of these contents would hold, but for what says how far the raft
// log was applied. Answers to backend.Hash and DefaultIgnores of etcd's server/storage.
import { crc32c } from "../../formats/crc32c";
import type { DatabaseContents } from "./contents";
import { bucketSources } from "./write-database";

const ignoredInMeta = new Set(["consistent_index", "term", "storageVersion"]);

export function hashDatabase(contents: DatabaseContents): number {
  let hash = 0;
  for (const { name, entries } of bucketSources(contents)) {
    hash = crc32c(hash, name);
    const isMeta = name.toString() === "meta";
    for (const entry of entries()) {
      if (isMeta && ignoredInMeta.has(Buffer.from(entry.key).toString("latin1"))) continue;
      hash = crc32c(crc32c(hash, entry.key), entry.value());
    }
  }
  return hash;
}
