// Damaged db files: each case must end soon and in bounded memory, with correct contents or a FormatError. The variables
// DAMAGE_CASES and DAMAGE_SEED select more and other cases than a test run has time for.
import { checkBbolt } from "../../src/storage/bbolt/check";
import { BboltFile } from "../../src/storage/bbolt/reader";
import { FormatError } from "../../src/storage/errors";
import { readDatabase } from "../../src/storage/read-database";
import { walkRecords, type WalkedRecord } from "../../src/storage/record-walk";
import { toEnd } from "../../src/storage/steps";
import { seeded } from "../support/seeded";
import { fixtureBytes, testFolder } from "./fixture-files";

const folder = testFolder();
const cases = Number(process.env.DAMAGE_CASES ?? 80);
const seed = Number(process.env.DAMAGE_SEED ?? 1);

/** Reads the whole file and returns the outcome. */
function readWhole(bytes: Uint8Array): "read" | "refused" {
  const file = folder.file("db", bytes);
  let entries = 0;
  try {
    const db = BboltFile.open(file);
    try {
      let problems = 0;
      for (const problem of checkBbolt(db)) problems += problem instanceof FormatError ? 1 : Infinity;
      expect(problems).toBeLessThan(bytes.length);
    } finally {
      db.close();
    }
    walkWhole(file);
    const database = readDatabase(file);
    try {
      for (const { source, offset, sizeBytes } of database.records) {
        entries += source.read(offset, sizeBytes).length;
      }
    } finally {
      database.close();
    }
    expect(entries).toBeLessThanOrEqual(bytes.length);
    return "read";
  } catch (error) {
    if (error instanceof FormatError) return "refused";
    throw error;
  }
}

/** What a walk shows is within the file too. */
function walkWhole(file: string): void {
  const db = BboltFile.open(file);
  try {
    const outside: number[] = [];
    const check = ({ keyStart, keyEnd, bytes, valueSizeBytes, place }: WalkedRecord): void => {
      const isInside = keyEnd >= keyStart && keyEnd <= bytes.length && valueSizeBytes <= db.file.sizeBytes;
      if (!isInside) outside.push(place);
    };
    toEnd(walkRecords(db, check));
    expect(outside).toEqual([]);
  } finally {
    db.close();
  }
}

type Damage = (bytes: Buffer, random: (below: number) => number) => Buffer;

const damages: Record<string, Damage> = {
  "cut short": (bytes, random) => bytes.subarray(0, random(bytes.length)),
  "one bit flipped": (bytes, random) => {
    const at = random(bytes.length);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << random(8));
    return bytes;
  },
  "some bytes changed": (bytes, random) => {
    for (let i = random(20); i >= 0; i--) bytes[random(bytes.length)] = random(256);
    return bytes;
  },
  "page headers and elements changed": (bytes, random) => {
    const pageSize = bytes.readUInt32LE(24);
    for (let i = random(4); i >= 0; i--) {
      const page = 2 + random(Math.floor(bytes.length / pageSize) - 2);
      const field = random(40) * 4;
      const value =
        [0, 1, 2, 16, 0xff, 0xffff, 0x7fffffff, 0xffffffff, random(300), random(100_000)][random(10)] ?? 0;
      bytes.writeUInt32LE(value, page * pageSize + field);
    }
    return bytes;
  },
  "a page copied over another": (bytes, random) => {
    const pageSize = bytes.readUInt32LE(24);
    const pages = Math.floor(bytes.length / pageSize);
    const [from, to] = [random(pages) * pageSize, random(pages) * pageSize];
    bytes.copy(bytes, to, from, from + pageSize);
    if (random(2) === 0) bytes.writeUInt32LE(to / pageSize, to);
    return bytes;
  },
};

describe.each(["bbolt-1k-pages", "etcd-3.4.snapshot", "etcd-3.7.snapshot"] as const)(
  "a damaged %s",
  (name) => {
    const original = fixtureBytes(name);

    test.each(Object.keys(damages))("the reader reads the file or throws FormatError: %s", (kind) => {
      const random = seeded(seed);
      const ends = { read: 0, refused: 0 };
      for (let i = 0; i < cases; i++)
        ends[readWhole(damages[kind]?.(Buffer.from(original), random) ?? original)]++;
      expect(ends.read + ends.refused).toBe(cases);
      if (kind === "cut short") expect(ends.read).toBeLessThanOrEqual(cases / 2);
    });
  },
);
