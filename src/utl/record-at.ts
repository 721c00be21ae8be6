// Decoding a record of the bucket `key`, with the place in the file added to what is wrong with it.
import type { BboltFile, Entry } from "../formats/bbolt/reader";
import { FormatError } from "../formats/format-error";
import { errorReason } from "../formats/system-error";

export function recordAt<T>(db: BboltFile, { key, valueOffset }: Entry, decode: () => T): T {
  try {
    return decode();
  } catch (cause) {
    const problem = `bucket key, key ${key.toString("hex")}: ${errorReason(cause)}`;
    throw new FormatError(db.file.path, valueOffset, problem, { cause });
  }
}
