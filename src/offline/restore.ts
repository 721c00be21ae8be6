// `snapshot restore`: makes a member's data dir from a snapshot. It writes the db file with the new cluster in place of the old
// one, the log and the .snap file into temporary directories and renames them at the end, so that a failure, a full disk or
// Ctrl-C leaves nothing. The db file is a copy, hashed while it is written, with new pages at its end.
// Go: etcdutl/snapshot/v3_snapshot.go (Restore)
import { existsSync, readdirSync } from "node:fs";
import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { CliError, ExitCode } from "../errors";
import { quote } from "../go/quote";
import type { Io } from "../io";
import type { BboltFile } from "../storage/bbolt/reader";
import type { StoredMember } from "../storage/contents";
import { changeFile, createFile, withPath, writeAt, writeNewFile } from "../storage/files";
import {
  bucketName,
  decodeEntry,
  decodeRecordKey,
  encodeMember,
  encodeRevision,
  encodeUint64,
  metaKey,
} from "../storage/schema";
import { hashSizeBytes, HashMismatch, hasHash, verifySnapshotFile } from "../storage/snapshot-file";
import type { VerifyOptions } from "../storage/snapshot-file";
import { segmentSizeBytes } from "../storage/wal/layout";
import type { FilePath } from "./database-file";
import { log, openDatabase } from "./database-file";
import type { Cluster } from "./new-cluster";
import type { RestoredLog } from "./restored-log";
import { restoredLog } from "./restored-log";
import type { BucketEdit, DatabaseEdits } from "./rewrite-database";
import { appendToDatabase, rewriteDatabase } from "./rewrite-database";
import { stagedMemberPrefix, Staging } from "./staging";

export interface RestoreOptions {
  readonly snapshot: FilePath;
  readonly cluster: Cluster;
  readonly dataDir: string;
  readonly walDir: string;
  readonly skipHashCheck: boolean;
  readonly initialMemoryMapSize: bigint;
  /** How far to raise the revision. All revisions before the new one are then compacted. 0: no change. */
  readonly bumpRevision: bigint;
}

export async function restore(options: RestoreOptions, io: Io): Promise<void> {
  const dataDir = resolve(io.cwd, options.dataDir);
  const walDir = resolve(io.cwd, options.walDir);
  checkEmpty(options.dataDir, dataDir);
  if (existsSync(walDir)) throw new CliError(ExitCode.error, `wal-dir ${quote(options.walDir)} exists`);
  const logFields = {
    path: options.snapshot.displayPath,
    "wal-dir": options.walDir,
    "data-dir": options.dataDir,
    "snap-dir": join(options.dataDir, "member", "snap"),
    "initial-memory-map-size": options.initialMemoryMapSize,
  };
  await log(io, "restoring snapshot", logFields);
  const file = options.snapshot;
  const signal = io.interrupt;
  const newLog = restoredLog(options.cluster);
  const staging = new Staging(dataDir, walDir);
  const target = join(staging.snapDir, "db");
  // A new revision changes the bucket of all keys, which is written anew. So is a file without a hash: that checks its pages.
  const isCopied = !options.skipHashCheck && options.bumpRevision === 0n;
  let db: BboltFile | undefined;
  try {
    await checkSize(file, options.skipHashCheck);
    if (isCopied) {
      await staging.make();
      await copyVerified(file, target, signal);
    } else if (!options.skipHashCheck) await verify(file, { signal });
    checkWalDir(walDir, options.walDir, dataDir);
    db = openDatabase(file);
    if (!isCopied) await staging.make();
    await log(io, "Trimming membership information from the backend...");
    const bump = revisionBump(db, options.bumpRevision);
    if (bump !== undefined) await logBump(bump, io);
    await logMembers(options.cluster, io);
    const edits = restoreEdits(options.cluster.members, newLog, bump);
    if (isCopied) await changeFile(target, appendToDatabase(db, edits));
    else await writeNewFile(target, rewriteDatabase(db, edits).chunks, { signal });
    await writeNewFile(join(staging.snapDir, newLog.snap.name), [newLog.snap.bytes], { signal, mode: 0o666 });
    const segment = join(staging.walDir, newLog.segment.name);
    await writeNewFile(segment, [newLog.segment.bytes], { signal, sizeBytes: segmentSizeBytes });
    await staging.commit();
  } catch (error) {
    await staging.discard();
    throw error;
  } finally {
    db?.close();
  }
  await log(io, "restored snapshot", logFields);
}

function checkEmpty(displayPath: string, dataDir: string): void {
  if (!existsSync(dataDir)) return;
  let names: string[] = ["?"];
  try {
    names = readdirSync(dataDir);
  } catch {
    // Not a directory, or not readable: etcd prints the same error.
  }
  if (names.length === 0) return;
  const leftovers = names.filter((name) => name.startsWith(stagedMemberPrefix));
  const hints = leftovers.map((name) => `a killed restore left ${name}; remove it`);
  throw new CliError(ExitCode.error, `data-dir ${quote(displayPath)} not empty or could not be read`, {
    hints,
  });
}

/** The log cannot replace a directory of the db file. etcd finds this later and prints the same error. */
function checkWalDir(walDir: string, displayPath: string, dataDir: string): void {
  const member = join(dataDir, "member");
  const existing = new Map([
    [dataDir, "member"],
    [member, "snap"],
    [join(member, "snap"), "db"],
  ]).get(walDir);
  if (existing === undefined) return;
  throw new CliError(ExitCode.error, `expected ${quote(displayPath)} to be empty, got [${quote(existing)}]`, {
    hints: ["name a separate directory for the log with --wal-dir, or omit the flag"],
  });
}

