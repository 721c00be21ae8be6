// Makes damaged inputs: a valid input with one or a few random changes. The same seed and index give the same input.
// Lengths and counts are changed most often, because readers trust them too easily.
import { seeded } from "../support/seeded";
import type { FuzzTarget } from "./target";

/** A number in [0, below). */
export type Random = (below: number) => number;
/** Changes `input` and returns it, or returns another buffer. `others` are the target's valid inputs. */
export type Mutator = (input: Buffer, random: Random, others: readonly Uint8Array[]) => Buffer;

const DEFAULT_MAX_SIZE_BYTES = 64 * 1024;

export function fuzzInput(
  target: FuzzTarget,
  seeds: readonly Uint8Array[],
  seed: number,
  index: number,
): Buffer {
  const random = seeded(Math.imul(seed, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b));
  const pick = <T>(from: readonly T[]): T => from[random(from.length)] as T;
  const kinds = [...general, ...(target.mutators ?? []), ...(target.mutators ?? [])];
  if (target.words) kinds.push(insertWord(target.words), insertWord(target.words));
  let input: Buffer = Buffer.from(pick(seeds));
  for (let changes = 1 + random(2) * random(6); changes > 0; changes--)
    input = pick(kinds)(input, random, seeds);
  input = input.subarray(0, target.maxSizeBytes ?? DEFAULT_MAX_SIZE_BYTES);
  if (random(8) > 0) target.fixUp?.(input, random);
  return input;
}

/** A random position, preferably of a byte that is not zero: files are mostly zeros. */
function somewhere(input: Buffer, random: Random): number {
  if (input.length === 0) return 0;
  let at = random(input.length);
  for (let tries = 0; tries < 4 && input[at] === 0; tries++) at = random(input.length);
  return at;
}

const sizes = [1, 2, 4, 8];
const interesting = [
  0n, 1n, 2n, 7n, 16n, 0x7fn, 0x80n, 0xffn, 0x100n, 0x7fffn, 0xffffn, 0x10000n, 0x7fffffffn, 0x80000000n,
  0xffffffffn, 2n ** 53n - 1n, 2n ** 53n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n,
]; // prettier-ignore

function writeNumber(input: Buffer, at: number, size: number, value: bigint, bigEndian: boolean): void {
  for (let i = 0; i < size; i++) {
    const place = at + (bigEndian ? size - 1 - i : i);
    if (place < input.length) input[place] = Number((value >> BigInt(8 * i)) & 0xffn);
  }
}

function readNumber(input: Buffer, at: number, size: number, bigEndian: boolean): bigint {
  let value = 0n;
  for (let i = 0; i < size; i++)
    value |= BigInt(input[at + (bigEndian ? size - 1 - i : i)] ?? 0) << BigInt(8 * i);
  return value;
}

const flipBits: Mutator = (input, random) => {
  for (let count = 1 + random(8); count > 0 && input.length > 0; count--) {
    const at = somewhere(input, random);
    input[at] = (input[at] ?? 0) ^ (1 << random(8));
  }
  return input;
};

const overwrite: Mutator = (input, random) => {
  const start = somewhere(input, random);
  for (let i = random(16); i >= 0; i--) if (start + i < input.length) input[start + i] = random(256);
  return input;
};

const setNumber: Mutator = (input, random) => {
  const size = sizes[random(4)] ?? 1;
  const at = random(2) === 0 ? somewhere(input, random) : Math.floor(somewhere(input, random) / size) * size;
  writeNumber(input, at, size, interesting[random(interesting.length)] ?? 0n, random(4) === 0);
  return input;
};

/** Adds or subtracts a little, as if a length or count were wrong. */
const nudgeNumber: Mutator = (input, random) => {
  const size = sizes[random(4)] ?? 1;
  const at = somewhere(input, random);
  const bigEndian = random(4) === 0;
  const change = BigInt(random(2) === 0 ? 1 + random(4) : -1 - random(4));
  const value = BigInt.asUintN(8 * size, readNumber(input, at, size, bigEndian) + change);
  writeNumber(input, at, size, value, bigEndian);
  return input;
};

const truncate: Mutator = (input, random) => input.subarray(0, random(input.length + 1));

const remove: Mutator = (input, random) => {
  const start = random(input.length + 1);
  return Buffer.concat([input.subarray(0, start), input.subarray(start + 1 + random(64))]);
};

const insert: Mutator = (input, random) => {
  const at = random(input.length + 1);
  const filling =
    random(3) === 0 ? Buffer.alloc(1 + random(64), random(256)) : randomBytes(1 + random(32), random);
  return Buffer.concat([input.subarray(0, at), filling, input.subarray(at)]);
};

function randomBytes(count: number, random: Random): Buffer {
  return Buffer.from(Array.from({ length: count }, () => random(256)));
}

/** Repeats a block, which makes deep nesting, long lists or quadratic work. */
const repeat: Mutator = (input, random) => {
  const start = random(input.length + 1);
  const block = input.subarray(start, start + 1 + random(64));
  const times = random(8) === 0 ? random(4096) : 1 + random(16);
  return Buffer.concat([
    input.subarray(0, start),
    ...Array<Buffer>(times).fill(block),
    input.subarray(start),
  ]);
};

const copyOver: Mutator = (input, random) => {
  const unit = random(2) === 0 ? 1 : 512;
  const place = () => Math.floor(random(input.length + 1) / unit) * unit;
  const from = place();
  input.copy(input, place(), from, from + unit * (1 + random(unit === 1 ? 64 : 8)));
  return input;
};

/** Joins the start of the input to the end of another. */
const splice: Mutator = (input, random, others) => {
  const other = others[random(others.length)] ?? input;
  const head = input.subarray(0, random(input.length + 1));
  return Buffer.concat([head, other.subarray(random(2) === 0 ? head.length : random(other.length + 1))]);
};

function insertWord(words: readonly string[]): Mutator {
  return (input, random) => {
    const at = random(input.length + 1);
    const word = Buffer.from(words[random(words.length)] ?? "");
    return Buffer.concat([
      input.subarray(0, at),
      word,
      input.subarray(at + random(2) * random(word.length + 1)),
    ]);
  };
}

const general: readonly Mutator[] = [
  flipBits,
  overwrite,
  setNumber,
  nudgeNumber,
  truncate,
  remove,
  insert,
  repeat,
  copyOver,
  splice,
];
