// A segment of a write-ahead log: reads its records and entries, and finds the etcd version that they need.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { requiredVersionOfLog } from "../../../src/offline/migrate";
import { Record } from "../../../src/proto/gen/walpb";
import { decode, encode } from "../../../src/proto/message";
import { crc32c } from "../../../src/storage/crc32c";
import { FormatError } from "../../../src/storage/errors";
import { frameHeaderSize } from "../../../src/storage/wal/layout";
import { committedSnapshots, readLog } from "../../../src/storage/wal/log-reader";
import { smallLog } from "../support/logs";
import type { FuzzTarget } from "../target";

export const target: FuzzTarget = {
  seeds: () => [smallLog(1), smallLog(40)],
  fixUp: fixChecksums,
  isExpected: (error) => error instanceof FormatError,
  run(input, scratch) {
    const folder = scratch.folder();
    writeFileSync(join(folder, "0000000000000000-0000000000000000.wal"), input);
    let items = 0;
    for (const item of readLog(folder)) items += item.kind.length > 0 ? 1 : 0;
    if (items > input.length) throw new Error("more records than bytes");
    committedSnapshots(folder);
    requiredVersionOfLog(folder);
  },
};

/** Corrects the checksums of the records up to the first invalid one. */
function fixChecksums(input: Buffer): void {
  let crc = 0;
  for (let at = 0; at + frameHeaderSize <= input.length;) {
    const sizeBytes = input.readUIntLE(at, 6);
    const padding = (input[at + 7] ?? 0) & 7;
    const start = at + frameHeaderSize;
    if (sizeBytes === 0 || start + sizeBytes > input.length) return;
    try {
      const record = decode(Record, input.subarray(start, start + sizeBytes));
      if (record.type === 4n) crc = record.crc ?? 0;
      else crc = crc32c(crc, record.data ?? Buffer.alloc(0));
      const fixed = encode(Record, { ...record, crc });
      if (fixed.length === sizeBytes) fixed.copy(input, start);
    } catch {
      return;
    }
    at = start + sizeBytes + padding;
  }
}