async function checkSize({ path, displayPath }: FilePath, skip: boolean): Promise<void> {
  const found = await withPath("open", displayPath, stat(path));
  const size = found.isFile() ? found.size : 0;
  if (size < hashSizeBytes) {
    throw new CliError(ExitCode.error, `seek ${displayPath}: invalid argument`, {
      hints: [
        found.isFile()
          ? `the file has only ${size} bytes, which is too short for a snapshot`
          : "the path is not a regular file",
      ],
    });
  }
  if (skip || hasHash(size)) return;
  throw new CliError(ExitCode.error, "snapshot missing hash but --skip-hash-check=false", {
    hints: [
      `${displayPath} does not end with the hash that \`snapshot save\` writes: it was cut short, or it is a copied db file`,
      "a copy of a data dir's member/snap/db has no hash: add --skip-hash-check",
    ],
  });
}

/** Copies the database of the snapshot, and checks its hash at the same time. */
async function copyVerified(snapshot: FilePath, target: string, signal: AbortSignal): Promise<void> {
  const copy = await createFile(target);
  try {
    await verify(snapshot, { signal, copy: (part) => writeAt(copy, target, part) });
  } finally {
    await copy.close();
  }
}

async function verify({ path, displayPath }: FilePath, options: VerifyOptions): Promise<void> {
  await verifySnapshotFile(path, { ...options, name: displayPath }).catch((error: unknown) => {
    if (!(error instanceof HashMismatch)) throw error;
    const numbers = (bytes: Buffer) => `[${[...bytes].join(" ")}]`;
    const message = `expected sha256 ${numbers(error.expected)}, got ${numbers(error.computed)}`;
    throw new CliError(ExitCode.error, message, { cause: error, hints: [error.message, ...error.hints] });
  });
}

async function logBump({ from, to }: RevisionBump, io: Io): Promise<void> {
  const fields = { "latest-revision": from, "bump-amount": to - from, "new-latest-revision": to };
  await log(io, "bumping latest revision", fields);
  await log(io, "marking revision compacted", { revision: to });
}

async function logMembers({ id, members }: Cluster, io: Io): Promise<void> {
  for (const member of members) {
    await log(io, "added member", {
      "cluster-id": id.toString(16),
      "local-member-id": "0", // etcd sets it when the member starts
      "added-peer-id": member.id.toString(16),
      "added-peer-peer-urls": member.peerURLs,
      "added-peer-is-learner": member.isLearner,
    });
  }
}

interface RevisionBump {
  readonly from: number;
  readonly to: number;
}

/**
 * Replaces the members and sets the log position to that of the new log. With `bump`, the store starts at a higher revision
 * and all revisions before it are compacted: clients with caches (Kubernetes' watches) then start again and see no time
 * that runs backwards. Go: etcdutl/snapshot/v3_snapshot.go (modifyLatestRevision, updateCIndex),
 * server/storage/schema/membership.go (TrimMembershipFromBackend)
 */
function restoreEdits(
  members: readonly StoredMember[],
  { index, term }: RestoredLog,
  bump: RevisionBump | undefined,
): DatabaseEdits {
  const meta: [string, Buffer][] = [
    [metaKey.consistentIndex, encodeUint64(index)],
    [metaKey.term, encodeUint64(term)],
  ];
  const memberEntries = members.map(encodeMember).map(({ key, value }): [Buffer, Buffer] => [key, value]);
  const edits = new Map<string, BucketEdit>([
    [bucketName.cluster, {}],
    [bucketName.members, { clear: true, set: sorted(memberEntries) }],
    [bucketName.membersRemoved, { clear: true }],
  ]);
  if (bump !== undefined) {
    edits.set(bucketName.key, { set: [[encodeRevision(bump.to), Buffer.alloc(0)]] });
    meta.push([metaKey.scheduledCompact, encodeRevision(bump.to)]);
  }
  return edits.set(bucketName.meta, {
    set: sorted(meta.map(([name, value]) => [Buffer.from(name), value])),
  });
}

function sorted(entries: [Buffer, Buffer][]): [Buffer, Buffer][] {
  return entries.sort(([a], [b]) => Buffer.compare(a, b));
}

/** Throws CliError for a revision beyond 2^53, which the embedded server cannot hold. */
function revisionBump(db: BboltFile, amount: bigint): RevisionBump | undefined {
  if (amount === 0n) return undefined;
  const from = latestRevision(db);
  const to = BigInt(from) + amount;
  if (to <= Number.MAX_SAFE_INTEGER) return { from, to: Number(to) };
  throw new CliError(ExitCode.badArgs, `--bump-revision ${amount} leads beyond revision 2^53`, {
    hints: ["a billion (1000000000) is more than any cluster writes in the time between two backups"],
  });
}

/** 0 without keys. */
function latestRevision(db: BboltFile): number {
  let latest = 0;
  for (const bucket of db.buckets()) {
    if (bucket.name.toString() !== bucketName.key) continue;
    for (const entry of db.entries(bucket)) {
      latest = decodeEntry(db, bucketName.key, entry, () => decodeRecordKey(entry.key).main);
    }
  }
  return latest;
}
