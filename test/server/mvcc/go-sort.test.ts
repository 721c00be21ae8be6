// The order in which Go's sort.Sort leaves items, equal ones included.
import { createHash } from "node:crypto";
import { goSort } from "../../../src/server/mvcc/go-sort";
import { toEnd } from "../../../src/storage/steps";
import { seeded } from "../../support/seeded";

type Below = (below: number) => number;

const keyOf: Record<string, (random: Below, at: number, count: number) => number> = {
  few: (random) => random(3),
  some: (random) => random(50),
  ascending: (_, at) => Math.floor(at / 3),
  descending: (_, at, count) => Math.floor((count - at) / 3),
  nearly: (random, at, count) => (random(20) === 0 ? random(count) : at),
  "mostly one": (random) => (random(10) === 0 ? 1 + random(3) : 0),
  "organ pipe": (_, at, count) => Math.min(at, count - at),
  sawtooth: (_, at) => at % 17,
};

/** Recorded from Go 1.26: the keys, how many, and the hashes of the places in ascending and in descending order. */
const recorded: readonly (readonly [string, number, string, string])[] = [
  ["few", 13, "a7e55ec25a28", "916bfe8dfe9d"],
  ["few", 20, "7cd836a381c4", "492c1b35e73a"],
  ["few", 64, "1fa36a33df38", "212833d61ae7"],
  ["few", 500, "ae82a7984c98", "2d0a2be4c2cc"],
  ["few", 3000, "79e7bab7b6d0", "d9b67f3b6e50"],
  ["some", 20, "eee99507b72d", "d0efef016b72"],
  ["some", 500, "6c791eac123c", "9b1beb1f6d4d"],
  ["some", 3000, "2c81a7e9b20b", "6a8a5fec6476"],
  ["ascending", 20, "919b72beabad", "e983e45ff3bd"],
  ["ascending", 500, "ff66ced2f073", "208845347d74"],
  ["ascending", 3000, "c4ee5946efd4", "81f7ddda0534"],
  ["descending", 20, "e983e45ff3bd", "919b72beabad"],
  ["descending", 500, "208845347d74", "ff66ced2f073"],
  ["descending", 3000, "04db6c18fadd", "c4ee5946efd4"],
  ["nearly", 20, "9b523adbab84", "d95507896470"],
  ["nearly", 500, "13b8e0e32bf8", "fbd6f0230201"],
  ["nearly", 3000, "3e6e9bb5f959", "ae66a492e999"],
  ["mostly one", 20, "d5eac8193f1c", "5a7177e3a512"],
  ["mostly one", 500, "89bc6b9f8fd6", "7b60d2c492c4"],
  ["mostly one", 3000, "99c78caf4937", "15abecb58719"],
  ["organ pipe", 20, "4ca5643ec11e", "f40926dab623"],
  ["organ pipe", 500, "dcec299616ff", "666eed584604"],
  ["organ pipe", 3000, "078a3e334506", "bb9048bee12c"],
  ["sawtooth", 20, "4874448d7b4b", "7e1a38f91f1c"],
  ["sawtooth", 500, "29d21b533ba5", "27e411546d0e"],
  ["sawtooth", 3000, "b4f4cb500849", "732ae11690cb"],
];

function sorted(keys: readonly number[], descending: boolean, limit?: number): number[] {
  const places = Array.from(keys.keys());
  const isLess = (a: number, b: number) => (keys[a] as number) < (keys[b] as number);
  toEnd(goSort(places, descending ? (a, b) => isLess(b, a) : isLess, limit));
  return places.slice(0, limit);
}

const hashOf = (places: readonly number[]) =>
  createHash("sha256")
    .update(places.map((place) => `${place},`).join(""))
    .digest("hex")
    .slice(0, 12);

test.each(recorded)("%s: %i keys are sorted as in Go", (kind, count, ascending, descending) => {
  const random = seeded(1);
  const keys = Array.from({ length: count }, (_, at) => keyOf[kind]?.(random, at, count) ?? 0);
  expect([hashOf(sorted(keys, false)), hashOf(sorted(keys, true))]).toEqual([ascending, descending]);
  for (const limit of [1, 5, 100]) {
    expect(sorted(keys, true, limit)).toEqual(sorted(keys, true).slice(0, limit));
  }
});
