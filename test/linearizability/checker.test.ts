// The checkers themselves: they accept a right history, and they find each fault that is put into it.
import { faultsOf } from "./check";
import { isLinearizable } from "./checker";
import type { HistoryEvent, Input, Operation } from "./history";
import { revisionFaults, watchFaults } from "./revisions";
import { seeded } from "../support/seeded";

const put = (value: string): Input => ({ kind: "put", value, isPair: false });
const get: Input = { kind: "get", isSerializable: false };

/** `[called, returned]` in moments. */
function operation(
  [calledAt, returnedAt]: readonly [number, number],
  input: Input,
  output?: Partial<NonNullable<Operation["output"]>>,
): Operation {
  const answer = output && { revision: 1, isDone: true, found: undefined, ...output };
  return {
    client: "c",
    key: "k",
    input,
    calledAt,
    returnedAt: output ? returnedAt : Infinity,
    output: answer,
  };
}

describe("the order of operations on a key", () => {
  test("A read during a write may find the old or the new value.", () => {
    const writes = [operation([0, 1], put("1"), {}), operation([2, 6], put("2"), {})];
    for (const found of ["1", "2"])
      expect(isLinearizable([...writes, operation([3, 4], get, { found })])).toBe(true);
    expect(isLinearizable([...writes, operation([3, 4], get, { found: undefined })])).toBe(false);
  });

  test("A read after another one finds nothing older.", () => {
    const writes = [operation([0, 1], put("1"), {}), operation([2, 9], put("2"), {})];
    const reads = (first: string, second: string) => [
      operation([3, 4], get, { found: first }),
      operation([5, 6], get, { found: second }),
    ];
    expect(isLinearizable([...writes, ...reads("1", "2")])).toBe(true);
    expect(isLinearizable([...writes, ...reads("2", "1")])).toBe(false);
  });

  test("A write with an unknown outcome may take place at any time after its call, or never.", () => {
    const unknown = [operation([0, 1], put("1"), {}), operation([2, 0], put("2"))];
    const reads = (...found: string[]) =>
      found.map((each, index) => operation([10 + 2 * index, 11 + 2 * index], get, { found: each }));
    expect(isLinearizable([...unknown, ...reads("1", "1")])).toBe(true);
    expect(isLinearizable([...unknown, ...reads("1", "2", "2")])).toBe(true);
    expect(isLinearizable([...unknown, ...reads("2", "1")])).toBe(false);
  });

  test("Of two compare-and-swaps of the same value, one succeeds.", () => {
    const cas = (value: string): Input => ({ kind: "cas", expected: "1", value });
    const both = (second: Partial<NonNullable<Operation["output"]>>) => [
      operation([0, 1], put("1"), {}),
      operation([2, 5], cas("2"), {}),
      operation([3, 6], cas("3"), second),
    ];
    expect(isLinearizable(both({ isDone: false, found: "2" }))).toBe(true);
    expect(isLinearizable(both({ isDone: true }))).toBe(false);
  });

  test("A delete finds a key only once.", () => {
    const deletes = (...isDone: boolean[]) => [
      operation([0, 1], put("1"), {}),
      ...isDone.map((each) => operation([2, 9], { kind: "delete" }, { isDone: each })),
    ];
    expect(isLinearizable(deletes(true, false, false))).toBe(true);
    expect(isLinearizable(deletes(true, true))).toBe(false);
  });

  /** Operations on a register that is one, each with its effect at a random moment between call and return. */
  function manyAtOnce(seed: number): Operation[] {
    const below = seeded(seed);
    let value: string | undefined;
    return Array.from({ length: 400 }, (_, at) => {
      const times = [at - below(80) / 10, at + below(80) / 10] as const;
      const written = String(at);
      if (below(3) > 0) return operation(times, get, { found: value });
      value = written;
      return operation(times, put(written), {});
    });
  }

  test.each([1, 2, 3])(
    "Many operations at once have an order, unless a read finds an old value (seed %i).",
    (seed) => {
      const many = manyAtOnce(seed);
      expect(isLinearizable(many)).toBe(true);
      const isOld = ({ input, output }: Operation) => input.kind === "get" && Number(output?.found) > 300;
      const old = many.findIndex(isOld);
      const wrong = many.with(old, {
        ...(many[old] as Operation),
        output: { revision: 1, isDone: true, found: "1" },
      });
      expect(isLinearizable(wrong)).toBe(false);
    },
  );
});

