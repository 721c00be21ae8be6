// What the server appends to its log: values of any size, and writes of which the disk takes only a part.
import { mkdtempSync } from "node:fs";
import path from "node:path";
import { InternalRaftRequest, PutRequest } from "../../src/proto/gen/etcdserverpb";
import { EntryType } from "../../src/proto/gen/raftpb";
import { decode, encode } from "../../src/proto/message";
import { Writer } from "../../src/proto/wire";
import { NewEntry } from "../../src/storage/wal/entry-log";
import { readLog } from "../../src/storage/wal/log-reader";
import { createLog, LogWriter } from "../../src/storage/wal/log-writer";
import { recoverLog } from "../../src/storage/wal/recover-log";
import { FaultyDisk } from "../support/faulty-disk";
import { testFolder } from "./fixture-files";

const folder = testFolder();
const segmentSizeBytes = 1024 * 1024;

/** Below and above the size from which on values are not copied, and of all remainders of eight. */
const sizes = [0, 1, 130, 2047, 2048, 2049, 2054, 16_385, 70_001, 100, 300_007, 5, 200_000, 200_003, 64];
const putOf = (i: number, sizeBytes: number): InternalRaftRequest =>
  InternalRaftRequest.create({
    header: { ID: BigInt(i) << 40n, username: "alice", authRevision: 7n },
    put: PutRequest.create({ key: Buffer.from(`key${i}`), value: Buffer.alloc(sizeBytes, i), lease: 3n }),
  });

/** Appends puts of these sizes, every fourth later than the others, and returns what is in the log afterwards. */
async function written(sizes: readonly number[], disk?: FaultyDisk): Promise<InternalRaftRequest[]> {
  const walDir = path.join(mkdtempSync(path.join(folder.path, "log-")), "wal");
  const start = { metadata: { NodeID: 1n, ClusterID: 2n }, term: 1n, snapshot: { index: 0n, term: 0n } };
  await createLog(walDir, start, { segmentSizeBytes });
  const log = await LogWriter.open(walDir, recoverLog(walDir, 0n), 1n, { segmentSizeBytes });
  const appended = sizes.map(
    (sizeBytes, i) =>
      new Promise((onDurable, onFailure) => {
        const entry = new NewEntry(EntryType.EntryNormal, InternalRaftRequest, putOf(i, sizeBytes));
        const append = () => log.append(entry, onDurable, onFailure);
        if (i % 4 === 3) setImmediate(append);
        else append();
      }),
  );
  disk?.failAt(1, "short");
  await Promise.all(appended);
  await log.close();
  const found: InternalRaftRequest[] = [];
  for (const item of readLog(walDir, 0n))
    if (item.kind === "entry" && item.entry.Data !== undefined)
      found.push(decode(InternalRaftRequest, item.entry.Data));
  return found.sort((a, b) => Number((a.header?.ID ?? 0n) - (b.header?.ID ?? 0n)));
}

function expectPuts(found: readonly InternalRaftRequest[], sizes: readonly number[]): void {
  const isEqual = (each: InternalRaftRequest, i: number) =>
    encode(InternalRaftRequest, each).equals(encode(InternalRaftRequest, putOf(i, sizes[i] ?? 0)));
  expect(found.map(isEqual)).toEqual(sizes.map(() => true));
}

test("Values of all sizes are in the log as they were, also when the disk takes a part of a write.", async () => {
  const disk = new FaultyDisk(folder.path);
  disk.install();
  try {
    const found = await disk.run(() => written(sizes, disk));
    expect(disk.hasFailed).toBe(true);
    expectPuts(found, sizes);
  } finally {
    disk.uninstall();
  }
});

test("One batch can have more pieces than a system call takes (1024).", async () => {
  const sizes = Array.from({ length: 1000 }, (_, i) => 3000 + i);
  expectPuts(await written(sizes), sizes);
});

test("Fields that are not copied do not change the encoding, whatever is around them.", () => {
  for (const sizeBytes of [0, 10, 100, 127, 128, 200, 16_300, 16_384, 20_000]) {
    const value = PutRequest.create({ key: Buffer.alloc(130), value: Buffer.alloc(sizeBytes, 1), lease: 9n });
    const small = PutRequest.create({ key: Buffer.from("k"), value: Buffer.from("v") });
    const success = [value, small, value].map((put) => ({
      request: { case: "requestPut" as const, value: put },
    }));
    const request = InternalRaftRequest.create({ txn: { compare: [], success, failure: [] } });
    const whole = new Writer();
    whole.message(34, InternalRaftRequest, request);
    for (const keepsFrom of [0, 1, 128, 16_384]) {
      const pieces = new Writer(8, 0, keepsFrom);
      pieces.message(34, InternalRaftRequest, request);
      expect(Buffer.concat(pieces.pieces()).equals(whole.finish())).toBe(true);
      expect(pieces.sizeBytes).toBe(whole.sizeBytes);
    }
  }
});
