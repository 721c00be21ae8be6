// What `--offline=PATH` points at: our own data dir, which takes writes, or a snapshot file, a copied db file or a
// member's data dir, which are only read. Answers to no part of etcd; etcdutl asks the user to know.
import { readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { CliError, ExitCode } from "../errors";
import { hasDataDirMarker } from "./data-dir-marker";
import { errorCode, errorReason } from "./errors";
import { lockingProcess } from "./lock-file";
import type { OpenDatabase } from "./read-database";
import { readDatabase } from "./read-database";
import { hasHash, verifySnapshotFile } from "./snapshot-file";

export interface ReadOnlyPath {
  readonly kind: "member-data-dir" | "snapshot-file" | "db-file";
  readonly path: string;
  /** The db file to read. */
  readonly databasePath: string;
  /** What a reader of this path should know: `hint:` lines. */
  readonly hints: readonly string[];
}

export type OfflinePath =
  | {
      readonly kind: "own-data-dir";
      readonly path: string;
      /** Whether anything was ever saved there. */
      readonly exists: boolean;
    }
  | ReadOnlyPath;

/** In the data dir; openDataDir holds it while it may write. */
export const lockFile = "etcdctl.lock";
/** Made by the user in a directory with a copied db file: it is ours from now on. */
export const adoptedFile = "etcdctl.own";

/** A path that does not exist, or an empty directory, is our own data dir to be. Throws CliError for anything else. */
export function classifyOfflinePath(path: string): OfflinePath {
  const stat = statOf(path);
  if (stat === undefined) return { kind: "own-data-dir", path, exists: false };
  if (stat.isDirectory()) return classifyDirectory(path);
  if (!stat.isFile()) throw new CliError(ExitCode.error, `${path} is neither a directory nor a regular file`);
  if (hasHash(stat.size)) return { kind: "snapshot-file", path, databasePath: path, hints: [] };
  const ofMember = hasMemberLog(dirname(dirname(path)));
  return { kind: "db-file", path, databasePath: path, hints: ofMember ? [behindLog] : [] };
}

const behindLog =
  "this is a member's data dir: what its write-ahead log holds beyond the db file is not shown";

function classifyDirectory(path: string): OfflinePath {
  const memberDir = join(path, "member");
  const databasePath = join(memberDir, "snap", "db");
  const exists = statOf(databasePath) !== undefined;
  const names = namesIn(path);
  const isForeign = () => exists && !names.includes(adoptedFile) && !hasDataDirMarker(databasePath);
  if (hasMemberLog(memberDir) || isForeign()) {
    if (exists) return { kind: "member-data-dir", path, databasePath, hints: [behindLog] };
    throw new CliError(ExitCode.error, `${path} is a member's data dir without a db file (member/snap/db)`);
  }
  const others = names.filter((name) => !name.startsWith(lockFile) && name !== adoptedFile);
  if (others.length === 0 || others.includes("member")) return { kind: "own-data-dir", path, exists };
  const hints = others.includes("snap") ? [`name the directory above: ${dirname(path)}`] : [];
  throw new CliError(ExitCode.error, `${path} is not an etcd data dir: it is not empty and has no member/`, {
    hints,
  });
}

/** What a real member leaves and our own data dir never has; a young one with --wal-dir has neither. */
function hasMemberLog(memberDir: string): boolean {
  return (
    namesIn(memberDir).includes("wal") ||
    namesIn(join(memberDir, "snap")).some((name) => name.endsWith(".snap"))
  );
}

/** Opens a path that is only read; checks a snapshot's hash first. For our own data dir see openDataDir. */
export async function openReadOnly(
  { path, databasePath }: ReadOnlyPath,
  options: { signal?: AbortSignal } = {},
): Promise<OpenDatabase> {
  refuseWhileInUse(path, databasePath);
  await verifySnapshotFile(databasePath, options);
  return readDatabase(databasePath);
}

/** While an etcd runs on it, a db file is neither to be read, half written, nor to be replaced. */
export function refuseWhileInUse(path: string, databasePath: string): void {
  const holder = lockingProcess(databasePath);
  if (holder === undefined) return;
  throw new CliError(ExitCode.error, `${path} is in use: process ${holder} has its db file locked`, {
    hints: ["ask the running etcd (--endpoints), or take a snapshot of it with `snapshot save`"],
  });
}

/** Why a write to such a path is refused, and how to make a copy that takes writes. */
export function writeRefusal({ kind, path, databasePath }: ReadOnlyPath): CliError {
  const what = {
    "member-data-dir": "a member's data dir",
    "snapshot-file": "a snapshot file",
    "db-file": "a db file",
  };
  return new CliError(ExitCode.error, `${path} is ${what[kind]}: it is only read offline, never written`, {
    hints: [
      `to write to a copy: mkdir -p copy.etcd/member/snap && cp ${shellWord(databasePath)} copy.etcd/member/snap/db ` +
        `&& touch copy.etcd/${adoptedFile}, then use --offline=copy.etcd`,
    ],
  });
}

function shellWord(text: string): string {
  return /^[\w./:+-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

function statOf(path: string) {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (cause) {
    throw new CliError(ExitCode.error, `cannot open ${path}: ${errorReason(cause)}`, { cause });
  }
}

function namesIn(path: string): string[] {
  try {
    return readdirSync(path);
  } catch (cause) {
    const code = errorCode(cause);
    if (code === "ENOENT" || code === "ENOTDIR") return [];
    throw new CliError(ExitCode.error, `cannot read ${path}: ${errorReason(cause)}`, { cause });
  }
}
