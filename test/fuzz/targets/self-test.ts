// Faults that the fuzzer must find: inputs that hang, throw the wrong error, use too much memory or never settle. It runs
// only when it is named.
import type { FuzzTarget } from "../target";

const bugs = {
  throw() {
    throw new TypeError("the wrong error");
  },
  hang() {
    for (;;);
  },
  memory() {
    Buffer.alloc(200 * 1024 * 1024, 1);
  },
  heap() {
    const all: unknown[] = [];
    for (;;) all.push(Array(10_000).fill(all));
  },
  never: () => new Promise<void>(() => undefined),
};

export const target: FuzzTarget = {
  seeds: () => Array.from({ length: 8 }, (_, at) => Buffer.of(at)),
  isExpected: (error) => error instanceof RangeError,
  run(input) {
    const number = input[0] ?? 0;
    if (number === 7) throw new RangeError("refused");
    return Object.values(bugs)[number]?.();
  },
};
