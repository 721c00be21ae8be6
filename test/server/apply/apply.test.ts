import type { RangeResponse, RequestOp, TxnResponse } from "../../../src/proto/gen/etcdserverpb";
import {
  CompactionRequest,
  Compare,
  DeleteRangeRequest,
  RangeRequest_SortOrder as Order,
  PutRequest,
  RangeRequest,
  Compare_CompareResult as Result,
  RangeRequest_SortTarget as SortTarget,
  Compare_CompareTarget as Target,
  TxnRequest,
} from "../../../src/proto/gen/etcdserverpb";
import { applyCompact, createEngine, KeyNotFoundError } from "../../../src/server/apply/engine";
import { applyRange, rangeChunks } from "../../../src/server/apply/range";
import { applyDeleteRange, applyPut, applyTxn, readTxn } from "../../../src/server/apply/txn";
import { LeaseNotFoundError } from "../../../src/server/lease/lessor";
import { CompactedError, FutureRevisionError } from "../../../src/server/mvcc/kv";
import { ManualClock } from "../../support/manual-clock";
import { bytes, text } from "../store-harness";
import { toEnd } from "../../../src/storage/steps";

const ALL = bytes("\0");

function open(puts: Record<string, string> = {}) {
  const engine = createEngine({ clock: new ManualClock(), nextLeaseId: () => 1n });
  const put = (key: string, value = "", more: Partial<PutRequest> = {}) =>
    applyPut(engine, PutRequest.create({ key: bytes(key), value: bytes(value), ...more }));
  const range = (more: Partial<RangeRequest> = {}) =>
    applyRange(engine, RangeRequest.create({ key: bytes("a"), rangeEnd: ALL, ...more }));
  const keys = (more: Partial<RangeRequest> = {}) =>
    range(more)
      .kvs.map((kv) => text(kv.key))
      .join("");
  const txn = (more: Partial<TxnRequest>) => toEnd(applyTxn(engine, TxnRequest.create(more)));
  for (const [key, value] of Object.entries(puts)) put(key, value);
  return { engine, put, range, keys, txn };
}

const opPut = (key: string, value = "", more: Partial<PutRequest> = {}): RequestOp => ({
  request: {
    case: "requestPut",
    value: PutRequest.create({ key: bytes(key), value: bytes(value), ...more }),
  },
});
const opRange = (more: Partial<RangeRequest> = {}): RequestOp => ({
  request: { case: "requestRange", value: RangeRequest.create({ key: bytes("a"), rangeEnd: ALL, ...more }) },
});
const opDelete = (key: string, more: Partial<DeleteRangeRequest> = {}): RequestOp => ({
  request: { case: "requestDeleteRange", value: DeleteRangeRequest.create({ key: bytes(key), ...more }) },
});
const opTxn = (more: Partial<TxnRequest>): RequestOp => ({
  request: { case: "requestTxn", value: TxnRequest.create(more) },
});
const revisionOf = (response: { header?: { revision: bigint } | undefined }) => response.header?.revision;

