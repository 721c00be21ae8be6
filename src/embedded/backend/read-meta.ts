// One value of a db file's bucket `meta`, without reading the rest of the file.
import type { BboltFile } from "../../formats/bbolt/reader";

export function readMeta(db: BboltFile, name: string): Buffer | undefined {
  for (const bucket of db.buckets()) {
    if (bucket.name.toString() !== "meta") continue;
    for (const { key, valueOffset, valueSizeBytes } of db.entries(bucket)) {
      if (key.toString() === name) return db.file.read(valueOffset, valueSizeBytes);
    }
  }
  return undefined;
}
