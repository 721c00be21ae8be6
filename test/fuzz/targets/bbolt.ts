// Opens and checks a db file, and reads every entry of every bucket, as a bbolt file and as etcd's database.
import { checkBbolt } from "../../../src/storage/bbolt/check";
import { BboltFile } from "../../../src/storage/bbolt/reader";
import { FormatError } from "../../../src/storage/errors";
import { readDatabase } from "../../../src/storage/read-database";
import { fixMetaChecksums, pageDamage, smallDatabase } from "../support/db-files";
import type { FuzzTarget } from "../target";

export const target: FuzzTarget = {
  seeds: () => [smallDatabase(3), smallDatabase(60)],
  mutators: pageDamage,
  fixUp: fixMetaChecksums,
  isExpected: (error) => error instanceof FormatError,
  run(input, scratch) {
    const path = scratch.file(input);
    readTree(path, input.length);
    readRecords(path, input.length);
  },
};

function readTree(path: string, sizeBytes: number): void {
  const db = BboltFile.open(path);
  try {
    let problems = 0;
    for (const problem of checkBbolt(db)) {
      if (!(problem instanceof FormatError))
        throw new Error("check yielded something else", { cause: problem });
      if (++problems > sizeBytes) throw new Error("more problems than bytes");
    }
    for (const bucket of db.buckets()) for (const entry of db.entries(bucket)) readEntry(db, entry);
  } finally {
    db.close();
  }
}

function readEntry(db: BboltFile, entry: { valueOffset: number; valueSizeBytes: number }): void {
  db.file.view(entry.valueOffset, entry.valueSizeBytes);
}

function readRecords(path: string, sizeBytes: number): void {
  const database = readDatabase(path);
  try {
    let records = 0;
    for (const { source, offset, sizeBytes } of database.records) {
      source.read(offset, sizeBytes);
      records++;
    }
    if (records > sizeBytes) throw new Error("more records than bytes");
  } finally {
    database.close();
  }
}
