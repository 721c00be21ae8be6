// The storage version of a stopped member's files, moved to that of an older or newer etcd so that it starts on them.
// Between 3.5 and 3.6 only one field changes: 3.5 has no storage version. What matters is what may not be done: go back
// while the log holds what the older version does not know.
// Answers to etcdutl's migrate_command.go and to server/storage/schema (migration.go, schema.go) and wal/version.go.
import { join, resolve } from "node:path";
import { CliError, ExitCode } from "../errors";
import type { Version } from "../etcd/versions";
import { isOlder, parseVersion, formatVersion } from "../etcd/versions";
import { quote } from "../go/quote";
import type { Io } from "../io";
import { InternalRaftRequest } from "../proto/gen/etcdserverpb";
import type { Entry } from "../proto/gen/raftpb";
import { EntryType } from "../proto/gen/raftpb";
import { decode } from "../proto/message";
import { WireError } from "../proto/wire";
import type { BboltFile } from "../storage/bbolt/reader";
import { storageVersionKey, readMeta, readStorageVersion } from "../storage/schema";
import { committedSnapshots, readLog } from "../storage/wal/log-reader";
import { replaceDatabase } from "../storage/write-file";
import { checkExists, memberDatabase, openDatabase, waitUntilUnlocked } from "./database-file";
import type { BucketEdit } from "./rewrite-database";
import { rewriteDatabase } from "./rewrite-database";
import { logLine } from "./staging";

export interface MigrateOptions {
  readonly dataDir: string;
  readonly target: Version;
  readonly force: boolean;
  readonly lockTimeoutMs: number;
}

const v3_6: Version = { major: 3n, minor: 6n, patch: 0n };
const v3_5: Version = { major: 3n, minor: 5n, patch: 0n };
/** The newest whose files this knows. */
const v3_7: Version = { major: 3n, minor: 7n, patch: 0n };

/** `X.Y`, at least 3.5. Throws CliError(128). */
export function targetVersion(text: string): Version {
  const badArgs = (message: string) => new CliError(ExitCode.badArgs, message);
  if (text.split(".").length !== 2) {
    throw badArgs(`wrong target version format, expected "X.Y", got ${quote(text)}`);
  }
  const version = parseVersion(`${text}.0`);
  if (typeof version === "string") throw badArgs(`failed to parse target version: ${version}`);
  if (!isOlder(version, v3_5)) return version;
  throw badArgs(`target version ${quote(`${version.major}.${version.minor}`)} not supported. Minimal "3.5"`);
}

export async function migrate(options: MigrateOptions, io: Io): Promise<void> {
  const { dataDir, target, force } = options;
  const file = memberDatabase(dataDir, io);
  checkExists(file);
  await waitUntilUnlocked(file, { timeoutMs: options.lockTimeoutMs, io });
  const tell = (message: string, level: "info" | "warn" = "info") =>
    io.stderr.write(
      logLine(io.clock, message, { "storage-version": `${target.major}.${target.minor}` }, level),
    );
  const db = openDatabase(file);
  try {
    const current = currentVersion(db);
    if (formatVersion(current) === formatVersion(target)) return await tell("storage version up-to-date");
    const inLog = newestInLog(join(resolve(io.cwd, dataDir), "member", "wal"));
    try {
      checkPossible(current, target, inLog);
    } catch (error) {
      if (!force) throw error;
      await tell(`normal migrate failed, trying with force (${(error as Error).message})`, "warn");
    }
    const edits = new Map<string, BucketEdit>([["meta", versionEdit(target)]]);
    await replaceDatabase(file.path, rewriteDatabase(db, edits), io.interrupt);
    await tell("updated storage version");
  } finally {
    db.close();
  }
}

/** etcd 3.5 writes the term beside the log position, and no version; etcd 3.4 neither. */
function currentVersion(db: BboltFile): Version {
  const text = readStorageVersion(db);
  if (text === undefined) {
    const term = readMeta(db, "term");
    if (term !== undefined && term.length === 8 && term.readBigUInt64BE() !== 0n) return v3_5;
    throw new CliError(ExitCode.error, "missing term information", {
      hints: ["this is the data dir of an etcd before 3.5: start etcd 3.5 on it first"],
    });
  }
  const version = parseVersion(text);
  if (typeof version !== "string") return version;
  throw new CliError(ExitCode.error, `${db.file.path}: storage version ${quote(text)}: ${version}`);
}

function checkPossible(current: Version, target: Version, inLog: Version | undefined): void {
  const refuse = (message: string) => new CliError(ExitCode.error, message);
  const plan = "cannot create migration plan:";
  if (current.major !== target.major) {
    throw refuse(`${plan} changing major storage version is not supported`);
  }
  const unknown = firstUnknown(current, target);
  if (unknown !== undefined)
    throw refuse(`${plan} version ${quote(formatVersion(unknown))} is not supported`);
  if (isOlder(target, current) && inLog !== undefined && isOlder(target, inLog)) {
    throw new CliError(
      ExitCode.error,
      "cannot downgrade storage, WAL contains newer entries, as the target version " +
        `(${formatVersion(target)}) is lower than the version (${formatVersion(inLog)}) detected from WAL logs`,
      { hints: ["start the member once more, let it write a snapshot, and stop it"] },
    );
  }
}

/** The first step from one version to the other that is not known, as etcd names it. */
function firstUnknown(current: Version, target: Version): Version | undefined {
  const isKnown = (version: Version) => !isOlder(version, v3_6) && !isOlder(v3_7, version);
  if (isOlder(target, current)) return isKnown(minor(current, 0n)) ? undefined : minor(current, 0n);
  for (let at = minor(current, 1n); !isOlder(target, at); at = minor(at, 1n)) if (!isKnown(at)) return at;
  return undefined;
}

function minor({ major, minor }: Version, more: bigint): Version {
  return { major, minor: minor + more, patch: 0n };
}

function versionEdit(target: Version): BucketEdit {
  if (isOlder(target, v3_6)) return { remove: [storageVersionKey] };
  return { set: [[storageVersionKey, Buffer.from(formatVersion(target))]] };
}

// The oldest etcd that understands all that a write-ahead log holds, as far as it matters: since 3.5 one request was added.
// Answers to etcd's server/storage/wal/version.go, where every field of every request names its version.

const addedIn: Version = { major: 3n, minor: 6n, patch: 0n };

/** undefined: nothing newer than 3.5. Throws CliError where there is no log, FormatError where it is damaged. */
export function newestInLog(walDir: string): Version | undefined {
  const from = committedSnapshots(walDir).at(-1)?.index ?? 0n;
  let newest: Version | undefined;
  for (const item of readLog(walDir, from)) {
    if (item.kind !== "entry" || (item.entry.Index ?? 0n) <= from) continue;
    const version = versionOf(item.entry);
    if (version !== undefined && (newest === undefined || isOlder(newest, version))) newest = version;
  }
  return newest;
}

function versionOf({ Type, Data }: Entry): Version | undefined {
  if ((Type ?? 0) !== EntryType.EntryNormal || Data === undefined) return undefined;
  const tested = request(Data)?.downgradeVersionTest;
  if (tested === undefined) return undefined;
  const version = parseVersion(tested.ver);
  return typeof version === "string" || isOlder(version, addedIn) ? addedIn : version;
}

/** undefined: a request of API 2, which 3.4 and 3.5 may write in a form of its own. */
function request(data: Uint8Array): InternalRaftRequest | undefined {
  try {
    return decode(InternalRaftRequest, data);
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}