describe("revisions", () => {
  const history: HistoryEvent[] = [
    { key: "k", value: "1", revision: 2 },
    { key: "k", value: "2", revision: 3 },
    { key: "twin/k", value: "2", revision: 3 },
    { key: "k", value: undefined, revision: 4 },
  ];
  const operations: Operation[] = [
    operation([0, 1], put("1"), { revision: 2 }),
    operation([2, 3], { kind: "put", value: "2", isPair: true }, { revision: 3 }),
    operation([4, 5], get, { revision: 3, found: "2" }),
    operation([6, 7], { kind: "delete" }, { revision: 4 }),
    operation([8, 9], { kind: "get", isSerializable: true }, { revision: 3, found: "2" }),
  ];
  const replaced = <T>(list: readonly T[], index: number, change: Partial<T>) =>
    list.map((each, at) => (at === index ? { ...each, ...change } : each));

  test("A right history has no faults.", () => {
    expect(faultsOf(operations, history)).toEqual([]);
    expect(watchFaults("w", history.slice(1), history)).toEqual([]);
  });

  test("Writes without an answer are judged by the history.", () => {
    const unknown = (input: Input) => operation([2, 0], input);
    const later = { key: "k", value: "3", revision: 5 };
    expect(faultsOf([...operations, unknown(put("3")), unknown(put("4"))], [...history, later])).toEqual([]);
    const gone = { key: "k", value: undefined, revision: 6 };
    const remove: Input = { kind: "delete" };
    expect(faultsOf([...operations, unknown(put("3")), unknown(remove)], [...history, later, gone])).toEqual(
      [],
    );
    expect(faultsOf([...operations, unknown(put("3"))], [...history, later, gone])).toEqual([
      'no client has made this delete: {"key":"k","revision":6}',
    ]);
    const between = [unknown(put("3")), operation([10, 11], get, { revision: 5, found: "2" })];
    expect(faultsOf([...operations, ...between], [...history, later])).not.toEqual([]);
  });

  test.each<[string, Operation[], HistoryEvent[]]>([
    ["a lost write", operations, history.filter(({ revision }) => revision !== 2)],
    [
      "a read of another value",
      replaced(operations, 2, { output: { revision: 3, isDone: true, found: "1" } }),
      history,
    ],
    [
      "a revision that goes back",
      replaced(operations, 2, { output: { revision: 2, isDone: true, found: "1" } }),
      history,
    ],
    [
      "a write in an old revision",
      replaced(operations, 3, { output: { revision: 3, isDone: true, found: undefined } }),
      history,
    ],
    ["a value that no client wrote", operations, replaced(history, 1, { value: "9" })],
    ["half of a transaction", operations, history.filter(({ key }) => key === "k")],
    ["an event twice", operations, [...history, { key: "k", value: "1", revision: 5 }]],
    [
      "a serializable read that no revision has",
      replaced(operations, 4, { output: { revision: 3, isDone: true, found: "1" } }),
      history,
    ],
  ])("%s is found", (_, wrong, events) => {
    expect(revisionFaults(wrong, events)).not.toEqual([]);
  });

  test.each<[string, HistoryEvent[]]>([
    ["a missing event", history.filter((_, index) => index !== 1)],
    ["two events in another order", [0, 2, 1, 3].flatMap((index) => history[index] ?? [])],
    ["an event more", [...history, { key: "k", value: "3", revision: 5 }]],
    ["an end too early", history.slice(0, 3)],
  ])("%s of a watch is found", (_, events) => {
    expect(watchFaults("w", events, history)).not.toEqual([]);
  });
});
