// `etcdutl migrate`: changes the storage version of a stopped member's files, so that an older or newer etcd can start
// on them. Between 3.5 and 3.6 only the field storageVersion differs. A step back is refused while the log holds
// entries that the older version does not know. Go: etcdutl/etcdutl/migrate_command.go, server/storage/schema
// (migration.go, schema.go)
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
import { bucketName, metaKey, readMeta, readStorageVersion } from "../storage/schema";
import { committedSnapshots, readLog } from "../storage/wal/log-reader";
import { checkExists, log, memberDatabase, openDatabase, waitUntilUnlocked } from "./database-file";
import type { BucketEdit } from "./rewrite-database";
import { replaceDatabase, rewriteDatabase } from "./rewrite-database";

export interface MigrateOptions {
  readonly dataDir: string;
  readonly target: Version;
  readonly force: boolean;
  readonly lockTimeoutMs: number;
}

const v3_6: Version = { major: 3n, minor: 6n, patch: 0n };
const v3_5: Version = { major: 3n, minor: 5n, patch: 0n };
/** The latest version that this migration knows. */
const v3_7: Version = { major: 3n, minor: 7n, patch: 0n };

/** Parses `X.Y`. Throws CliError(128), also for versions below 3.5. */
export function targetVersion(text: string): Version {
  const badArgs = (message: string) => new CliError(ExitCode.badArgs, message);
  if (text.split(".").length !== 2) {
    throw badArgs(`wrong target version format, expected "X.Y", got ${quote(text)}`);
  }
  const version = parseVersion(`${text}.0`);
  if (typeof version === "string") throw badArgs(`failed to parse target version: ${version}`);
  if (!isOlder(version, v3_5)) return version;
  throw badArgs(`target version ${quote(minorText(version))} not supported. Minimal "3.5"`);
}

export async function migrate(options: MigrateOptions, io: Io): Promise<void> {
  const { dataDir, target, force } = options;
  const file = memberDatabase(dataDir, io);
  checkExists(file);
  await waitUntilUnlocked(file, { timeoutMs: options.lockTimeoutMs, io });
  const targetField = { "storage-version": minorText(target) };
  const db = openDatabase(file);
  try {
    const current = await orLog(io, () => currentVersion(db), { message: undetected });
    if (formatVersion(current) === formatVersion(target)) {
      return await log(io, "storage version up-to-date", targetField);
    }
    const walDir = join(resolve(io.cwd, dataDir), "member", "wal");
    const logVersion = await orLog(io, () => requiredVersionOfLog(walDir), {
      message: "Failed to finalize config",
      withReason: true,
    });
    const refusal = await migrationRefusal(current, target, logVersion, io);
    if (refusal !== undefined) {
      if (!force) throw refusal;
      await log(io, "normal migrate failed, trying with force", { error: refusal.message });
    }
    const edits = new Map<string, BucketEdit>([[bucketName.meta, versionEdit(target)]]);
    await replaceDatabase(file.path, rewriteDatabase(db, edits), io.interrupt);
    if (refusal === undefined) await logSteps(current, target, io);
    else if (isOlder(target, v3_6)) await log(io, "forcefully cleared storage version", {}, "warn");
    else await log(io, "forcefully set storage version", targetField, "warn");
  } finally {
    db.close();
  }
}

/** etcd changes one minor version after the other. */
async function logSteps(current: Version, target: Version, io: Io): Promise<void> {
  const step = current.minor < target.minor ? 1n : -1n;
  for (let at = current.minor; at !== target.minor;) {
    at += step;
    const version = formatVersion({ major: target.major, minor: at, patch: 0n });
    await log(io, "updated storage version", { "new-storage-version": version });
  }
}

/** etcd 3.5 writes a term and no version, etcd 3.4 neither. */
function currentVersion(db: BboltFile): Version {
  const text = readStorageVersion(db);
  if (text === undefined) {
    const term = readMeta(db, metaKey.term);
    if (term !== undefined && term.length === 8 && term.readBigUInt64BE() !== 0n) return v3_5;
    throw new CliError(ExitCode.error, "missing term information", {
      hints: ["this is the data dir of an etcd before 3.5: start etcd 3.5 on it first"],
    });
  }
  const version = parseVersion(text);
  if (typeof version !== "string") return version;
  throw new CliError(ExitCode.error, `${db.file.path}: storage version ${quote(text)}: ${version}`);
}