describe("range", () => {
  const data = { b: "3", a: "1", d: "2", c: "2" };

  test.each([
    ["all, in order of keys", {}, "abcd"],
    ["no order and a target: ascending", { sortTarget: SortTarget.MOD }, "badc"],
    ["keys descending", { sortOrder: Order.DESCEND }, "dcba"],
    [
      "by value ascending, equal ones by key",
      { sortOrder: Order.ASCEND, sortTarget: SortTarget.VALUE },
      "acdb",
    ],
    [
      "by value descending, equal ones by key",
      { sortOrder: Order.DESCEND, sortTarget: SortTarget.VALUE },
      "bcda",
    ],
    ["by creation descending", { sortOrder: Order.DESCEND, sortTarget: SortTarget.CREATE }, "cdab"],
    ["by version", { sortOrder: Order.ASCEND, sortTarget: SortTarget.VERSION }, "abcd"],
    ["limited after sorting", { sortOrder: Order.DESCEND, limit: 2n }, "dc"],
    ["limited before sorting when no order is given", { sortTarget: SortTarget.MOD, limit: 2n }, "ba"],
    ["created or changed late enough", { minModRevision: 3n, minCreateRevision: 4n }, "cd"],
    ["created and changed early enough", { maxModRevision: 4n, maxCreateRevision: 3n }, "ab"],
    ["limited after filtering", { minModRevision: 3n, limit: 2n }, "ac"],
    ["one key", { rangeEnd: bytes("") }, "a"],
    ["up to an end", { rangeEnd: bytes("c") }, "ab"],
    ["an old revision", { revision: 3n }, "ab"],
    ["a negative revision is the newest", { revision: -7n }, "abcd"],
  ])("%s", (_name, request: Partial<RangeRequest>, wanted) => {
    expect(open(data).keys(request)).toBe(wanted);
  });

  test("A range reports whether there are more keys, and how many there are.", () => {
    const { range } = open(data);
    expect(range({ limit: 3n })).toMatchObject({ more: true, count: 4n, header: { revision: 5n } });
    expect(range({ limit: 4n })).toMatchObject({ more: false, count: 4n });
    expect(range({ limit: 1n, sortOrder: Order.DESCEND })).toMatchObject({ more: true, count: 4n });
    expect(range({ limit: 2n ** 63n - 1n })).toMatchObject({ more: false, count: 4n });
    expect(range({ countOnly: true })).toEqual({ header: range().header, kvs: [], more: false, count: 4n });
  });

  test("With keysOnly there are no values and, as in etcd 3.7, no leases.", () => {
    const { engine, put, range } = open();
    engine.lessor.grant(7n, 60n);
    put("a", "x", { lease: 7n });
    expect(range().kvs).toMatchObject([{ value: bytes("x"), lease: 7n }]);
    expect(range({ keysOnly: true }).kvs).toMatchObject([
      { value: new Uint8Array(), lease: 0n, version: 1n },
    ]);
    expect(range({ keysOnly: true, sortTarget: SortTarget.VALUE }).kvs).toMatchObject([{ lease: 7n }]);
  });

  test("Compacted and future revisions are refused.", () => {
    const { engine, range } = open(data);
    applyCompact(engine, CompactionRequest.create({ revision: 4n }));
    expect(() => range({ revision: 3n })).toThrow(CompactedError);
    expect(() => range({ revision: 6n })).toThrow(FutureRevisionError);
  });
});

describe("the messages of RangeStream", () => {
  const many = () =>
    open(Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`k${String(i).padStart(3, "0")}`, "v"])));
  const chunks = (engine: ReturnType<typeof open>["engine"], more: Partial<RangeRequest> = {}) =>
    collect(rangeChunks(engine, RangeRequest.create({ key: bytes("k"), rangeEnd: ALL, ...more })));
  const collect = async (stream: AsyncIterable<RangeResponse>) => {
    const messages: RangeResponse[] = [];
    for await (const message of stream) messages.push(message);
    return messages;
  };

  test("Chunks grow while they are small, and the last one has header, more and count.", async () => {
    const { engine } = many();
    const all = await chunks(engine);
    expect(all.map((c) => c.kvs.length)).toEqual([10, 20, 40, 30]);
    expect(all.map((c) => [revisionOf(c), c.more, c.count])).toEqual([
      [undefined, false, 0n],
      [undefined, false, 0n],
      [undefined, false, 0n],
      [101n, false, 100n],
    ]);
    expect(all.flatMap((c) => c.kvs.map((kv) => text(kv.key))).sort()).toHaveLength(100);
  });

  test("The stream stops at the limit and counts the other keys.", async () => {
    const all = await chunks(many().engine, { limit: 25n });
    expect(all.map((c) => c.kvs.length)).toEqual([10, 15]);
    expect(all[1]).toMatchObject({ more: true, count: 100n });
    expect((await chunks(many().engine, { limit: 10n })).map((c) => c.kvs.length)).toEqual([10]);
    expect((await chunks(many().engine, { limit: 100n })).at(-1)).toMatchObject({ more: false, count: 100n });
  });

  test("There is one message for a count and for an empty range.", async () => {
    expect(await chunks(many().engine, { countOnly: true })).toMatchObject([{ count: 100n, kvs: [] }]);
    expect(await chunks(open().engine)).toMatchObject([{ count: 0n, kvs: [], header: { revision: 1n } }]);
  });

  test("All chunks are read at the revision of the first.", async () => {
    const { engine, put } = many();
    const stream = rangeChunks(engine, RangeRequest.create({ key: bytes("k"), rangeEnd: ALL }));
    const first = await stream.next();
    put("z", "later");
    const later = await collect(stream);
    expect([first.value, ...later].reduce((sum, c) => sum + (c?.kvs.length ?? 0), 0)).toBe(100);
    expect(later.at(-1)).toMatchObject({ header: { revision: 101n }, count: 100n });
  });
});

