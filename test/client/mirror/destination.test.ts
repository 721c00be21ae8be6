// How a mirror combines writes into transactions: no key twice in one, none above etcd's limits, revisions together.
import {
  batchWrites,
  toRequestOp,
  type WriteGroup,
  type Write,
} from "../../../src/client/mirror/destination";

const put = (key: string, value = ""): Write => ({ key: Buffer.from(key), value: Buffer.from(value) });
const del = (key: string): Write => ({ key: Buffer.from(key), value: undefined });
const names = (units: readonly WriteGroup[]) =>
  units.map((unit) => unit.map(({ key }) => key.toString()).join());
const share = (revisions: readonly WriteGroup[], maxOps = 128) =>
  [...batchWrites(revisions, maxOps)].map(names);

test("waiting revisions share a transaction, in order", () => {
  expect(share([[put("a")], [put("b"), del("c")], [del("d")]])).toEqual([["a", "b,c", "d"]]);
});

test("a key that is written twice is in two transactions, so that every version arrives", () => {
  expect(share([[put("a", "1")], [put("b")], [put("a", "2")], [put("c")]])).toEqual([
    ["a", "b"],
    ["a", "c"],
  ]);
});

test("a transaction has at most the allowed writes, and only a revision with more is split", () => {
  const three = [put("a"), put("b"), put("c")];
  expect(share([[put("x"), put("y")], three], 4)).toEqual([["x,y"], ["a,b,c"]]);
  expect(share([[put("x")], three], 2)).toEqual([["x"], ["a,b"], ["c"]]);
});

test("without a limit a revision stays whole, and no other is added above etcd's default limit", () => {
  const many = (count: number, name: string) => Array.from({ length: count }, (_, at) => put(`${name}${at}`));
  const sizes = [...batchWrites([many(500, "a"), many(100, "b"), many(28, "c"), many(1, "d")], 0)].map(
    (units) => units.map((unit) => unit.length),
  );
  expect(sizes).toEqual([[500], [100, 28], [1]]);
});

test("large values do not make a transaction above the size limit", () => {
  const half = "x".repeat(600_000);
  expect(share([[put("a", half)], [put("b", half)], [put("c")]])).toEqual([["a"], ["b", "c"]]);
});

test("a revision without writes is skipped", () => {
  expect(share([[], [put("a")], []])).toEqual([["a"]]);
  expect(share([])).toEqual([]);
});

test("an empty value is a put, and a missing value is a delete", () => {
  expect(toRequestOp(put("a")).request?.case).toBe("requestPut");
  expect(toRequestOp(del("a")).request?.case).toBe("requestDeleteRange");
});
