// The hash of `etcdutl hashkv`. The server's engine computes it, so it equals that of `endpoint hashkv`. Only the keys
// are in memory. Go: etcdutl/etcdutl/hashkv_command.go
import { CliError, ExitCode } from "../errors";
import type { LeaseBook } from "../server/mvcc/kv";
import { CompactedError, FutureRevisionError, type KvHash } from "../server/mvcc/kv";
import { VersionedStore } from "../server/mvcc/versioned-store";
import { readDatabase } from "../storage/read-database";

const noLeases: LeaseBook = {
  has: () => false,
  leaseOf: () => 0n,
  attach: () => undefined,
  detach: () => undefined,
};

/** `revision` 0 stands for the latest one. Throws CliError, FormatError. */
export function hashKv(path: string, revision: number): KvHash {
  const database = readDatabase(path);
  try {
    return new VersionedStore({ contents: database, leases: noLeases }).hash(revision);
  } catch (error) {
    const isKnown = error instanceof CompactedError || error instanceof FutureRevisionError;
    throw isKnown ? new CliError(ExitCode.error, error.message, { cause: error }) : error;
  } finally {
    database.close();
  }
}
