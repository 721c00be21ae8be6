// Ranges whose keys are found in several turns of the event loop: writes and compactions come between the steps.
import { RangeRequest, TxnRequest } from "../../../src/proto/gen/etcdserverpb";
import { createEngine } from "../../../src/server/apply/engine";
import { readTxn } from "../../../src/server/apply/txn";
import type { FindResult } from "../../../src/server/mvcc/kv";
import { TurnBudget } from "../../../src/server/mvcc/turn-budget";
import { toEnd, type Steps } from "../../../src/storage/steps";
import { ManualClock } from "../../support/manual-clock";
import { turnsOf } from "../../support/turns";
import { bytes, text } from "../store-harness";

/** One step and a part of the next one. */
const keyCount = 40_000;
const name = (i: number) => `key${String(i).padStart(6, "0")}`;
const all = [bytes("key"), bytes("kez")] as const;

function largeStore() {
  const engine = createEngine({ clock: new ManualClock(), nextLeaseId: () => 1n });
  const { store } = engine;
  const put = (from: number, to: number) => {
    const write = store.write();
    for (let i = from; i < to; i++) write.put(bytes(name(i)), bytes("v"), 0n);
    write.end();
  };
  put(0, keyCount);
  return { engine, store, put };
}

/** Runs the steps, and `between` after the first one. */
function found(steps: Steps<FindResult>, between: () => void): FindResult & { readonly steps: number } {
  let count = 0;
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done === true) return { ...step.value, steps: count };
    if (count++ === 0) between();
  }
}

describe("the keys of a large range", () => {
  test("They are found in steps, as they were at the beginning, whatever is written meanwhile.", () => {
    const { store, put } = largeStore();
    const result = found(store.find(...all), () => {
      put(keyCount - 1, keyCount + 5);
      const write = store.write();
      toEnd(write.deleteRange(bytes(name(30_000)), bytes(name(30_010))));
      write.end();
    });
    expect(result.steps).toBe(2);
    expect([result.count, result.revision, store.revision]).toEqual([keyCount, 2, 4]);
    expect(text(result.records.slice(30_005, 30_006)[0]?.key ?? bytes(""))).toBe(name(30_005));
    expect(result.records.slice(keyCount - 1, keyCount)[0]?.modRevision).toBe(2n);
    expect(found(store.find(...all), () => undefined).count).toBe(keyCount + 5 - 10);
  });

  test("After a compaction the newest keys are found again from the beginning.", () => {
    const { store, put } = largeStore();
    const result = found(store.find(...all, { limit: keyCount }), () => {
      put(0, 10);
      store.compact(3);
    });
    expect([result.count, result.revision]).toEqual([keyCount, 3]);
    expect(result.records.slice(0, 1)[0]?.modRevision).toBe(3n);
    expect(result.records.slice(keyCount - 1, keyCount)[0]?.modRevision).toBe(2n);
  });

  test("A compaction that removes the revision of the range refuses it.", () => {
    const { store, put } = largeStore();
    const steps = store.find(...all, { revision: 2 });
    const compact = () => {
      put(0, 10);
      store.compact(3);
    };
    expect(() => found(steps, compact)).toThrow("mvcc: required revision has been compacted");
  });

  test("The ranges of one transaction take several turns.", async () => {
    const { engine } = largeStore();
    const value = RangeRequest.create({ key: all[0], rangeEnd: all[1], countOnly: true });
    const op = { request: { case: "requestRange" as const, value } };
    const request = TxnRequest.create({ success: new Array<typeof op>(64).fill(op) });
    const response = Promise.resolve(new TurnBudget().run(readTxn(engine, request)));
    expect(await turnsOf(response)).toBeGreaterThan(2);
    expect((await response).responses).toHaveLength(64);
  });
});
