// Our own data dir: etcd's layout (member/snap/db), one writer at a time, the file replaced as a whole.
// After a crash at any moment the next open finds the old file or the new one, and clears what was half written.
import type { Clock } from "../../io";
import type { DatabaseContents } from "./contents";
import type { OpenDatabase } from "./read-database";

export interface DataDirOptions {
  /** `read` takes no lock and makes nothing: it sees the last saved state. `write` makes the directory if it must. */
  readonly mode: "read" | "write";
  readonly clock: Clock;
  /** How long to wait for another writer; 10 s when absent. */
  readonly lockWaitMs?: number;
  readonly signal?: AbortSignal;
}

export interface DataDir {
  readonly path: string;
  /** What the directory held when it was opened; undefined for a new one. Open until close(). */
  readonly database: OpenDatabase | undefined;
  /** Replaces the db file; resolves when it is on disk. `database` stays readable. Only in mode `write`. */
  save(contents: DatabaseContents): Promise<void>;
  /** Gives up the lock. */
  close(): Promise<void>;
}

/** Throws CliError: not our kind of directory, locked by another for too long, damaged. */
export declare function openDataDir(path: string, options: DataDirOptions): Promise<DataDir>;
