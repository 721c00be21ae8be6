// A file of `snapshot save`: checks its hash and, when that is wrong, searches for the first damage.
import { createHash } from "node:crypto";
import { FormatError } from "../../../src/storage/errors";
import { hashSizeBytes, hasHash, verifySnapshotFile } from "../../../src/storage/snapshot-file";
import { fixMetaChecksums, pageDamage, smallDatabase } from "../support/db-files";
import type { FuzzTarget } from "../target";

export const target: FuzzTarget = {
  seeds: () => [3, 60].map((keyCount) => withHash(smallDatabase(keyCount))),
  mutators: pageDamage,
  fixUp(input, random) {
    fixMetaChecksums(input);
    if (random(3) === 0 && hasHash(input.length)) withHash(input.subarray(0, -hashSizeBytes)).copy(input);
  },
  isExpected: (error) => error instanceof FormatError,
  async run(input, scratch) {
    await verifySnapshotFile(scratch.file(input));
  },
};

function withHash(database: Uint8Array): Buffer {
  return Buffer.concat([database, createHash("sha256").update(database).digest()]);
}
