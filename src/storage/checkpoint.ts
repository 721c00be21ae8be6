// A checkpoint: the db file gets everything that was applied, a .snap file and a record in the log say so, and segments
// of the log that are not needed any more go. Must stay true: at each moment, the db file and the log that are on the
// disk have everything that was acknowledged.
// Go: snapshot in server/etcdserver/server.go, SaveSnap in server/storage/storage.go, purgeFile
import { readdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { performance } from "node:perf_hooks";
import { pid } from "node:process";
import { BboltFile } from "./bbolt/reader";
import { encodeUint64, bucketName, metaKey } from "./schema";
import type { ConfState, Snapshot } from "../proto/gen/raftpb";
import type { DatabaseContents, StoredMember } from "./contents";
import {
  identityOf,
  leasedRecords,
  minIndexedBytes,
  RecordPlaces,
  writeKeyPlaces,
  type NewKeyPlaces,
} from "./key-places";
import { replaceFile, since, syncDirectory, withPath, writeNewFile, type FileObserver } from "./files";
import { encodeSnapFile, snapFileName } from "./snap";
import { toEnd, type Steps } from "./steps";
import { membershipStore } from "./v2-store";
import type { LogWriter } from "./wal/log-writer";
import { databaseSteps } from "./write-database";

/** Name of the file that a checkpoint writes first, before the file gets the name `db`. */
export const temporaryPrefix = "db.tmp-";

/** Receives how long the work on a .snap file takes, in seconds. */
export interface SnapObserver {
  readonly snap: FileObserver;
  snapEncoded(seconds: number): void;
  /** From the encoding to the sync. */
  snapSaved(seconds: number): void;
}

export interface CheckpointOptions {
  readonly snapDir: string;
  /** How many .snap files stay; 0: all. Default: 5, as in etcd. */
  readonly maxSnapshots?: number | undefined;
  /** Runs the steps of the work, perhaps over several turns. Default: in one go. */
  readonly run?: (<T>(steps: Steps<T>) => T | Promise<T>) | undefined;
  readonly observer?: SnapObserver | undefined;
  /** Runs when the new db file is on the disk. What it throws keeps the old file in place. */
  beforeRename(temporary: string): Promise<void>;
}

/** Writes the db file and a .snap file. */
export async function writeDbAndSnap(contents: DatabaseContents, options: CheckpointOptions): Promise<void> {
  const { snapDir, run = toEnd } = options;
  const places = new RecordPlaces();
  const written = places.add.bind(places);
  const stream = await run(databaseSteps(withDataDirMarker(contents), written));
  const temporary = join(snapDir, `${temporaryPrefix}${pid}`);
  const file = join(snapDir, "db");
  await replaceFile(file, stream.chunks, { temporary, beforeRename: () => options.beforeRename(temporary) });
  await writeSnap(contents, options);
  // Without the index, a get of one key reads more of the db file: nothing that is worth an error.
  if (stream.sizeBytes >= minIndexedBytes && contents.byKey !== undefined)
    await writeIndex(file, await run(placesByKey(places, contents.byKey))).catch(() => undefined);
}

/** Where the index of the db file is. */
export function indexBeside(databasePath: string): string {
  return join(dirname(dirname(databasePath)), "etcdctl.keys");
}

function* placesByKey(
  places: RecordPlaces,
  order: () => Steps<Int32Array | undefined>,
): Steps<Omit<NewKeyPlaces, "identity"> | undefined> {
  const byKey = yield* order();
  if (byKey === undefined) return undefined;
  return { places, byKey, leased: yield* leasedRecords(places, byKey) };
}

async function writeIndex(file: string, found: Omit<NewKeyPlaces, "identity"> | undefined): Promise<void> {
  if (found === undefined) return;
  const db = BboltFile.open(file);
  try {
    await writeKeyPlaces(indexBeside(file), { ...found, identity: identityOf(db) });
  } finally {
    db.close();
  }
}

/** Call it in the turn in which `contents` were taken. */
export async function checkpoint(
  contents: DatabaseContents,
  log: LogWriter,
  options: CheckpointOptions,
): Promise<void> {
  const { sizeBytes } = log.sinceSnapshot;
  await writeDbAndSnap(contents, options);
  await log.saveSnapshot(walSnapshot(contents), sizeBytes);
}

async function writeSnap(contents: DatabaseContents, options: CheckpointOptions): Promise<void> {
  const { snapDir, maxSnapshots = 5, observer } = options;
  const { consistentIndex: index, term, members, v2Store = membershipStore(members) } = contents;
  const snapshot: Snapshot = {
    data: Buffer.from(v2Store),
    metadata: { confState: confStateOf(members), index, term },
  };
  const path = join(snapDir, snapFileName(snapshot));
  const temporary = `${path}.tmp`;
  await withPath("remove", temporary, rm(temporary, { force: true }));
  const startedAt = performance.now();
  const bytes = encodeSnapFile(snapshot);
  observer?.snapEncoded(since(startedAt));
  await writeNewFile(temporary, [bytes], { observer: observer?.snap });
  observer?.snapSaved(since(startedAt));
  await withPath("rename", path, rename(temporary, path));
  await syncDirectory(snapDir);
  if (maxSnapshots === 0) return;
  const names = (await readdir(snapDir)).filter((name) => name.endsWith(".snap")).sort();
  for (const name of names.slice(0, -maxSnapshots)) await rm(join(snapDir, name), { force: true });
}

/** The record in the log that says that the db file has everything up to here. */
export function walSnapshot({ consistentIndex: index, term, members }: DatabaseContents) {
  return { index, term, confState: confStateOf(members) };
}

function confStateOf(members: readonly StoredMember[]): ConfState {
  const ids = (learner: boolean) =>
    members.filter(({ isLearner }) => isLearner === learner).map(({ id }) => id);
  return { voters: ids(false), learners: ids(true), votersOutgoing: [], learnersNext: [], autoLeave: false };
}

/**
 * Marks the db file as written by etcdctl: meta/etcdctl is the log position (consistent_index) at which etcdctl wrote the
 * file, and a byte that says that there is a log. The marker ends when an etcd writes to the file, since the log position
 * then moves. Snapshots carry no marker.
 */
function withDataDirMarker(contents: DatabaseContents): DatabaseContents {
  const marker = Buffer.concat([encodeUint64(contents.consistentIndex), Buffer.from([hasLog])]);
  const bucket = { name: bucketName.meta, entries: [[Buffer.from(metaKey.dataDirMarker), marker] as const] };
  return { ...contents, otherBuckets: [...contents.otherBuckets, bucket] };
}

const hasLog = 1;
