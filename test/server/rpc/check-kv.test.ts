import { TxnRequest } from "../../../src/proto/gen/etcdserverpb";
import { checkOverlap, checkTxn } from "../../../src/server/rpc/check-kv";
import { deleteOp, getOp, putOp, txnOp } from "../../support/requests";

const duplicate = "etcdserver: duplicate key given in txn request";
const check = (txn: Partial<TxnRequest>) => () => checkOverlap(TxnRequest.create(txn));

describe("overlapping changes in a transaction", () => {
  test("A transaction must not put a key twice.", () => {
    expect(check({ success: [putOp("a", "1"), putOp("a", "2")] })).toThrow(duplicate);
    expect(check({ success: [putOp("a", "1")], failure: [putOp("a", "2")] })).not.toThrow();
  });

  test("A transaction must not put a key that it deletes.", () => {
    expect(check({ success: [deleteOp("a"), putOp("a", "2")] })).toThrow(duplicate);
    expect(check({ success: [putOp("b", "2"), deleteOp("a", "c")] })).toThrow(duplicate);
    expect(check({ success: [putOp("c", "2"), deleteOp("a", "c")] })).not.toThrow();
    expect(check({ success: [deleteOp("c", "d"), deleteOp("a", "b"), putOp("bb", "1")] })).not.toThrow();
    expect(check({ success: [deleteOp("c", "d"), deleteOp("a", "cc"), putOp("bb", "1")] })).toThrow(
      duplicate,
    );
  });

  test("A transaction may delete a key twice.", () => {
    expect(check({ success: [deleteOp("a"), deleteOp("a", "b")] })).not.toThrow();
  });

  test("A delete of all keys from a key on does not count as overlap, as in etcd.", () => {
    expect(check({ success: [putOp("b", "1"), deleteOp("a", "\0")] })).not.toThrow();
  });

  test("The two branches of a nested transaction may change the same key.", () => {
    const branches = txnOp({ success: [putOp("a", "1")], failure: [putOp("a", "2")] });
    expect(check({ success: [branches] })).not.toThrow();
    expect(check({ success: [branches, putOp("a", "3")] })).toThrow(duplicate);
    expect(check({ success: [branches, branches] })).toThrow(duplicate);
    expect(check({ success: [deleteOp("a"), branches] })).toThrow(duplicate);
    expect(check({ success: [txnOp({ failure: [deleteOp("a", "c")] }), putOp("b", "1")] })).toThrow(
      duplicate,
    );
  });

  test("The check of many operations is not quadratic, which would take minutes here.", () => {
    const many = Array.from({ length: 300_000 }, (_, i) => `k${String(i).padStart(6, "0")}`);
    const deletes = many.map((key) => deleteOp(`${key}x`));
    check({ success: [...many.map((key) => putOp(key, "")), ...deletes] })();
  });
});

describe("the number of operations", () => {
  test("Nested transactions share the limit of operations.", () => {
    const gets = (n: number) => Array.from({ length: n }, () => getOp("a"));
    const nested = (outer: number, inner: number) =>
      TxnRequest.create({ success: [...gets(outer - 1), txnOp({ success: gets(inner) })] });
    expect(() => checkTxn(nested(64, 64), 128)).not.toThrow();
    expect(() => checkTxn(nested(64, 65), 128)).toThrow("etcdserver: too many operations in txn request");
  });
});
