// backup copies the data directory of a member of etcd 3.4 or older. A new cluster can start from the copy: it has another
// member ID and cluster ID, and its log has no membership changes. Data of version 3 is left out; with --with-v3 the copy has
// the database without the membership. The order of the steps, and so the order of the errors, is Go's.
// Go (etcd 3.4): etcdctl/ctlv2/command/backup_command.go
import { constants, copyFile, readdir, stat } from "node:fs/promises";
import path from "node:path";
import { CliError } from "../../errors";
import { osErrorReason } from "../../go/os";
import { quote } from "../../go/quote";
import type { Io } from "../../io";
import { waitUntilUnlocked } from "../../offline/database-file";
import { rewriteDatabase } from "../../offline/rewrite-database";
import type { Metadata } from "../../proto/gen/etcdserverpb";
import { BboltFile } from "../../storage/bbolt/reader";
import { bboltImage } from "../../storage/bbolt/writer";
import { bucketName, encodeUint64, metaKey } from "../../storage/schema";
import { readSnapFile } from "../../storage/snap";
import { segmentSizeBytes, segmentName } from "../../storage/wal/layout";
import { newLog } from "../../storage/wal/record-encoder";
import { withPath, makeDirectories, writeNewFile } from "../../storage/files";
import { readMemberLog, removeMembership, type LogPosition } from "../backup-log";
import { defineCommand, ExitCode } from "../command";

export const backup = defineCommand({
  flags: {
    "data-dir": { kind: "string", usage: "data directory of the member" },
    "wal-dir": { kind: "string", usage: "directory of the write-ahead log, if not in the data directory" },
    "backup-dir": { kind: "string", usage: "directory to create" },
    "backup-wal-dir": {
      kind: "string",
      usage: "where to write the write-ahead log, if not in the backup directory",
    },
    "with-v3": { kind: "bool", usage: "include the keys of version 3" },
  },
  version3Command: () => "snapshot save FILE",
  async run({ io }, _, flags) {
    try {
      await copyDataDir({
        dataDir: flags["data-dir"],
        walDir: flags["wal-dir"],
        backupDir: flags["backup-dir"],
        backupWalDir: flags["backup-wal-dir"],
        withV3: flags["with-v3"],
        io,
        log: (line) => io.stderr.write(`${logPrefix(io)}${line}\n`),
      });
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      const { message, hints } = error;
      throw new CliError(ExitCode.badArgs, `${logPrefix(io)}${message}`, { cause: error, hints });
    }
  },
});

/** `2026-11-21 10:34:13.354000 I | `, in local time: Go prints messages and errors through its logger. */
function logPrefix({ clock }: Io): string {
  const now = new Date(clock.now());
  const local = new Date(now.getTime() - now.getTimezoneOffset() * 60_000);
  return `${local.toISOString().replace("T", " ").replace("Z", "")}000 I | `;
}

interface BackupOptions {
  readonly dataDir: string;
  /** Empty: the log is inside the data directory. */
  readonly walDir: string;
  readonly backupDir: string;
  readonly backupWalDir: string;
  readonly withV3: boolean;
  readonly io: Io;
  /** Receives a line for each part that the copy leaves out. */
  readonly log: (line: string) => Promise<void>;
}

const membershipBuckets = [bucketName.cluster, bucketName.members, bucketName.membersRemoved];
const databaseMode = 0o644;

/** Throws CliError. As in Go, files written before the error stay. */
async function copyDataDir(options: BackupOptions): Promise<void> {
  const { dataDir, backupDir, withV3, io, log } = options;
  const from = {
    snap: path.join(dataDir, "member", "snap"),
    wal: options.walDir || path.join(dataDir, "member", "wal"),
  };
  const to = {
    snap: path.join(backupDir, "member", "snap"),
    wal: options.backupWalDir || path.join(backupDir, "member", "wal"),
  };
  const at = (file: string): string => path.resolve(io.cwd, file);
  await makeEmptyDir(at(to.snap), to.snap);
  const position = await copySnapshot(at(from.snap), at(to.snap), from.snap);
  await checkReadable(at(from.wal), from.wal);
  const read = await readMemberLog(at(from.wal), position, log);
  const { entries, removed } = await removeMembership(read.entries, withV3, log);
  const state = { ...read.state, commit: (read.state.commit ?? 0n) - removed };
  const files = { from: at(path.join(from.snap, "db")), to: at(path.join(to.snap, "db")) };
  if (withV3) await copyDatabase(files, path.join(from.snap, "db"), options);
  else await writeEmptyDatabase(files.to, state.commit, io);
  if (await exists(at(to.wal))) throw new CliError(1, "file already exists");
  await withPath("mkdir", to.wal, makeDirectories(at(to.wal)));
  const metadata: Metadata = newIds(io.clock.now());
  const wal = newLog({ metadata, entries, state, snapshot: position });
  const segment = path.join(at(to.wal), segmentName({ sequence: 0n, firstIndex: 0n }));
  const sizeBytes = Math.max(segmentSizeBytes, wal.length);
  await writeNewFile(segment, [wal], { signal: io.interrupt, sizeBytes });
}

