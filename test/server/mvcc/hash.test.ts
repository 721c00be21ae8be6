import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CompactedError, FutureRevisionError } from "../../../src/server/mvcc/kv";
import type { Store } from "../../../src/server/mvcc/store";
import { crc32c } from "../../../src/storage/crc32c";
import { bytes, contentsOf, del, newStore, put } from "../store-harness";
import { toEnd } from "../../../src/storage/steps";

interface Write {
  put?: [string, string];
  del?: [string, string?];
  txn?: Write[];
}
type Step = Write & {
  compact?: number;
  hash?: { rev: number; hash: number; compactRevision: number; hashRevision: number };
};

/** Recorded from etcd 3.7.1 by record-hash-vectors.mjs; 3.5.30 gave the same sums. */
const steps = JSON.parse(readFileSync(join(__dirname, "hash-vectors.json"), "utf8")) as Step[];

function run(store: Store, step: Step): void {
  if (step.compact !== undefined) return store.compact(step.compact);
  const write = store.write();
  for (const op of step.txn ?? [step]) {
    if (op.put !== undefined) write.put(bytes(op.put[0]), bytes(op.put[1]), 0n);
    if (op.del !== undefined)
      toEnd(write.deleteRange(bytes(op.del[0]), op.del[1] === undefined ? undefined : bytes(op.del[1])));
  }
  write.end();
}

describe("the checksum of the key space", () => {
  test("The checksum equals etcd's at every step of a history with deletes, transactions and compactions.", () => {
    const store = newStore();
    let compared = 0;
    for (const step of steps) {
      if (step.hash === undefined) run(store, step);
      else {
        const { hash, compactRevision, revision } = store.hash(step.hash.rev);
        const { hashRevision, ...wanted } = step.hash;
        expect({ rev: step.hash.rev, hash, compactRevision, revision }).toEqual({
          ...wanted,
          revision: hashRevision,
        });
        compared++;
      }
    }
    expect(compared).toBeGreaterThan(30);
  });

  test("The checksum is the same after a restore and after defragmenting.", () => {
    const store = newStore();
    for (const step of steps) if (step.hash === undefined) run(store, step);
    const sum = store.hash(0);
    void store.defragment();
    expect(store.hash(0)).toEqual(sum);
    expect(newStore({ contents: contentsOf(store) }).hash(0)).toEqual(sum);
  });

  test("The checksum of a compacted or future revision is refused.", () => {
    const store = newStore();
    put(store, "a");
    put(store, "b");
    del(store, "a");
    store.compact(3);
    expect(() => store.hash(2)).toThrow(CompactedError);
    expect(() => store.hash(5)).toThrow(FutureRevisionError);
  });
});

test.each([
  ["", 0],
  ["123456789", 0xe3069283],
  ["\0".repeat(32), 0x8a9136aa],
  ["\xff".repeat(32), 0x62a8ab43],
])("CRC-32C of %j", (input, wanted) => {
  expect(crc32c(0, bytes(input))).toBe(wanted);
  for (let at = 0; at <= input.length; at++) {
    expect(crc32c(crc32c(0, bytes(input.slice(0, at))), bytes(input.slice(at)))).toBe(wanted);
  }
});
