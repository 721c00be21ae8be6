// The kinds of path that `--offline=PATH` takes: etcdctl's data dir, which takes writes, and a snapshot file, a copied db
// file or a member's data dir, which are read-only.
import { dirname, join } from "node:path";
import { CliError, ExitCode } from "../errors";
import { quoteForShell } from "../go/quote";
import { BboltFile } from "./bbolt/reader";
import { lockHolder } from "./file-lock";
import { namesIn, statOf } from "./files";
import { isLocked } from "./lock-file";
import type { OpenDatabase } from "./read-database";
import { readDatabase } from "./read-database";
import { encodeUint64, metaKey, readMeta } from "./schema";
import { hasHash, verifySnapshotFile } from "./snapshot-file";
import { replacedLog } from "./wal/layout";
import { firstEntryIndex } from "./wal/log-reader";

export interface ReadOnlyPath {
  readonly kind: "member-data-dir" | "snapshot-file" | "db-file";
  readonly path: string;
  /** The db file to read. */
  readonly databasePath: string;
  /** Lines to print as `hint:` when the path is opened. */
  readonly hints: readonly string[];
  /** The compressed file that the user named, if `path` is its unpacked content. */
  readonly packedPath?: string | undefined;
}

export type OfflinePath =
  | {
      readonly kind: "etcdctl-data-dir";
      readonly path: string;
      /** False until the first save. */
      readonly exists: boolean;
    }
  | ReadOnlyPath;

/** In the data dir, while a process has it open for writing. */
export const lockFile = "etcdctl.lock";
/** Made by the user, in a copied data dir or with a copied db file: it turns the directory into etcdctl's data dir. */
export const adoptedFile = "etcdctl.own";

/**
 * A missing path and an empty directory are etcdctl's data dir, which the first write makes. Throws CliError for a path
 * that is none of the kinds.
 */
export function classifyOfflinePath(path: string, options: DirectoryOptions = {}): OfflinePath {
  const stat = statOf(path);
  if (stat === undefined) return { kind: "etcdctl-data-dir", path, exists: false };
  if (stat.isDirectory()) return classifyDirectory(path, options);
  if (!stat.isFile()) throw new CliError(ExitCode.error, `${path} is neither a directory nor a regular file`);
  if (hasHash(stat.size)) return { kind: "snapshot-file", path, databasePath: path, hints: [] };
  const isInMemberDir = hasMemberLog(dirname(dirname(path)));
  return { kind: "db-file", path, databasePath: path, hints: isInMemberDir ? [logNotShown] : [] };
}

const logNotShown = "this is a member's db file: entries that are only in its write-ahead log are not shown";

interface DirectoryOptions {
  /** Directory of the log, if it is not in the usual place. */
  readonly walDir?: string | undefined;
  /** Whether a data dir may begin in a directory with other files. */
  readonly besideOthers?: boolean;
}

export function hasSegments(walDir: string): boolean {
  return namesIn(walDir).some((name) => name.endsWith(".wal"));
}

function classifyDirectory(
  path: string,
  { walDir = join(path, "member", "wal"), besideOthers = false }: DirectoryOptions,
): OfflinePath {
  const memberDir = join(path, "member");
  const databasePath = join(memberDir, "snap", "db");
  const exists = statOf(databasePath) !== undefined;
  const names = namesIn(path);
  const isAdopted = names.includes(adoptedFile);
  const marker = exists && !isAdopted ? dataDirMarker(databasePath) : undefined;
  // A crash can leave a log beside its place: createLog.
  const hasLog = [walDir, replacedLog(walDir)].some(hasSegments);
  if (marker?.hasLog === true && !hasLog) {
    throw new CliError(ExitCode.error, `the write-ahead log of ${path} is not in ${walDir}`, {
      hints: ["name its directory with --wal-dir"],
    });
  }
  const isOwn = isAdopted || marker !== undefined || (!exists && hasLog && isUnfinished(walDir));
  if (!isOwn && (exists || hasLog || hasMemberLog(memberDir))) {
    if (exists) return { kind: "member-data-dir", path, databasePath, hints: [] };
    throw new CliError(ExitCode.error, `${path} is a member's data dir without a db file (member/snap/db)`);
  }
  // `fixtures` has the certificates of --auto-tls; a file system has `lost+found`.
  const ignored = [adoptedFile, "fixtures", "lost+found"];
  const others = names.filter((name) => !name.startsWith(lockFile) && !ignored.includes(name));
  if (others.length === 0 || others.includes("member")) return { kind: "etcdctl-data-dir", path, exists };
  const isMemberDir = others.includes("snap");
  if (besideOthers && !isMemberDir) return { kind: "etcdctl-data-dir", path, exists };
  const hints = isMemberDir ? [`name the directory above: ${dirname(path)}`] : [];
  throw new CliError(ExitCode.error, `${path} is not an etcd data dir: it is not empty and has no member/`, {
    hints,
  });
}

