// Where the indexes of db files are: that of a data dir which etcdctl wrote is in the directory, and those of other files are
// in the user's cache, where the first command that reads all of a file leaves one. At most eight are kept there.
import { createHash } from "node:crypto";
import { readdir, rm, stat } from "node:fs/promises";
import { dirname, isAbsolute, join, resolve } from "node:path";
import type { ReadableStore } from "../server/mvcc/store";
import { indexBeside } from "../storage/checkpoint";
import { identityOf, KeyPlaces, minIndexedBytes, RecordPlaces, writeKeyPlaces } from "../storage/key-places";
import type { OpenDatabase } from "../storage/read-database";
import { revisionKeyBytes } from "../storage/schema";
import { toEnd } from "../storage/steps";

export type Env = Readonly<Record<string, string | undefined>>;

const maxCached = 8;
/** The clock of a file's times can be so coarse: a change so soon after another one might not show. */
const settledMs = 50;

/** Undefined: there is no index of this state of the file. */
export function openIndex(database: OpenDatabase, env: Env): KeyPlaces | undefined {
  if (database.sizeBytes < minIndexedBytes) return undefined;
  const identity = identityOf(database.bbolt);
  const cached = cachedIndex(database.file, env);
  return (
    KeyPlaces.open(indexBeside(resolve(database.file)), identity) ??
    (cached === undefined ? undefined : KeyPlaces.open(cached, identity))
  );
}

/**
 * Makes an index for the next command. `store` has just been loaded from the file, and from nothing else. The result writes the
 * index, unless the file has changed since. Undefined: the file needs none, or it cannot be kept.
 */
export function newIndex(
  database: OpenDatabase,
  store: ReadableStore,
  env: Env,
): (() => Promise<void>) | undefined {
  const path = cachedIndex(database.file, env);
  const identity = identityOf(database.bbolt);
  const isSettled = Date.now() - changedAtMs(identity) > settledMs;
  if (path === undefined || !isSettled || database.sizeBytes < minIndexedBytes) return undefined;
  const places = new RecordPlaces();
  for (const { offset, sizeBytes, tombstone } of store.records())
    places.add(offset - revisionKeyBytes - (tombstone ? 1 : 0), sizeBytes);
  const byKey = toEnd(store.byKey()());
  return async () => {
    if (byKey === undefined || !identity.equals(identityOf(database.bbolt))) return;
    await writeKeyPlaces(path, { identity, places, byKey });
    await removeOld(dirname(path));
  };
}

function changedAtMs(identity: Buffer): number {
  return Number(identity.readBigUInt64LE(24) / 1_000_000n);
}

/** Undefined: the user has no such folder. */
function cachedIndex(databasePath: string, { XDG_CACHE_HOME: cache, HOME: home }: Env): string | undefined {
  const folder = cache ?? (home === undefined ? "" : join(home, ".cache"));
  if (!isAbsolute(folder)) return undefined;
  const name = createHash("sha256").update(resolve(databasePath)).digest("hex").slice(0, 32);
  return join(folder, "etcdctl-node", "keys", name);
}

async function removeOld(folder: string): Promise<void> {
  const files = await Promise.all(
    (await readdir(folder)).map(async (name) => {
      const path = join(folder, name);
      return { path, modifiedMs: (await stat(path)).mtimeMs };
    }),
  );
  files.sort((a, b) => b.modifiedMs - a.modifiedMs);
  for (const { path } of files.slice(maxCached)) await rm(path, { force: true });
}
