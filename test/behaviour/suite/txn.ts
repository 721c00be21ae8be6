// Transactions: what compares read, which branch runs, and that a branch makes one revision.
import { Compare, Compare_CompareResult, Compare_CompareTarget } from "../../../src/proto/gen/etcdserverpb";
import { bytes, deleteOp, getOp, putOp, show, txnOp } from "../../support/requests";
import { freshServer, type Runner } from "../runner";

const { EQUAL, GREATER, LESS, NOT_EQUAL } = Compare_CompareResult;
const target = Compare_CompareTarget;
type Wanted = NonNullable<Compare["targetUnion"]>;

const targets = {
  version: target.VERSION,
  createRevision: target.CREATE,
  modRevision: target.MOD,
  value: target.VALUE,
  lease: target.LEASE,
} as const;

const compare = (key: string, result: number, wanted: Wanted, end = ""): Compare =>
  Compare.create({
    key: bytes(key),
    rangeEnd: bytes(end),
    result,
    target: targets[wanted.case],
    targetUnion: wanted,
  });

const version = (value: bigint): Wanted => ({ case: "version", value });
const created = (value: bigint): Wanted => ({ case: "createRevision", value });
const modified = (value: bigint): Wanted => ({ case: "modRevision", value });
const value = (wanted: string): Wanted => ({ case: "value", value: bytes(wanted) });
const lease = (value: bigint): Wanted => ({ case: "lease", value });

export function txnBehaviour(runner: Runner): void {
  const server = freshServer(runner);

  test.each<[string, boolean, Compare[]]>([
    ["no compare at all", true, []],
    ["version equal", true, [compare("a", EQUAL, version(2n))]],
    ["version not equal", false, [compare("a", NOT_EQUAL, version(2n))]],
    ["version greater", true, [compare("a", GREATER, version(1n))]],
    ["version less", false, [compare("a", LESS, version(2n))]],
    ["created in", true, [compare("a", EQUAL, created(2n))]],
    ["changed in", true, [compare("a", EQUAL, modified(3n))]],
    ["changed before", true, [compare("a", LESS, modified(4n))]],
    ["value equal", true, [compare("a", EQUAL, value("2"))]],
    ["value greater, bytewise", true, [compare("a", GREATER, value("10"))]],
    ["no lease", true, [compare("a", EQUAL, lease(0n))]],
    ["a missing key has version 0", true, [compare("x", EQUAL, version(0n))]],
    ["a missing key was created in 0", true, [compare("x", EQUAL, created(0n))]],
    ["a missing key was changed in 0", true, [compare("x", LESS, modified(1n))]],
    ["a missing key has no value, not even an empty one", false, [compare("x", EQUAL, value(""))]],
    ["a missing key's value is not unequal either", false, [compare("x", NOT_EQUAL, value("1"))]],
    ["all must hold", false, [compare("a", EQUAL, version(2n)), compare("b", EQUAL, version(2n))]],
    ["every key of a range", true, [compare("a", GREATER, version(0n), "z")]],
    ["not every key of a range", false, [compare("a", EQUAL, version(1n), "z")]],
    ["a range without keys is like a missing key", true, [compare("x", EQUAL, version(0n), "z")]],
  ])('the compare "%s" is %s', async (_, holds, compares) => {
    await server.etcd.puts("a=1", "a=2", "b=1");
    expect((await server.etcd.txn({ compare: compares })).succeeded).toBe(holds);
  });

  test("the failure branch runs when a compare is false", async () => {
    const { succeeded, responses } = await server.etcd.txn({
      compare: [compare("a", EQUAL, version(1n))],
      success: [putOp("won", "1")],
      failure: [putOp("lost", "1"), getOp("lost")],
    });
    expect(succeeded).toBe(false);
    expect(responses.map(({ response }) => response?.case)).toEqual(["responsePut", "responseRange"]);
    expect(await server.etcd.keys("\0", "\0")).toBe("lost");
  });

  test("all changes of a txn share one revision", async () => {
    await server.etcd.put("gone", "1");
    const answer = await server.etcd.txn({ success: [putOp("a", "1"), deleteOp("gone"), putOp("b", "1")] });
    expect(answer.header?.revision).toBe(3n);
    expect(await server.etcd.shown("\0", "\0")).toEqual(["a=1 c3 m3 v1", "b=1 c3 m3 v1"]);
  });

  test("an operation of a txn reads what the earlier operations wrote", async () => {
    await server.etcd.puts("a=0", "b=0");
    const { responses } = await server.etcd.txn({
      success: [getOp("a"), putOp("a", "1"), getOp("a"), deleteOp("b"), getOp("b")],
    });
    const reads = responses.flatMap(({ response }) =>
      response?.case === "responseRange" ? [response.value.kvs.map(show)] : [],
    );
    expect(reads).toEqual([["a=0 c2 m2 v1"], ["a=1 c2 m4 v2"], []]);
  });

  test("a txn that only reads makes no revision", async () => {
    await server.etcd.put("a", "1");
    const answer = await server.etcd.txn({ success: [getOp("a"), deleteOp("x")] });
    expect(answer.header?.revision).toBe(2n);
  });

  test("a nested txn evaluates its compares separately", async () => {
    await server.etcd.put("a", "1");
    const answer = await server.etcd.txn({
      success: [
        txnOp({
          compare: [compare("a", EQUAL, value("9"))],
          success: [putOp("x", "1")],
          failure: [putOp("y", "1")],
        }),
        putOp("b", "1"),
      ],
    });
    const inner = answer.responses[0]?.response;
    expect(inner?.case === "responseTxn" && inner.value.succeeded).toBe(false);
    expect(await server.etcd.shown("b", "z")).toEqual(["b=1 c3 m3 v1", "y=1 c3 m3 v1"]);
  });

  test("a txn with an invalid operation changes nothing", async () => {
    const txn = server.etcd.txn({ success: [putOp("a", "1"), putOp("b", "1", { lease: 77n })] });
    await expect(txn).rejects.toMatchObject({ message: "etcdserver: requested lease not found" });
    expect(await server.etcd.range("\0", "\0")).toMatchObject({ count: 0n, header: { revision: 1n } });
  });
}