const undetected =
  "failed to detect storage version. Please make sure you are using data dir from etcd v3.5 and older";

/** Logs a line when `action` fails, and throws its error. */
async function orLog<T>(
  io: Io,
  action: () => T,
  line: { readonly message: string; readonly withReason?: boolean },
): Promise<T> {
  try {
    return action();
  } catch (error) {
    await log(io, line.message, line.withReason ? { error: (error as Error).message } : {}, "error");
    throw error;
  }
}

/** Undefined when the migration is possible. */
async function migrationRefusal(
  current: Version,
  target: Version,
  logVersion: Version | undefined,
  io: Io,
): Promise<CliError | undefined> {
  const refusal = (message: string) => new CliError(ExitCode.error, message);
  const plan = "cannot create migration plan:";
  if (current.major !== target.major) {
    const fields = {
      "storage-version": formatVersion(addMinor(current, 0n)),
      "target-storage-version": formatVersion(target),
    };
    await log(io, "Changing major storage version is not supported", fields, "error");
    return refusal(`${plan} changing major storage version is not supported`);
  }
  const unsupported = firstUnsupported(current, target);
  if (unsupported !== undefined) {
    return refusal(`${plan} version ${quote(formatVersion(unsupported))} is not supported`);
  }
  if (isOlder(target, current) && logVersion !== undefined && isOlder(target, logVersion)) {
    return new CliError(
      ExitCode.error,
      "cannot downgrade storage, WAL contains newer entries, as the target version " +
        `(${formatVersion(target)}) is lower than the version (${formatVersion(logVersion)}) detected from WAL logs`,
      { hints: ["start the member once more, let it write a snapshot, and stop it"] },
    );
  }
  return undefined;
}

/** The first version on the way from `current` to `target` that etcd has no migration for, as etcd names it. */
function firstUnsupported(current: Version, target: Version): Version | undefined {
  const isKnown = (version: Version) => !isOlder(version, v3_6) && !isOlder(v3_7, version);
  if (isOlder(target, current)) return isKnown(addMinor(current, 0n)) ? undefined : addMinor(current, 0n);
  for (let at = addMinor(current, 1n); !isOlder(target, at); at = addMinor(at, 1n))
    if (!isKnown(at)) return at;
  return undefined;
}

function addMinor({ major, minor }: Version, count: bigint): Version {
  return { major, minor: minor + count, patch: 0n };
}

function minorText({ major, minor }: Version): string {
  return `${major}.${minor}`;
}

function versionEdit(target: Version): BucketEdit {
  const key = Buffer.from(metaKey.storageVersion);
  if (isOlder(target, v3_6)) return { remove: [key] };
  return { set: [[key, Buffer.from(formatVersion(target))]] };
}

/** The version that added DowngradeVersionTest, the only request that is newer than 3.5. */
const addedDowngradeTest = v3_6;

/**
 * The oldest etcd that understands every entry of the log; undefined for 3.5 and older. Throws CliError without a log,
 * FormatError for a damaged one. etcd looks up the version of every field of every request; since 3.5 one request was
 * added. Go: server/storage/wal/version.go
 */
export function requiredVersionOfLog(walDir: string): Version | undefined {
  const from = committedSnapshots(walDir).at(-1)?.index ?? 0n;
  let newest: Version | undefined;
  for (const item of readLog(walDir, from)) {
    if (item.kind !== "entry" || (item.entry.Index ?? 0n) <= from) continue;
    const version = requiredVersion(item.entry);
    if (version !== undefined && (newest === undefined || isOlder(newest, version))) newest = version;
  }
  return newest;
}

function requiredVersion({ Type, Data }: Entry): Version | undefined {
  if ((Type ?? 0) !== EntryType.EntryNormal || Data === undefined) return undefined;
  const test = decodeRequest(Data)?.downgradeVersionTest;
  if (test === undefined) return undefined;
  const version = parseVersion(test.ver);
  return typeof version === "string" || isOlder(version, addedDowngradeTest) ? addedDowngradeTest : version;
}

/** Undefined for a request of API 2: etcd 3.4 and 3.5 may write it in another format. */
function decodeRequest(data: Uint8Array): InternalRaftRequest | undefined {
  try {
    return decode(InternalRaftRequest, data);
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}
