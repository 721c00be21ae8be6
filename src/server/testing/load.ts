// The option `load` of startEmbeddedServer: the state that a server for tests begins with, from a snapshot or from an object.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { bytes } from "../../client/library/input";
import { checkValue } from "../../client/library/options";
import type { DatabaseContents } from "../../storage/contents";
import { openDataDir } from "../../storage/data-dir";
import { contentsOfDir } from "../member/open-member";
import { classifyOfflinePath, openReadOnly } from "../../storage/offline-path";

/**
 * The path of a snapshot file, of a copied db file or of a data dir that no server uses; the bytes of a snapshot; or an
 * object with keys and values, such as the result of `dump()`. Strings are UTF-8.
 */
export type LoadSource = string | Uint8Array | Readonly<Record<string, string | Uint8Array>>;

export interface Loaded {
  /** Readable until `close`. */
  readonly contents?: DatabaseContents | undefined;
  readonly keys: readonly (readonly [key: Uint8Array, value: Uint8Array])[];
  close(): void;
}

/** Rejects with a CliError or a FormatError for a file that cannot be read or is damaged. */
export async function load(source: LoadSource | undefined): Promise<Loaded> {
  if (typeof source === "string") return loadPath(source);
  if (ArrayBuffer.isView(source)) return loadBytes(source);
  if (source !== undefined) checkValue("option load of startEmbeddedServer", "object", source);
  return { keys: keysOf("load", source ?? {}), close: () => undefined };
}

/** The keys and values of an option as bytes. Throws a TypeError for what is neither a string nor bytes. */
export function keysOf(
  option: string,
  keys: Readonly<Record<string, string | Uint8Array>>,
): [Uint8Array, Uint8Array][] {
  return Object.entries(keys).map(([key, value]) => [
    bytes(key, `a key of option ${option}`),
    bytes(value, `the value of ${key} in option ${option}`),
  ]);
}

async function loadPath(file: string): Promise<Loaded> {
  const found = classifyOfflinePath(file);
  if (found.kind === "snapshot-file" || found.kind === "db-file") return opened(await openReadOnly(found));
  if (found.kind === "etcdctl-data-dir" && !found.exists)
    throw new Error(`option load of startEmbeddedServer: ${file} does not exist`);
  const dataDir = await openDataDir(found.path, { mode: "read" });
  return { contents: contentsOfDir(dataDir), keys: [], close: () => void dataDir.close() };
}

/** The reader of db files needs a file. */
async function loadBytes(snapshot: Uint8Array): Promise<Loaded> {
  const folder = mkdtempSync(path.join(tmpdir(), "etcdctl-load-"));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    const file = path.join(folder, "snapshot.db");
    writeFileSync(file, snapshot);
    const { close, ...loaded } = opened(await openReadOnly(snapshotFile(file)));
    return {
      ...loaded,
      close: () => {
        close();
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}

function snapshotFile(file: string) {
  return { kind: "snapshot-file", path: file, databasePath: file, hints: [] } as const;
}

function opened(database: DatabaseContents & { close(): void }): Loaded {
  return { contents: database, keys: [], close: () => database.close() };
}

/** The same contents with every record in memory, for a server that outlives the file of `contents`. */
export function inMemory(contents: DatabaseContents): DatabaseContents {
  const records = Array.from(contents.records, (record) => {
    const copy = Buffer.from(record.source.read(record.offset, record.sizeBytes));
    const read = (offset: number, sizeBytes: number) => copy.subarray(offset, offset + sizeBytes);
    return { ...record, source: { read, view: read }, offset: 0 };
  });
  return { ...contents, records, recordHeads: records };
}
