// What `--offline=PATH` points at: our own data dir, which takes writes, or a snapshot file, a copied db file or a
// member's data dir, which are only read. Answers to no part of etcd; etcdutl asks the user to know.
import type { CliError } from "../../errors";
import type { OpenDatabase } from "./read-database";

export type OfflinePath =
  | { readonly kind: "own-data-dir"; readonly path: string }
  | {
      readonly kind: "member-data-dir" | "snapshot-file" | "db-file";
      readonly path: string;
      /** The db file to read. */
      readonly databasePath: string;
      /** What a reader of this path should know: `hint:` lines. */
      readonly hints: readonly string[];
    };

/** A path that does not exist, or an empty directory, is our own data dir to be. Throws CliError for anything else. */
export declare function classifyOfflinePath(path: string): OfflinePath;

/** Opens a path that is only read; checks a snapshot's hash first. For our own data dir see openDataDir. */
export declare function openReadOnly(
  offline: Exclude<OfflinePath, { kind: "own-data-dir" }>,
  options?: { signal?: AbortSignal },
): Promise<OpenDatabase>;

/** Why a write to such a path is refused, and how to make a copy that takes writes. */
export declare function writeRefusal(offline: Exclude<OfflinePath, { kind: "own-data-dir" }>): CliError;
