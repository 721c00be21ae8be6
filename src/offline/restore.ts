// A member's data dir made of a snapshot: the db file with the old cluster taken out and the new one put in, the log and
// the .snap file that go with it. All of it is made aside and takes its place by renames at the end, so that a failure, a
// full disk or Ctrl-C leaves nothing. Answers to Restore in etcdutl/snapshot/v3_snapshot.go.
import { existsSync, readdirSync } from "node:fs";
import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { CliError, ExitCode } from "../errors";
import { quote } from "../go/quote";
import type { Io } from "../io";
import type { BboltFile } from "../storage/bbolt/reader";
import type { StoredMember } from "../storage/contents";
import { decodeRecordKey, encodeMember, encodeRevision, encodeUint64, recordAt } from "../storage/schema";
import { hashSizeBytes, HashMismatch, hasHash, verifySnapshotFile } from "../storage/snapshot-file";
import { segmentSizeBytes } from "../storage/wal/layout";
import { attempt, writeNewFile } from "../storage/write-file";
import type { FilePath } from "./database-file";
import { openDatabase } from "./database-file";
import type { Cluster } from "./new-cluster";
import type { RestoredLog } from "./restored-log";
import { restoredLog } from "./restored-log";
import type { BucketEdit, DatabaseEdits } from "./rewrite-database";
import { rewriteDatabase } from "./rewrite-database";
import { stagedMember, Staging, logLine } from "./staging";

export interface RestoreOptions {
  readonly snapshot: FilePath;
  readonly cluster: Cluster;
  readonly dataDir: string;
  readonly walDir: string;
  readonly skipHashCheck: boolean;
  readonly initialMemoryMapSize: bigint;
  /** 0: the revision stays. Else what was before the higher one is marked as compacted. */
  readonly bumpRevision: bigint;
}

export async function restore(options: RestoreOptions, io: Io): Promise<void> {
  const dataDir = resolve(io.cwd, options.dataDir);
  const walDir = resolve(io.cwd, options.walDir);
  checkEmpty(options.dataDir, dataDir);
  if (existsSync(walDir)) throw new CliError(ExitCode.error, `wal-dir ${quote(options.walDir)} exists`);
  const told = {
    path: options.snapshot.shown,
    "wal-dir": options.walDir,
    "data-dir": options.dataDir,
    "snap-dir": join(options.dataDir, "member", "snap"),
    "initial-memory-map-size": options.initialMemoryMapSize,
  };
  await io.stderr.write(logLine(io.clock, "restoring snapshot", told));
  const file = options.snapshot;
  await checkHash(file, options.skipHashCheck, io.interrupt);
  checkHasPlace(walDir, options.walDir, dataDir);
  const db = openDatabase(file);
  const log = restoredLog(options.cluster);
  const staged = new Staging(dataDir, walDir);
  try {
    await staged.make();
    const bump = revisionBump(db, options.bumpRevision);
    if (bump !== undefined) await tellBump(bump, io);
    const { chunks } = rewriteDatabase(db, restoreEdits(options.cluster.members, log, bump));
    const signal = io.interrupt;
    await writeNewFile(join(staged.snapDir, "db"), chunks, { signal });
    await writeNewFile(join(staged.snapDir, log.snap.name), [log.snap.bytes], { signal, mode: 0o666 });
    const segment = join(staged.walDir, log.segment.name);
    await writeNewFile(segment, [log.segment.bytes], { signal, sizeBytes: segmentSizeBytes });
    await staged.commit();
  } catch (error) {
    await staged.discard();
    throw error;
  } finally {
    db.close();
  }
  await io.stderr.write(logLine(io.clock, "restored snapshot", told));
}

function checkEmpty(shown: string, dataDir: string): void {
  if (!existsSync(dataDir)) return;
  let names: string[] = ["?"];
  try {
    names = readdirSync(dataDir);
  } catch {
    // Not a directory, or not readable: refused in the same words.
  }
  if (names.length === 0) return;
  const left = names.filter((name) => name.startsWith(stagedMember));
  const hints = left.map((name) => `${name} is what a restore left that was killed: it can be removed`);
  throw new CliError(ExitCode.error, `data-dir ${quote(shown)} not empty or could not be read`, { hints });
}

