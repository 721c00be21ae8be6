// Contents as the bytes of an etcd db file, and as the stream that Maintenance.Snapshot sends (db, then its SHA-256).
// Answers to etcd's server/storage/schema and the Snapshot handler of api/v3rpc/maintenance.go.
import type { DatabaseContents } from "./contents";

/** Bytes made while they are taken, in pieces of at most 64 KiB that are the caller's; memory stays flat. */
export interface ByteStream {
  /** Known before the first byte, for remaining_bytes. */
  readonly sizeBytes: number;
  readonly chunks: Iterable<Uint8Array>;
}

/** A bbolt file. `contents` must give the same records until the last byte is taken. */
export declare function writeDatabase(contents: DatabaseContents): ByteStream;

/** What `snapshot save` writes: the db and 32 bytes of SHA-256. */
export declare function snapshotStream(contents: DatabaseContents): ByteStream;