describe("put", () => {
  test("A put returns the revision and, with prevKv, the previous value.", () => {
    const { put } = open();
    expect(put("a", "1", { prevKv: true })).toMatchObject({ header: { revision: 2n }, prevKv: undefined });
    expect(put("a", "2", { prevKv: true })).toMatchObject({ prevKv: { value: bytes("1"), version: 1n } });
    expect(put("a", "3")).toMatchObject({ header: { revision: 4n }, prevKv: undefined });
  });

  test("With ignoreValue or ignoreLease, a put keeps the old one and needs an existing key.", () => {
    const { engine, put, range } = open();
    engine.lessor.grant(7n, 60n);
    expect(() => put("a", "", { ignoreValue: true })).toThrow(KeyNotFoundError);
    expect(() => put("a", "", { ignoreLease: true })).toThrow(KeyNotFoundError);
    put("a", "1", { lease: 7n });
    put("a", "2", { ignoreLease: true });
    expect(range().kvs).toMatchObject([{ value: bytes("2"), lease: 7n, version: 2n }]);
    put("a", "", { ignoreValue: true });
    expect(range().kvs).toMatchObject([{ value: bytes("2"), lease: 0n, version: 3n }]);
    expect([...(engine.lessor.timeToLive(7n)?.attachedKeys() ?? ["missing"])]).toEqual([]);
  });

  test("A put with an unknown lease is refused first and changes nothing.", () => {
    const { engine, put } = open();
    expect(() => put("a", "", { lease: 7n, ignoreValue: true })).toThrow(LeaseNotFoundError);
    expect(engine.store.revision).toBe(1);
  });
});

describe("delete", () => {
  test("A delete returns the number of keys and, with prevKv, the keys.", () => {
    const { engine } = open({ a: "1", b: "2", c: "3" });
    const remove = (more: Partial<DeleteRangeRequest>) =>
      toEnd(applyDeleteRange(engine, DeleteRangeRequest.create({ key: bytes("a"), ...more })));
    expect(remove({ rangeEnd: bytes("c"), prevKv: true })).toMatchObject({
      header: { revision: 5n },
      deleted: 2n,
      prevKvs: [{ value: bytes("1") }, { value: bytes("2") }],
    });
    expect(remove({})).toMatchObject({ header: { revision: 5n }, deleted: 0n, prevKvs: [] });
    expect(remove({ rangeEnd: ALL })).toMatchObject({ deleted: 1n });
  });
});

test("A compaction returns the store's revision.", () => {
  const { engine } = open({ a: "1", b: "2" });
  const compact = (revision: bigint) => applyCompact(engine, CompactionRequest.create({ revision }));
  expect(revisionOf(compact(2n))).toBe(3n);
  expect(() => compact(2n)).toThrow(CompactedError);
  expect(() => compact(4n)).toThrow(FutureRevisionError);
});