/** A crash while a directory was made leaves a log without entries and no db file. */
function isUnfinished(walDir: string): boolean {
  return firstEntryIndex(walDir) === undefined;
}

function hasMemberLog(memberDir: string): boolean {
  return (
    namesIn(memberDir).includes("wal") ||
    namesIn(join(memberDir, "snap")).some((name) => name.endsWith(".snap"))
  );
}

/** checkpoint.ts writes the marker. Undefined: etcdctl did not write this file. Throws FormatError for a damaged file. */
function dataDirMarker(databasePath: string): { readonly hasLog: boolean } | undefined {
  const db = BboltFile.open(databasePath);
  try {
    const marker = readMeta(db, metaKey.dataDirMarker);
    const index = readMeta(db, metaKey.consistentIndex) ?? encodeUint64(0n);
    if (marker?.subarray(0, index.length).equals(index) !== true) return undefined;
    return { hasLog: marker.length > index.length };
  } finally {
    db.close();
  }
}

/**
 * Opens a read-only path, after a check of the snapshot's hash, unless that is done later (`unchecked`). For etcdctl's data
 * dir use openDataDir.
 */
export async function openReadOnly(
  { path, databasePath }: ReadOnlyPath,
  options: { signal?: AbortSignal; unchecked?: boolean } = {},
): Promise<OpenDatabase> {
  if (!isLocked(join(dirname(dirname(dirname(databasePath))), lockFile)))
    refuseWhileInUse(path, databasePath);
  if (options.unchecked !== true) await verifySnapshotFile(databasePath, options);
  return readDatabase(databasePath);
}

/** While an etcd runs on a db file, the file may be half written and must not be replaced. */
export function refuseWhileInUse(path: string, databasePath: string): void {
  const holder = lockHolder(databasePath);
  if (holder?.isAlive === true) throw inUse(path, `process ${holder.pid}`);
}

export function inUse(path: string, holder: string): CliError {
  return new CliError(ExitCode.error, `${path} is in use: ${holder} has its db file locked`, {
    hints: ["ask the running etcd (--endpoints), or take a snapshot of it with `snapshot save`"],
  });
}

/** The error for a write to a read-only path. Its hint is a command that makes a writable copy. */
export function writeRefusal({ kind, path, databasePath, packedPath }: ReadOnlyPath): CliError {
  if (packedPath !== undefined) {
    return new CliError(
      ExitCode.error,
      `${packedPath} is compressed: it is only read offline, never written`,
      {
        hints: ["unpack it first; the error for the unpacked file names the next steps"],
      },
    );
  }
  const what = {
    "member-data-dir": "a member's data dir",
    "snapshot-file": "a snapshot file",
    "db-file": "a db file",
  };
  const copy =
    kind === "member-data-dir"
      ? `cp -r ${quoteForShell(path)} copy.etcd`
      : `mkdir -p copy.etcd/member/snap && cp ${quoteForShell(databasePath)} copy.etcd/member/snap/db`;
  return new CliError(ExitCode.error, `${path} is ${what[kind]}: it is only read offline, never written`, {
    hints: [`to write to a copy: ${copy} && touch copy.etcd/${adoptedFile}, then use --offline=copy.etcd`],
  });
}
