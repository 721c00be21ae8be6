// A damaged log is refused with the file and the byte. Only what a crash can leave, the first part of the last write, is taken
// for the end of the log.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { startEmbeddedServer } from "../../src/server/server";
import type { Entry } from "../../src/proto/gen/raftpb";
import { FormatError } from "../../src/storage/errors";
import { RecordType, segmentName } from "../../src/storage/wal/layout";
import { readLog } from "../../src/storage/wal/log-reader";
import { newLog } from "../../src/storage/wal/record-encoder";
import { recoverLog } from "../../src/storage/wal/recover-log";
import { workFolder } from "../support/work-folder";

const folder = workFolder();
const entries = [1, 2, 3].map((index) => ({
  Type: 0,
  Term: 1n,
  Index: BigInt(index),
  Data: Buffer.alloc(index * 300, index),
}));
const contents = {
  metadata: { NodeID: 1n, ClusterID: 2n },
  entries,
  state: { term: 1n, commit: 3n },
  snapshot: { index: 0n, term: 0n },
};
const log = newLog(contents);
const shown = ({ Index, Data }: Entry) => `${Index}: ${Buffer.from(Data ?? []).toString("hex")}`;

/** Where the frames of the records begin. */
const frames: number[] = [];
for (let at = 0; at < log.length;) {
  frames.push(at);
  at += 8 + log.readUIntLE(at, 6) + (log.readUInt8(at + 7) & 7);
}

/** A segment with zeros after the log, as they are on the disk. */
function segmentOf(bytes: Buffer): string {
  const dir = path.join(folder(), "wal");
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir);
  const file = path.join(dir, segmentName({ sequence: 0n, firstIndex: 0n }));
  writeFileSync(file, Buffer.concat([bytes, Buffer.alloc(8192)]));
  return dir;
}

function outcome(read: () => unknown): FormatError | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    if (error instanceof FormatError) return error;
    throw error;
  }
}

const readAll = (dir: string) => outcome(() => [...readLog(dir)]);

test("Each changed bit in the length of a record is found, and the error has the place.", () => {
  const missed: string[] = [];
  for (const frame of frames) {
    for (let bit = 0; bit < 64; bit++) {
      const bytes = Buffer.from(log);
      const at = frame + (bit >> 3);
      bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << (bit & 7)), at);
      const offset = readAll(segmentOf(bytes))?.offset;
      // Bits 59 to 62 say nothing, nor do those beside them where no padding follows.
      const isFree = (bit >= 59 && bit < 63) || (bit >= 56 && log[frame + 7] === 0);
      if (isFree ? offset !== undefined : offset !== frame) missed.push(`${frame} ${bit}: ${offset}`);
    }
  }
  expect(missed).toEqual([]);
});

test("Each changed bit in the head of a record is found, or changes nothing: also in its type, which no checksum covers.", () => {
  const lost: string[] = [];
  for (const frame of frames) {
    for (let bit = 0; bit < 24 * 8; bit++) {
      const bytes = Buffer.from(log);
      const at = frame + (bit >> 3);
      bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << (bit & 7)), at);
      const dir = segmentOf(bytes);
      let found: readonly unknown[] = [];
      const error = outcome(() => (found = recoverLog(dir, 0n).entries.map(shown)));
      if (error === undefined && found.join() !== entries.map(shown).join())
        lost.push(`${frame} ${bit}: ${found.join()}`);
    }
  }
  expect(lost).toEqual([]);
});

test("An entry that looks like a state, and a state that looks like an entry, are refused with their place.", () => {
  const [entry = 0, state = 0] = frames.slice(-3);
  for (const [frame, type] of [
    [entry, RecordType.state],
    [state, RecordType.entry],
  ] as const) {
    const bytes = Buffer.from(log);
    bytes[frame + 9] = type;
    expect(outcome(() => recoverLog(segmentOf(bytes), 0n))?.offset).toBe(frame);
  }
});

test("A log whose last committed entry is missing is refused.", () => {
  const bytes = newLog({ ...contents, state: { term: 1n, commit: 4n } });
  expect(outcome(() => recoverLog(segmentOf(bytes), 0n))?.message).toMatch(
    /\.wal: the log ends before entry 4, which is committed/,
  );
});

test("A log that a crash has cut off at any byte of the head of its last entry ends before it.", () => {
  const [last = 0] = frames.slice(-3);
  for (let end = last; end < last + 64; end++) {
    const { lastIndex } = recoverLog(segmentOf(log.subarray(0, end)), 0n);
    expect([end, lastIndex]).toEqual([end, 2n]);
  }
});

test("A log that ends before the entries of the db file is refused with the place where it ends.", () => {
  const [offset = 0] = frames.slice(-3);
  const dir = segmentOf(log.subarray(0, offset));
  const error = outcome(() => recoverLog(dir, 3n));
  expect(error?.message).toMatch(
    /\.wal: the log ends before entry 3, which the db file has \(at byte \d+\)$/,
  );
  expect(error?.offset).toBe(offset);
});

test("A record of another type in place of that of the member is refused.", () => {
  const bytes = Buffer.from(log);
  const [state = 0] = frames.slice(-2);
  bytes[state + 9] = 1;
  expect(readAll(segmentOf(bytes))).toMatchObject({
    offset: state,
    problem: "a record names another member",
  });
});

describe("A data dir without its .snap files", () => {
  test("opens with all its keys, as in etcd 3.7", async () => {
    const dataDir = path.join(folder(), "no-snap");
    const first = await startEmbeddedServer({ dataDir, listenClientUrls: [] });
    await first.client().put("a", "1");
    await first.stop();
    const second = await startEmbeddedServer({ dataDir, listenClientUrls: [] });
    await second.client().put("b", "1");
    await second.stop();
    const snapDir = path.join(dataDir, "member", "snap");
    for (const name of readdirSync(snapDir)) if (name.endsWith(".snap")) rmSync(path.join(snapDir, name));
    await using third = await startEmbeddedServer({ dataDir, listenClientUrls: [] });
    const all = await third.client().getAll();
    expect([...all.keys()]).toEqual(["a", "b"]);
    await third.client().put("c", "1");
  });
});

test("A db file that is older than the .snap files is completed from the log.", async () => {
  const dataDir = path.join(folder(), "old-db");
  const dbFile = path.join(dataDir, "member", "snap", "db");
  const write = async (key: string) => {
    await using server = await startEmbeddedServer({ dataDir, listenClientUrls: [] });
    await server.client().put(key, "1");
  };
  await write("a");
  const old = readFileSync(dbFile);
  await write("b");
  expect(readFileSync(dbFile)).not.toEqual(old); // it was written at the stop
  writeFileSync(dbFile, old);
  await using server = await startEmbeddedServer({ dataDir, listenClientUrls: [] });
  expect([...(await server.client().getAll()).keys()]).toEqual(["a", "b"]);
});
