// Responses of more keys than one turn of the event loop may read and encode.
import { setImmediate } from "node:timers";
import { connect } from "../../../src/client/library/client";
import {
  DeleteRangeRequest,
  DeleteRangeResponse,
  RangeRequest_SortOrder as Order,
  PutRequest,
  RangeRequest,
  RangeResponse,
  RangeRequest_SortTarget as Target,
  TxnRequest,
  TxnResponse,
  WatchResponse,
} from "../../../src/proto/gen/etcdserverpb";
import { Event, KeyValue } from "../../../src/proto/gen/mvccpb";
import { decode, encode, type MessageType } from "../../../src/proto/message";
import { applyCompact, createEngine } from "../../../src/server/apply/engine";
import { applyRange } from "../../../src/server/apply/range";
import { applyDeleteRange, applyPut, applyTxn } from "../../../src/server/apply/txn";
import { jsonPieces } from "../../../src/server/http/json-pieces";
import { messageToJson } from "../../../src/server/http/message-json";
import { startEmbeddedServer } from "../../../src/server/server";
import { TurnBudget, unitsPerTurn } from "../../../src/server/mvcc/turn-budget";
import { encodeInSteps, isLarge, prepareLists } from "../../../src/server/streams/large-message";
import { toEnd } from "../../../src/storage/steps";
import { ManualClock } from "../../support/manual-clock";
import { httpRequest } from "../../support/http-request";
import { seeded } from "../../support/seeded";
import { bytes, text } from "../store-harness";

const all = { key: bytes("\0"), rangeEnd: bytes("\0") };
const keyCount = 3_000;

/** Some keys are put again or deleted: revisions and versions differ, and values repeat. */
function largeEngine(keys = keyCount) {
  const engine = createEngine({ clock: new ManualClock(), nextLeaseId: () => 1n });
  engine.lessor.grant(7n, 100n);
  const random = seeded(10);
  const name = (i: number) => bytes(`key${String(i).padStart(6, "0")}`);
  for (let i = 0; i < keys; i++) {
    const value = bytes(String(random(50)));
    const put = PutRequest.create({ key: name(random(keys)), value, lease: i % 3 === 0 ? 7n : 0n });
    applyPut(engine, put);
    if (i % 11 === 0) toEnd(applyDeleteRange(engine, DeleteRangeRequest.create({ key: name(random(keys)) })));
  }
  return engine;
}

/** What a client decodes from the parts of the response. */
function received<T extends object>(type: MessageType<T>, message: T): T {
  return decode(type, Buffer.concat(toEnd(encodeInSteps(type, message))));
}

const sorters: Record<number, (a: KeyValue, b: KeyValue) => number> = {
  [Target.KEY]: (a, b) => Buffer.compare(a.key, b.key),
  [Target.VERSION]: (a, b) => Number(a.version - b.version),
  [Target.CREATE]: (a, b) => Number(a.createRevision - b.createRevision),
  [Target.MOD]: (a, b) => Number(a.modRevision - b.modRevision),
  [Target.VALUE]: (a, b) => Buffer.compare(a.value, b.value),
};

const keyOf = ({ key }: KeyValue) => text(key);

