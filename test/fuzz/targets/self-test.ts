// Faults that the fuzzer must find: inputs that hang, throw the wrong error, use too much memory or never settle. It runs
// only when it is named.
import type { FuzzTarget } from "../target";

/** Held, so that a collection before the measurement does not free it. */
const held: Buffer[] = [];

const bugs = {
  throw() {
    throw new TypeError("the wrong error");
  },
  hang() {
    for (;;);
  },
  memory() {
    // Not written to: on a busy machine, filling it can take longer than the time limit.
    held[0] = Buffer.allocUnsafeSlow(200 * 1024 * 1024);
  },
  heap() {
    const all: unknown[] = [];
    for (;;) all.push(Array(1_000_000).fill(all));
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
