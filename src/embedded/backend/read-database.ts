// An etcd db file as contents, its records left in the file and read when asked for. Files of etcd 3.4 to 3.7.
// Answers to etcd's server/storage/schema (what the buckets hold) and mvcc/revision.go (the keys of the records).
import type { DatabaseContents } from "./contents";

/** Records read from the file as long as it is open; everything else is in memory. */
export interface OpenDatabase extends DatabaseContents {
  /** Path, for messages. */
  readonly file: string;
  readonly sizeBytes: number;
  close(): void;
}

/** Throws FormatError for a damaged file; so do iterating `records` and reading one. */
export declare function readDatabase(path: string): OpenDatabase;
