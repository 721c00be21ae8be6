// The contents of a member's files in a form that is equal for files of two programs for the same cluster.
import { readdirSync } from "node:fs";
import path from "node:path";
import { BboltFile } from "../../src/storage/bbolt/reader";
import { readSnapFile } from "../../src/storage/snap";
import { readLog } from "../../src/storage/wal/log-reader";

export function bucketsOf(dataDir: string): Record<string, Record<string, string>> {
  const db = BboltFile.open(path.join(dataDir, "member", "snap", "db"));
  try {
    const buckets = [...db.buckets()].map((bucket) => {
      const entries = [...db.entries(bucket)].map(({ key, valueOffset, valueSizeBytes }) => {
        return [key.toString("hex"), db.file.read(valueOffset, valueSizeBytes).toString("hex")];
      });
      return [bucket.name.toString(), Object.fromEntries(entries)];
    });
    return Object.fromEntries(buckets) as Record<string, Record<string, string>>;
  } finally {
    db.close();
  }
}

/** Without the zero fields that only 3.5 writes. */
export function logOf(dataDir: string): unknown {
  const items = [...readLog(path.join(dataDir, "member", "wal"))];
  return items.map((item) => {
    if (item.kind === "snapshot") {
      const { index, term, confState } = item.snapshot;
      return { index, term, voters: confState?.voters };
    }
    return item.kind === "entry"
      ? { ...item.entry, Data: String(item.entry.Data).replace(/^.*?(?=\{)/s, "") }
      : item;
  });
}

/** The members, independent of the order in which the store got them. */
export function snapOf(dataDir: string): unknown {
  const snapDir = path.join(dataDir, "member", "snap");
  const name = readdirSync(snapDir).find((each) => each.endsWith(".snap")) ?? "";
  const { data, metadata } = readSnapFile(path.join(snapDir, name));
  const store = JSON.parse(Buffer.from(data ?? []).toString()) as { Root: object; WatcherHub: object };
  const text = JSON.stringify(store.Root).replaceAll(/"(Created|Modified)Index":\d+/g, "");
  return {
    name,
    text,
    hub: Object.keys(store.WatcherHub),
    voters: metadata?.confState?.voters,
    index: metadata?.index,
  };
}
