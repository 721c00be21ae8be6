import { buf } from "crc-32/crc32c";
import { Crc32c, crc32c } from "../../src/storage/crc32c";
import { FoldingMemory, minFoldedBytes } from "../../src/storage/crc32c-folding";
import { seeded } from "../support/seeded";

const random = seeded(1);
const bytes = Buffer.from(Array.from({ length: 600_000 }, () => random(256)));

/** With tables, byte by byte. */
function expected(start: number, end: number, crc = 0): number {
  return buf(bytes.subarray(start, end), crc) >>> 0;
}

test("folded bytes have the checksum that tables give, at each size around the smallest and the largest fold", () => {
  const capacity = FoldingMemory.create()?.bytes.length ?? 0;
  expect(capacity).toBeGreaterThan(200_000);
  for (const middle of [minFoldedBytes, 10_000, capacity, 2 * capacity]) {
    for (let size = middle - 20; size <= middle + 20; size++) {
      expect([size, crc32c(0, bytes, size)]).toEqual([size, expected(0, size)]);
      expect([size, crc32c(12345, bytes, size)]).toEqual([size, expected(0, size, 12345)]);
    }
  }
});

test("a checksum continues over parts of any sizes", () => {
  const pieces = new Crc32c();
  let crc = 0;
  let at = 0;
  while (at < bytes.length) {
    const end = Math.min(bytes.length, at + random([10, 300, 20_000, 300_000][random(4)] as number));
    pieces.add(bytes, at, end);
    crc = crc32c(crc, bytes.subarray(at, end));
    if (random(10) === 0) expect(pieces.value()).toBe(expected(0, end));
    expect(crc).toBe(expected(0, end));
    at = end;
  }
  expect(pieces.value()).toBe(expected(0, bytes.length));
});

test("without WebAssembly, tables give the checksum", () => {
  const { WebAssembly } = globalThis as { WebAssembly?: unknown };
  Object.assign(globalThis, { WebAssembly: undefined });
  try {
    expect(FoldingMemory.create()).toBeUndefined();
    const pieces = new Crc32c();
    pieces.add(bytes, 0, 5);
    pieces.add(bytes, 5, 300_000);
    expect(pieces.value()).toBe(expected(0, 300_000));
  } finally {
    Object.assign(globalThis, { WebAssembly });
  }
});