/** A log cannot have the place of a directory that is made for the db file. In etcd's words, which says so later. */
function checkHasPlace(walDir: string, shown: string, dataDir: string): void {
  const member = join(dataDir, "member");
  const inside = new Map([
    [dataDir, "member"],
    [member, "snap"],
    [join(member, "snap"), "db"],
  ]).get(walDir);
  if (inside === undefined) return;
  throw new CliError(ExitCode.error, `expected ${quote(shown)} to be empty, got [${quote(inside)}]`, {
    hints: ["name a directory of its own for the log (--wal-dir), or leave it out"],
  });
}

async function checkHash({ path, shown }: FilePath, skip: boolean, signal: AbortSignal): Promise<void> {
  const found = await attempt("open", shown, stat(path));
  const size = found.isFile() ? found.size : 0;
  if (size < hashSizeBytes) {
    throw new CliError(ExitCode.error, `seek ${shown}: invalid argument`, {
      hints: [found.isFile() ? `it has only ${size} bytes: this is no snapshot` : "it is not a regular file"],
    });
  }
  if (skip) return;
  if (!hasHash(size)) {
    throw new CliError(ExitCode.error, "snapshot missing hash but --skip-hash-check=false", {
      hints: [
        `${shown} does not end in the hash that \`snapshot save\` writes: it was cut short, or it is a copied db file`,
        "for a copy of a data dir's member/snap/db, which has none, add --skip-hash-check",
      ],
    });
  }
  await verifySnapshotFile(path, { signal, name: shown }).catch((error: unknown) => {
    if (!(error instanceof HashMismatch)) throw error;
    const numbers = (bytes: Buffer) => `[${[...bytes].join(" ")}]`;
    const message = `expected sha256 ${numbers(error.expected)}, got ${numbers(error.computed)}`;
    throw new CliError(ExitCode.error, message, { cause: error, hints: [error.message, ...error.hints] });
  });
}

async function tellBump({ from, to }: RevisionBump, { stderr, clock }: Io): Promise<void> {
  const told = { "latest-revision": from, "bump-amount": to - from, "new-latest-revision": to };
  await stderr.write(logLine(clock, "bumping latest revision", told));
  await stderr.write(logLine(clock, "marking revision compacted", { revision: to }));
}

// What restoring changes in the database: the old cluster's members make room for the new one's, the log position is that of
// the new log, and with --bump-revision the store begins at a higher revision, with all before it compacted, so that
// caches of clients (Kubernetes' watches) start anew instead of going back in time.
// Answers to TrimMembershipFromBackend, modifyLatestRevision and updateCIndex around etcdutl/snapshot/v3_snapshot.go.

export interface RevisionBump {
  readonly from: number;
  readonly to: number;
}

export function restoreEdits(
  members: readonly StoredMember[],
  { index, term }: RestoredLog,
  bump: RevisionBump | undefined,
): DatabaseEdits {
  const meta: [string, Buffer][] = [
    ["consistent_index", encodeUint64(index)],
    ["term", encodeUint64(term)],
  ];
  const edits = new Map<string, BucketEdit>([
    ["cluster", {}],
    [
      "members",
      { clear: true, set: sorted(members.map(encodeMember).map(({ key, value }) => [key, value])) },
    ],
    ["members_removed", { clear: true }],
  ]);
  if (bump !== undefined) {
    edits.set("key", { set: [[encodeRevision(bump.to), Buffer.alloc(0)]] });
    meta.push(["scheduledCompactRev", encodeRevision(bump.to)]);
  }
  return edits.set("meta", { set: sorted(meta.map(([name, value]) => [Buffer.from(name), value])) });
}

/** Throws CliError where the engine of revisions would be left. */
export function revisionBump(db: BboltFile, amount: bigint): RevisionBump | undefined {
  if (amount === 0n) return undefined;
  const from = latestRevision(db);
  const to = BigInt(from) + amount;
  if (to <= Number.MAX_SAFE_INTEGER) return { from, to: Number(to) };
  throw new CliError(ExitCode.badArgs, `--bump-revision ${amount} leads beyond revision 2^53`, {
    hints: ["a billion (1000000000) is more than any cluster writes in the time between two backups"],
  });
}

function sorted(entries: [Buffer, Buffer][]): [Buffer, Buffer][] {
  return entries.sort(([a], [b]) => Buffer.compare(a, b));
}

/** 0 where there are no keys. */
function latestRevision(db: BboltFile): number {
  let latest = 0;
  for (const bucket of db.buckets()) {
    if (bucket.name.toString() !== "key") continue;
    for (const entry of db.entries(bucket)) {
      latest = recordAt(db, entry, () => decodeRecordKey(entry.key).main);
    }
  }
  return latest;
}
