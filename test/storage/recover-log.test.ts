// What a start takes from the log besides the db file. The entries of the db file are there for the store of version 2 alone.
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { ConfChange, ConfChangeType, EntryType, type Entry } from "../../src/proto/gen/raftpb";
import { mayTouchV2 } from "../../src/etcd/raft-request";
import { ClusterMemberAttrSetRequest, ClusterVersionSetRequest } from "../../src/proto/gen/membershippb";
import { InternalRaftRequest, PutRequest, Request, TxnRequest } from "../../src/proto/gen/etcdserverpb";
import { encode } from "../../src/proto/message";
import { segmentName } from "../../src/storage/wal/layout";
import { readLog } from "../../src/storage/wal/log-reader";
import { newLog } from "../../src/storage/wal/record-encoder";
import { recoverLog } from "../../src/storage/wal/recover-log";
import { workFolder } from "../support/work-folder";

const folder = workFolder();

/** The folder of a log with these entries, in one segment. */
function logOf(entries: readonly Entry[]): string {
  const dir = path.join(folder(), "wal");
  mkdirSync(dir);
  const rest = {
    metadata: { NodeID: 1n, ClusterID: 2n },
    state: { term: 1n, commit: BigInt(entries.length) },
  };
  const bytes = newLog({ ...rest, entries, snapshot: {} });
  writeFileSync(path.join(dir, segmentName({ sequence: 0n, firstIndex: 0n })), bytes);
  return dir;
}

const requestOf = (fields: Partial<InternalRaftRequest>) =>
  encode(
    InternalRaftRequest,
    InternalRaftRequest.create({ header: { ID: 9n, username: "u", authRevision: 0n }, ...fields }),
  );

const put = (value: Buffer) => requestOf({ put: PutRequest.create({ key: Buffer.from("k"), value }) });
const v2 = { ID: 7n, Method: "PUT", Path: "/1/a", Val: "1" };

const entriesOf = (data: readonly (Uint8Array | undefined)[], type: EntryType = EntryType.EntryNormal) =>
  data.map((Data, at): Entry => ({ Type: type, Term: 1n, Index: BigInt(at + 1), Data }));

test("Of entries that the db file has, only those keep their data that version 2 needs.", () => {
  const needed = {
    "a request as etcd 3.5 writes it": encode(Request, v2),
    "a request": requestOf({ v2 }),
    "the attributes of a member": requestOf({
      clusterMemberAttrSet: ClusterMemberAttrSetRequest.create({ memberID: 1n }),
    }),
    "the version of the cluster": requestOf({
      clusterVersionSet: ClusterVersionSetRequest.create({ ver: "3.6.0" }),
    }),
    "what no one can read": Buffer.from([0xff]),
  };
  const free = [put(Buffer.alloc(100)), requestOf({ txn: TxnRequest.create({}) }), undefined];
  const log = recoverLog(logOf(entriesOf([...free, ...Object.values(needed)])), 8n, 0n);
  expect(log.entries).toEqual([]);
  expect(log.earlierEntries.map(({ Index, Data }) => [Index, Data])).toEqual(
    [undefined, undefined, undefined, ...Object.values(needed)].map((data, at) => [
      BigInt(at + 1),
      data && Buffer.from(data),
    ]),
  );
});

test("A change of the members keeps its data, with any type of entry.", () => {
  const change = encode(ConfChange, { type: ConfChangeType.ConfChangeAddNode, nodeId: 3n });
  const log = recoverLog(logOf(entriesOf([change], EntryType.EntryConfChange)), 1n, 0n);
  expect(log.earlierEntries[0]?.Data).toEqual(Buffer.from(change));
});

test("A request is of no use to version 2 only if all its fields are about keys, leases, alarms and users.", () => {
  const fields = InternalRaftRequest.fields.map(({ name, no }) => [name, no] as const);
  const touching = fields.filter(([, number]) => mayTouchV2(Buffer.from([...tagOf(number), 0])));
  expect(touching.map(([name]) => name)).toEqual([
    "v2",
    "cluster_version_set",
    "cluster_member_attr_set",
    "downgrade_info_set",
    "downgrade_version_test",
  ]);
});

/** Of a field with a length. */
function tagOf(number: number): number[] {
  const bytes = [];
  let tag = (number << 3) | 2;
  for (; tag > 127; tag >>>= 7) bytes.push((tag & 127) | 128);
  return [...bytes, tag];
}

test("The entries after those of the db file are whole, however many large ones the reader has dropped before.", () => {
  const value = (at: number) => Buffer.alloc(300 * 1024, String(at));
  const log = recoverLog(logOf(entriesOf([1, 2, 3, 4, 5, 6, 7, 8].map((at) => put(value(at))))), 5n, 0n);
  expect(log.entries.map(({ Index }) => Index)).toEqual([6n, 7n, 8n]);
  // Jest compares large buffers byte by byte.
  for (const { Index, Data } of log.entries)
    expect(Buffer.compare(Data ?? Buffer.alloc(0), put(value(Number(Index))))).toBe(0);
});

test("A reader of the log that is done with some items finds all the others unchanged.", () => {
  const data = Array.from({ length: 40 }, (_, at) => put(Buffer.alloc(200 * 1024, String(at))));
  const kept: Entry[] = [];
  const log = readLog(logOf(entriesOf(data)));
  let seen = 0;
  for (let step = log.next(); step.done !== true;) {
    const { value: item } = step;
    const isKept = item.kind === "entry" && seen++ % 5 === 0;
    if (isKept) kept.push(item.entry);
    step = log.next(!isKept);
  }
  expect(kept.map(({ Index }) => Index)).toEqual([1n, 6n, 11n, 16n, 21n, 26n, 31n, 36n]);
  for (const { Index, Data } of kept)
    expect(Buffer.compare(Data ?? Buffer.alloc(0), data[Number(Index) - 1] ?? Buffer.alloc(0))).toBe(0);
});
