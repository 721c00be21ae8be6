// A member's data dir made of a snapshot: the db file with the old cluster taken out and the new one put in, the log and
// the .snap file that go with it. All of it is made aside and takes its place by renames at the end, so that a failure, a
// full disk or Ctrl-C leaves nothing. Answers to Restore in etcdutl/snapshot/v3_snapshot.go.
import { existsSync, readdirSync } from "node:fs";
import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { CliError, ExitCode } from "../errors";
import { HASH_SIZE_BYTES, HashMismatch, hasHash, verifySnapshotFile } from "../formats/snapshot-file";
import { SEGMENT_SIZE_BYTES } from "../formats/wal/layout";
import { quote } from "../goformat/quote";
import type { Io } from "../io";
import { openDatabase, type FilePath } from "./database-file";
import { logLine } from "./log-line";
import type { Cluster } from "./new-cluster";
import { restoreEdits, revisionBump, type RevisionBump } from "./restore-edits";
import { restoredLog } from "./restored-log";
import { rewriteDatabase } from "./rewrite-database";
import { STAGED_MEMBER, Staging } from "./staging";
import { attempt, writeNewFile } from "./write-file";

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
    await writeNewFile(segment, [log.segment.bytes], { signal, sizeBytes: SEGMENT_SIZE_BYTES });
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
  const left = names.filter((name) => name.startsWith(STAGED_MEMBER));
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
  if (size < HASH_SIZE_BYTES) {
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