describe("a large response", () => {
  const engine = largeEngine();
  const range = (more: Partial<RangeRequest> = {}) =>
    received(RangeResponse, applyRange(engine, RangeRequest.create({ ...all, ...more })));
  const kvs = range().kvs;

  test("Every key of a large range is in it, as a read of that key says.", () => {
    expect(kvs.length).toBeGreaterThan(keyCount / 2);
    expect(range()).toMatchObject({ count: BigInt(kvs.length), more: false });
    for (const kv of kvs.filter((_, i) => i % 100 === 0)) {
      expect(range({ key: kv.key, rangeEnd: bytes("") }).kvs).toEqual([kv]);
    }
    expect(new Set(kvs.map((kv) => kv.lease))).toEqual(new Set([0n, 7n]));
  });

  test("It is sorted by every target in both orders, and cut after that.", () => {
    for (const sortTarget of Object.values(Target)) {
      for (const sortOrder of [Order.ASCEND, Order.DESCEND]) {
        const compare = sorters[sortTarget] ?? (() => 0);
        const inOrder: typeof compare = sortOrder === Order.DESCEND ? (a, b) => compare(b, a) : compare;
        const found = range({ sortTarget, sortOrder });
        // The order of equal ones is Go's: test/server/mvcc/go-sort.test.ts.
        const misplaced = found.kvs.filter((kv, i) => i > 0 && inOrder(found.kvs[i - 1] as KeyValue, kv) > 0);
        expect(misplaced).toEqual([]);
        expect(found.kvs.map(keyOf).sort()).toEqual(kvs.map(keyOf));
        const cut = range({ sortTarget, sortOrder, limit: 10n });
        expect(cut.kvs.map(keyOf)).toEqual(found.kvs.slice(0, 10).map(keyOf));
        expect(cut).toMatchObject({ more: true, count: BigInt(kvs.length) });
      }
    }
  });

  test("Filters, old revisions and keys without values give what the whole range says.", () => {
    const middle = 1500n;
    const filters = { minModRevision: middle, maxCreateRevision: 2500n };
    expect(range(filters).kvs).toEqual(
      kvs.filter((kv) => kv.modRevision >= middle && kv.createRevision <= 2500n),
    );
    const emptied = kvs.map((kv) => ({ ...kv, value: new Uint8Array(), lease: 0n }));
    const asTexts = (list: KeyValue[]) => list.map((kv) => JSON.stringify(messageToJson(KeyValue, kv)));
    expect(asTexts(range({ keysOnly: true }).kvs)).toEqual(asTexts(emptied));
    const old = range({ revision: middle });
    expect(old.kvs.every((kv) => kv.modRevision <= middle)).toBe(true);
    expect(old.kvs.length).toBeGreaterThan(500);
  });

  test("Writes and compactions while it is encoded do not change it.", () => {
    const changing = largeEngine();
    const response = applyRange(changing, RangeRequest.create({ ...all, sortTarget: Target.VALUE }));
    const expected = received(RangeResponse, response);
    const again = applyRange(changing, RangeRequest.create({ ...all, sortTarget: Target.VALUE }));
    const steps = encodeInSteps(RangeResponse, again);
    steps.next();
    toEnd(applyDeleteRange(changing, DeleteRangeRequest.create(all)));
    for (let i = 0; i < 100; i++) {
      applyPut(changing, PutRequest.create({ key: bytes(`new${i}`), value: Buffer.alloc(2000) }));
    }
    applyCompact(changing, { revision: BigInt(changing.store.revision), physical: false });
    changing.store.finish();
    expect(decode(RangeResponse, Buffer.concat(toEnd(steps)))).toEqual(expected);
  });

  test("Deleted keys are returned, and a transaction reads ranges before and after them.", () => {
    const deleting = largeEngine();
    const removed = received(
      DeleteRangeResponse,
      toEnd(applyDeleteRange(deleting, DeleteRangeRequest.create({ ...all, prevKv: true }))),
    );
    expect(removed.prevKvs).toEqual(kvs);
    expect(removed.deleted).toBe(BigInt(kvs.length));

    const rangeOp = { request: { case: "requestRange" as const, value: RangeRequest.create(all) } };
    const deleteOp = {
      request: { case: "requestDeleteRange" as const, value: DeleteRangeRequest.create(all) },
    };
    const inner = TxnRequest.create({ success: [rangeOp, deleteOp, rangeOp] });
    const request = TxnRequest.create({ success: [{ request: { case: "requestTxn", value: inner } }] });
    const response = received(TxnResponse, toEnd(applyTxn(largeEngine(), request)));
    const nested = response.responses[0]?.response;
    if (nested?.case !== "responseTxn") throw new Error("no nested response");
    const [before, deleted, after] = nested.value.responses.map((each) => each.response?.value);
    expect((before as RangeResponse).kvs).toEqual(kvs);
    expect((deleted as DeleteRangeResponse).deleted).toBe(BigInt(kvs.length));
    expect(after as RangeResponse).toMatchObject({ kvs: [], count: 0n });
  });

  test("The joined parts are the encoding of the whole message.", () => {
    const events = [...kvs, ...kvs].map((kv) => Event.create({ kv }));
    const message = WatchResponse.create({ watchId: 3n, events, cancelReason: "none" });
    expect(isLarge(WatchResponse, message)).toBe(true);
    expect(Buffer.concat(toEnd(encodeInSteps(WatchResponse, message)))).toEqual(
      encode(WatchResponse, message),
    );
  });

  test("Its JSON in pieces is the JSON of the whole message.", () => {
    const rangeOp = { request: { case: "requestRange" as const, value: RangeRequest.create(all) } };
    const txn = () => toEnd(applyTxn(engine, TxnRequest.create({ success: [rangeOp, rangeOp] })));
    const message = txn();
    toEnd(prepareLists(TxnResponse, message));
    const pieces = [...jsonPieces(TxnResponse, message, `{"result":`, "}\n")];
    expect(Math.max(...pieces.map((piece) => piece.length))).toBeLessThan(256 * 1024);
    const whole = { result: messageToJson(TxnResponse, received(TxnResponse, txn())) };
    expect(pieces.join("")).toBe(`${JSON.stringify(whole)}\n`);
  });

  test("Clients of every kind receive it whole.", async () => {
    const names = Array.from({ length: 1500 }, (_, i) => `key${i}`);
    const server = await startEmbeddedServer({
      keys: Object.fromEntries(names.map((each) => [each, "x".repeat(200)])),
    });
    const remote = await connect({ endpoints: [server.endpoint], timeoutMs: Infinity });
    try {
      const expected = [...names].sort();
      const overTcp = await remote.kv.range(all);
      const inProcess = await server.client().kv.range(all);
      const { body } = await httpRequest({
        url: `${server.endpoint}/v3/kv/range`,
        method: "POST",
        body: JSON.stringify({ key: "AA==", range_end: "AA==", sort_target: "VALUE" }),
      });
      const json = JSON.parse(body.toString()) as { kvs: { key: string }[]; count: string };
      expect(overTcp.kvs.map(keyOf)).toEqual(expected);
      expect(inProcess.kvs).toEqual(overTcp.kvs);
      expect(json.kvs.map(({ key }) => Buffer.from(key, "base64").toString())).toEqual(expected);
      expect(json.count).toBe("1500");
    } finally {
      await remote.close();
      await server.stop();
    }
  });

  test("Ranges wait for the next turn of the event loop when the work of this one is done.", async () => {
    const server = await startEmbeddedServer({ keys: { a: "1" }, listenClientUrls: [] });
    const { turn } = (server as unknown as { server: { store: { turn: TurnBudget } } }).server.store;
    const client = server.client();
    try {
      turn.spend(unitsPerTurn);
      let isAnswered = false;
      const range = client.kv.range({ key: "a" }).finally(() => (isAnswered = true));
      for (let i = 0; i < 100; i++) await Promise.resolve();
      expect(isAnswered).toBe(false);
      expect((await range).kvs).toHaveLength(1);
    } finally {
      await server.stop();
    }
  });

  test("Encoding it takes more than one turn of the event loop.", async () => {
    const large = createEngine({ clock: new ManualClock(), nextLeaseId: () => 1n });
    const write = large.store.write();
    for (let i = 0; i < 2 * unitsPerTurn; i++) write.put(bytes(`key${i}`), bytes("1"), 0n);
    write.end();
    const turn = new TurnBudget();
    let turns = 0;
    let done = false;
    const count = () => {
      if (done) return;
      turns++;
      setImmediate(count);
    };
    setImmediate(count);
    const response = applyRange(large, RangeRequest.create({ ...all, sortTarget: Target.MOD }));
    await turn.run(encodeInSteps(RangeResponse, response));
    done = true;
    expect(turns).toBeGreaterThan(1);
  });
});
