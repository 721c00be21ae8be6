// The version that the contents of a db file are fit for, in its bucket `meta`. Absent before etcd 3.6.
// Answers to etcd's server/storage/schema/schema.go and storage_version… of the same folder.
import { readMeta } from "../embedded/backend/read-meta";
import type { BboltFile } from "../formats/bbolt/reader";

export const STORAGE_VERSION_KEY = Buffer.from("storageVersion");

export function readStorageVersion(db: BboltFile): string | undefined {
  return readMeta(db, "storageVersion")?.toString();
}