describe("a compare", () => {
  /** k has version 2, create 2, mod 3, value "v", lease 7; j has version 1, create 4, mod 4; "none" does not exist. */
  function judged(compare: Partial<Compare>): boolean {
    const { engine, put, txn } = open();
    engine.lessor.grant(7n, 60n);
    put("k", "u");
    put("k", "v", { lease: 7n });
    put("j", "x");
    return txn({ compare: [Compare.create({ key: bytes("k"), ...compare })] }).succeeded;
  }
  const { EQUAL, GREATER, LESS, NOT_EQUAL } = Result;
  const version = (value: bigint) => ({
    target: Target.VERSION,
    targetUnion: { case: "version", value } as const,
  });
  const create = (value: bigint) => ({
    target: Target.CREATE,
    targetUnion: { case: "createRevision", value } as const,
  });
  const mod = (value: bigint) => ({
    target: Target.MOD,
    targetUnion: { case: "modRevision", value } as const,
  });
  const lease = (value: bigint) => ({ target: Target.LEASE, targetUnion: { case: "lease", value } as const });
  const value = (v: string) => ({
    target: Target.VALUE,
    targetUnion: { case: "value", value: bytes(v) } as const,
  });
  const none = { key: bytes("none") };
  const all = { key: bytes("j"), rangeEnd: bytes("l") };

  test.each<[string, Partial<Compare>, boolean]>([
    ["version = 2", { ...version(2n), result: EQUAL }, true],
    ["version = 1", { ...version(1n), result: EQUAL }, false],
    ["version > 1", { ...version(1n), result: GREATER }, true],
    ["version < 2", { ...version(2n), result: LESS }, false],
    ["version != 2", { ...version(2n), result: NOT_EQUAL }, false],
    ["create = 2", { ...create(2n), result: EQUAL }, true],
    ["mod = 3", { ...mod(3n), result: EQUAL }, true],
    ["mod < 4", { ...mod(4n), result: LESS }, true],
    ["lease = 7", { ...lease(7n), result: EQUAL }, true],
    ["lease = 0", { ...lease(0n), result: EQUAL }, false],
    ["value = v", { ...value("v"), result: EQUAL }, true],
    ["value > u", { ...value("u"), result: GREATER }, true],
    ["value < va", { ...value("va"), result: LESS }, true],
    ["value != v", { ...value("v"), result: NOT_EQUAL }, false],
    ["a missing key: version = 0", { ...none, ...version(0n), result: EQUAL }, true],
    ["a missing key: mod < 1", { ...none, ...mod(1n), result: LESS }, true],
    ["a missing key: lease = 0", { ...none, ...lease(0n), result: EQUAL }, true],
    ["a missing key: value = ''", { ...none, ...value(""), result: EQUAL }, false],
    ["a missing key: value != x", { ...none, ...value("x"), result: NOT_EQUAL }, false],
    ["all of a range: version > 0", { ...all, ...version(0n), result: GREATER }, true],
    ["not all of a range: version = 2", { ...all, ...version(2n), result: EQUAL }, false],
    ["an empty range: version = 0", { key: bytes("x"), rangeEnd: ALL, ...version(0n), result: EQUAL }, true],
    [
      "a value of another kind counts as 0",
      { target: Target.MOD, targetUnion: { case: "version", value: 3n } },
      false,
    ],
    ["no value at all counts as 0", { target: Target.VERSION, result: GREATER }, true],
    ["an unknown kind of result holds", { ...version(9n), result: 9 }, true],
  ])("%s", (_name, compare, wanted) => {
    expect(judged(compare)).toBe(wanted);
  });
});