async function makeEmptyDir(dir: string, displayPath: string): Promise<void> {
  const fail = (reason: string): CliError =>
    new CliError(1, `failed creating backup snapshot dir ${displayPath}: ${reason}`);
  let made: string | undefined;
  try {
    made = await makeDirectories(dir);
  } catch (cause) {
    throw fail(`mkdir ${displayPath}: ${osErrorReason(cause)}`);
  }
  const found = made === undefined ? (await readdir(dir)).sort() : [];
  if (found.length > 0)
    throw fail(`expected ${quote(displayPath)} to be empty, got [${found.map(quote).join(" ")}]`);
}

/** Copies the newest valid snapshot and returns its position in the log. Without one, the backup needs the whole log. */
async function copySnapshot(from: string, to: string, displayPath: string): Promise<LogPosition> {
  const names = (await filesIn(from, displayPath))
    .filter((name) => name.endsWith(".snap"))
    .sort()
    .reverse();
  for (const name of names) {
    try {
      const { metadata } = readSnapFile(path.join(from, name));
      await copyFile(path.join(from, name), path.join(to, name), constants.COPYFILE_EXCL);
      return { index: metadata?.index ?? 0n, term: metadata?.term ?? 0n };
    } catch (error) {
      if (!(error instanceof CliError)) throw error; // skip a damaged snapshot, as etcd does at its start
    }
  }
  return { index: 0n, term: 0n };
}

async function checkReadable(dir: string, displayPath: string): Promise<void> {
  const names = await filesIn(dir, displayPath);
  if (!names.some((name) => name.endsWith(".wal"))) throw new CliError(1, "wal: file not found");
}

async function filesIn(dir: string, displayPath: string): Promise<string[]> {
  try {
    return await readdir(dir);
  } catch (cause) {
    throw new CliError(1, `open ${displayPath}: ${osErrorReason(cause)}`, { cause });
  }
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

async function copyDatabase(
  files: { from: string; to: string },
  displayPath: string,
  { io, log }: BackupOptions,
): Promise<void> {
  if (!(await exists(files.from))) throw new CliError(1, `open ${displayPath}: no such file or directory`);
  const file = { displayPath, path: files.from };
  try {
    await waitUntilUnlocked(file, { timeoutMs: 1000, io });
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    await log(`waiting to acquire lock on ${displayPath}`);
    await waitUntilUnlocked(file, { timeoutMs: 0, io });
  }
  const source = BboltFile.open(files.from, displayPath);
  try {
    const edits = new Map(membershipBuckets.map((name) => [name, { clear: true }]));
    await writeNewFile(files.to, rewriteDatabase(source, edits).chunks, {
      signal: io.interrupt,
      mode: databaseMode,
    });
  } finally {
    source.close();
  }
}

/** Writes a database with nothing but the consistent index. */
async function writeEmptyDatabase(file: string, appliedIndex: bigint, io: Io): Promise<void> {
  const value = encodeUint64(appliedIndex);
  const entry = {
    key: Buffer.from(metaKey.consistentIndex),
    valueSizeBytes: value.length,
    value: () => value,
  };
  const image = bboltImage([{ name: Buffer.from(bucketName.meta), entries: () => [entry] }]);
  await writeNewFile(file, image.chunks, { signal: io.interrupt, mode: databaseMode });
}

/** Makes two IDs from the time and a counter. Go: pkg/idutil/id.go */
function newIds(nowMs: number): Metadata {
  const first = BigInt.asUintN(48, BigInt(nowMs) << 8n) + 1n;
  return { NodeID: first, ClusterID: first + 1n };
}
