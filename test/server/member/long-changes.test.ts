// Changes that take more than one turn of the event loop: other clients read in between, and see all of a change or nothing.
import {
  Compare_CompareResult as Result,
  Compare_CompareTarget as Target,
  DeleteRangeRequest,
  PutRequest,
  RangeRequest,
  TxnRequest,
} from "../../../src/proto/gen/etcdserverpb";
import { applyRange } from "../../../src/server/apply/range";
import { contentsOf, createEtcdServer } from "../../../src/server/member/create-etcd-server";
import { unitsPerTurn } from "../../../src/server/mvcc/turn-budget";
import { readTxn } from "../../../src/server/apply/txn";
import { ManualClock } from "../../support/manual-clock";
import { turnsOf } from "../../support/turns";
import { bytes, text } from "../store-harness";

const keyCount = 24_000;
const range = { key: bytes("key"), rangeEnd: bytes("kez") };
const name = (i: number) => `key${String(i).padStart(6, "0")}`;

/** A server whose keys take more than one turn. The work of others has filled this turn. */
function busyServer() {
  const value = bytes("v");
  const keys = Array.from({ length: keyCount }, (_, i) => [bytes(name(i)), value] as const);
  const server = createEtcdServer({ clock: new ManualClock(), keys, name: "default" });
  server.store.turn.spend(unitsPerTurn);
  return server;
}

type Server = ReturnType<typeof busyServer>;

const count = (server: Server) =>
  Number(applyRange(server, RangeRequest.create({ ...range, countOnly: true })).count);
const recordCount = (server: Server) => Array.from(contentsOf(server).records).length;
const put = (key: string, more: Partial<PutRequest> = {}) =>
  PutRequest.create({ key: bytes(key), value: bytes("w"), ...more });

/** A condition on all keys. */
const allHaveValue = (value: string) => ({
  ...{ ...range, target: Target.VALUE, result: Result.EQUAL },
  targetUnion: { case: "value" as const, value: bytes(value) },
});

describe("a change of many keys", () => {
  test("A delete takes several turns: until its end all keys are there, and after it none.", async () => {
    const server = busyServer();
    const deleted = server.proposeRequest("deleteRange", DeleteRangeRequest.create(range));
    const counts = new Set<number>();
    const turns = await turnsOf(deleted as Promise<unknown>, () => counts.add(count(server)));
    expect(turns).toBeGreaterThan(0);
    expect([...counts][0]).toBe(keyCount);
    expect([...counts].every((each) => each === keyCount || each === 0)).toBe(true);
    expect(count(server)).toBe(0);
    expect(await deleted).toMatchObject({ deleted: BigInt(keyCount), header: { revision: 3n } });
    server.close();
  });

  test("Changes that come meanwhile wait for its end, in their order.", async () => {
    const server = busyServer();
    const order: string[] = [];
    const ended = (what: string) => () => order.push(what);
    const deleted = server.proposeRequest(
      "deleteRange",
      DeleteRangeRequest.create(range),
      {},
      ended("delete"),
    );
    const others = [1, 2, 3].map((i) => server.proposeRequest("put", put(name(i)), {}, ended(`put ${i}`)));
    const refused = server.proposeRequest("put", put("k", { lease: 404n }), {}, ended("never"));
    const last = server.proposeRequest(
      "compaction",
      { revision: 3n, physical: false },
      {},
      ended("compaction"),
    );
    expect(order).toEqual([]);
    await expect(refused).rejects.toThrow("etcdserver: requested lease not found");
    await Promise.all([deleted, ...others, last]);
    expect(order).toEqual(["delete", "put 1", "put 2", "put 3", "compaction"]);
    expect(count(server)).toBe(3);
    server.close();
  });

  test("What is saved meanwhile has nothing of it, and says so.", async () => {
    const server = busyServer();
    const before = server.raft.index;
    const deleted = server.proposeRequest("deleteRange", DeleteRangeRequest.create(range));
    const saved = contentsOf(server);
    expect(saved.consistentIndex).toBe(before);
    expect(Array.from(saved.records)).toHaveLength(keyCount);
    await deleted;
    expect(Array.from(saved.records)).toHaveLength(keyCount);
    expect(recordCount(server)).toBe(2 * keyCount);
    expect(server.raft.index).toBe(before + 1n);
    server.close();
  });

  test("A compaction that removes records meanwhile changes nothing.", async () => {
    const server = busyServer();
    for (let i = 0; i < 2_000; i++) await server.proposeRequest("put", put(name(i * 12)));
    await server.proposeRequest("compaction", { revision: 1_500n, physical: false });
    const { compacting } = server.store;
    server.store.turn.spend(unitsPerTurn);
    const deleted = await server.proposeRequest("deleteRange", DeleteRangeRequest.create(range));
    await compacting;
    expect(compacting).toBeDefined();
    expect(deleted.deleted).toBe(BigInt(keyCount));
    expect(count(server)).toBe(0);
    const old = RangeRequest.create({ ...range, revision: 2_000n });
    expect(applyRange(server, old).count).toBe(BigInt(keyCount));
    server.close();
  });

  test("A condition on all of them takes several turns, also in a transaction that only reads.", async () => {
    const server = busyServer();
    const success = [{ request: { case: "requestPut" as const, value: put("a") } }];
    const txn = (value: string) => TxnRequest.create({ compare: [allHaveValue(value)], success });
    const applied = server.proposeRequest("txn", txn("v"));
    const turns = await turnsOf(applied as Promise<unknown>, () => expect(count(server)).toBe(keyCount));
    expect(turns).toBeGreaterThan(0);
    expect(await applied).toMatchObject({ succeeded: true });
    expect(await server.proposeRequest("txn", txn("w"))).toMatchObject({ succeeded: false });

    server.store.turn.spend(unitsPerTurn);
    const reading = TxnRequest.create({ compare: [allHaveValue("v")] });
    const read = server.runAlone(() => readTxn(server, reading));
    const written = server.proposeRequest("put", put(name(keyCount - 1)));
    expect(await turnsOf(read as Promise<unknown>)).toBeGreaterThan(0);
    expect(await read).toMatchObject({ succeeded: true });
    await written;
    expect(await server.runAlone(() => readTxn(server, reading))).toMatchObject({ succeeded: false });
    server.close();
  });

  test("The end of a lease with many keys takes several turns.", async () => {
    const server = busyServer();
    await server.proposeRequest("leaseGrant", { ID: 7n, TTL: 100n });
    const puts = Array.from({ length: keyCount }, (_, i) => ({
      request: { case: "requestPut" as const, value: put(name(i), { lease: 7n }) },
    }));
    await server.proposeRequest("txn", TxnRequest.create({ success: puts }));
    server.store.turn.spend(unitsPerTurn);
    const revoked = server.proposeRequest("leaseRevoke", { ID: 7n });
    const turns = await turnsOf(revoked as Promise<unknown>, () =>
      expect([0, keyCount]).toContain(count(server)),
    );
    expect(turns).toBeGreaterThan(0);
    expect([count(server), server.lessor.has(7n)]).toEqual([0, false]);
    server.close();
  });

  test("A server that stops meanwhile ends it first.", async () => {
    const server = busyServer();
    const deleted = server.proposeRequest("deleteRange", DeleteRangeRequest.create(range));
    const later = server.proposeRequest("put", put(name(1)));
    server.close();
    expect(applyRange(server, RangeRequest.create(range)).kvs.map(({ key }) => text(key))).toEqual([name(1)]);
    await Promise.all([deleted, later]);
  });
});