describe("a transaction", () => {
  const missing = (key: string) =>
    Compare.create({ key: bytes(key), target: Target.VERSION, targetUnion: { case: "version", value: 0n } });

  const shape = ({ succeeded, responses, ...rest }: TxnResponse): unknown => [
    revisionOf(rest),
    succeeded,
    responses.map(({ response }) =>
      response?.case === "responseTxn"
        ? shape(response.value)
        : [response?.case, response === undefined ? undefined : revisionOf(response.value)],
    ),
  ];

  test("A transaction applies one branch in one revision, and its ranges see its changes.", () => {
    const { txn, keys } = open({ a: "1" });
    const response = txn({
      compare: [missing("b")],
      success: [opRange(), opPut("b"), opRange(), opDelete("a"), opRange({ countOnly: true })],
      failure: [opPut("x")],
    });
    expect(shape(response)).toEqual([
      3n,
      true,
      [
        ["responseRange", 2n],
        ["responsePut", 3n],
        ["responseRange", 3n],
        ["responseDeleteRange", 3n],
        ["responseRange", 3n],
      ],
    ]);
    const counts = response.responses.map(({ response: r }) =>
      r?.case === "responseRange" ? r.value.count : undefined,
    );
    expect(counts).toEqual([1n, undefined, 2n, undefined, 1n]);
    expect(keys()).toBe("b");
  });

  test("A transaction without compares succeeds, and one with a failing compare runs the failure branch.", () => {
    const { txn, keys } = open({ a: "1" });
    expect(txn({}).succeeded).toBe(true);
    const response = txn({
      compare: [missing("b"), missing("a")],
      success: [opPut("x")],
      failure: [opPut("y")],
    });
    expect([response.succeeded, keys()]).toEqual([false, "ay"]);
  });

  test("A transaction without changes makes no revision.", () => {
    const { txn, engine } = open({ a: "1" });
    expect(revisionOf(txn({ success: [opRange(), opDelete("nothing")] }))).toBe(2n);
    expect(engine.store.revision).toBe(2);
  });

  test("A transaction of ranges has the same response without a write.", () => {
    const { txn, engine } = open({ a: "1", b: "2" });
    const requests = [
      { success: [opRange(), opRange({ revision: 2n })] },
      { compare: [missing("a")], success: [opRange()], failure: [opRange({ limit: 1n })] },
      {},
    ];
    for (const request of requests) {
      expect(toEnd(readTxn(engine, TxnRequest.create(request)))).toEqual(txn(request));
    }
    const future = TxnRequest.create({ success: [opRange({ revision: 9n })] });
    expect(() => toEnd(readTxn(engine, future))).toThrow(FutureRevisionError);
    const put = TxnRequest.create({ success: [opPut("a")] });
    expect(() => toEnd(readTxn(engine, put))).toThrow("a read-only transaction with a change");
  });

  test("Nested compares see the store before the first write, and only the outer header has a revision.", () => {
    const { txn, keys } = open();
    const response = txn({
      success: [
        opPut("a"),
        opTxn({ compare: [missing("a")], success: [opPut("b"), opTxn({ success: [opPut("c")] })] }),
        opTxn({ compare: [missing("x")], failure: [opPut("never")] }),
        opPut("d"),
      ],
    });
    expect(shape(response)).toEqual([
      2n,
      true,
      [
        ["responsePut", 2n],
        [
          0n,
          true,
          [
            ["responsePut", 2n],
            [0n, true, [["responsePut", 2n]]],
          ],
        ],
        [0n, true, []],
        ["responsePut", 2n],
      ],
    ]);
    expect(keys()).toBe("abcd");
  });

  test.each<[string, RequestOp, new () => Error]>([
    ["a range at a future revision", opRange({ revision: 9n }), FutureRevisionError],
    ["a compacted range", opRange({ revision: 2n }), CompactedError],
    ["a put with an unknown lease", opPut("x", "", { lease: 9n }), LeaseNotFoundError],
    ["a put with ignoreValue of a missing key", opPut("x", "", { ignoreValue: true }), KeyNotFoundError],
    [
      "the same in a nested transaction",
      opTxn({ success: [opPut("x", "", { lease: 9n })] }),
      LeaseNotFoundError,
    ],
  ])("with %s is refused as a whole", (_name, op, error) => {
    const { engine, txn, keys } = open({ a: "1", b: "2" });
    applyCompact(engine, CompactionRequest.create({ revision: 3n }));
    expect(() => txn({ success: [opPut("new"), op] })).toThrow(error);
    expect([keys(), engine.store.revision]).toEqual(["ab", 3]);
    expect(txn({ compare: [missing("a")], success: [op] }).succeeded).toBe(false);
    expect(txn({ success: [opPut("c")] }).succeeded).toBe(true);
  });

  test("A put with ignoreValue keeps the value of a key that the same transaction deleted.", () => {
    const { txn, range } = open({ a: "1" });
    const all = opDelete("a", { rangeEnd: ALL });
    expect(
      txn({ success: [all, opPut("a", "", { ignoreValue: true, prevKv: true })] }).responses[1],
    ).toMatchObject({
      response: { value: { prevKv: undefined } },
    });
    expect(range().kvs).toMatchObject([{ value: bytes("1"), version: 1n, createRevision: 3n }]);
  });

  test("Operations without content are ignored.", () => {
    expect(open().txn({ success: [{}] }).responses).toEqual([{ response: undefined }]);
  });
});
