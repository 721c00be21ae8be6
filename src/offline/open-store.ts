// Opens a store of `--offline`, without its transport: a snapshot, the data dir of a member, or etcdctl's data dir. For a request
// of one key, an index can show which part of a large db file is needed.
import { isAbsolute, join } from "node:path";
import { platform } from "node:process";
import type { Clock } from "../clock";
import { badArgs, CliError, ExitCode } from "../errors";
import type { RangeRequest } from "../proto/gen/etcdserverpb";
import { createEtcdServer, type EtcdServerOptions } from "../server/member/create-etcd-server";
import type { EtcdServer } from "../server/member/etcd-server";
import { loadMember, openMember } from "../server/member/open-member";
import type { DatabaseContents } from "../storage/contents";
import { openDataDir, type DataDir } from "../storage/data-dir";
import { classifyOfflinePath, openReadOnly, writeRefusal, type ReadOnlyPath } from "../storage/offline-path";
import { homeDirectory } from "../storage/home-directory";
import type { OpenDatabase } from "../storage/read-database";
import type { RecoveredLog } from "../storage/wal/recover-log";
import type { CallOptions } from "../transport/transport";
import { plainFile } from "./compression";
import { newIndex, openIndex, type Env } from "./index-files";
import { contentsFor } from "./some-records";

export interface OfflineOptions {
  /** A data dir, a snapshot file or a db file. Default: etcdctl's data dir of the user. */
  readonly path?: string | undefined;
  readonly env: Env;
  readonly clock: Clock;
  /** Prints hints about the path, once, when it is opened. */
  readonly printHints?: ((hints: readonly string[]) => Promise<void>) | undefined;
}

/** A store without its transport. */
export interface OpenedStore {
  readonly server: EtcdServer;
  close(): Promise<void>;
}

/** The store for version 2, with the rules of openOfflineTransport. */
export function openOfflineStore(
  options: OfflineOptions,
  forWrite: boolean,
  signal: AbortSignal,
): Promise<OpenedStore> {
  return openUnpacked(options, async (unpacked): Promise<OpenedStore> => {
    const { path, packedPath, env } = unpacked;
    const offline = classifyOfflinePath(path ?? userDataDir(env));
    if (offline.kind !== "etcdctl-data-dir") return openToRead({ ...offline, packedPath }, options);
    const dir = new OfflineDir(offline.path, path === undefined || offline.exists, options);
    return forWrite ? dir.write({ signal }) : dir.read();
  });
}

export interface UnpackedOptions extends OfflineOptions {
  /** The compressed file that the user named, if `path` is its unpacked content. */
  readonly packedPath?: string | undefined;
}

/** Opens a compressed file by way of a temporary one, which is removed when the result is closed. */
export async function openUnpacked<T extends { close(): Promise<void> }>(
  options: OfflineOptions,
  open: (options: UnpackedOptions) => Promise<T>,
): Promise<T> {
  const { path } = options;
  const plain = path === undefined ? undefined : await plainFile(path);
  if (path === undefined || plain === undefined || plain.path === path) return open(options);
  try {
    const opened = await open({ ...options, path: plain.path, packedPath: path });
    const close = opened.close.bind(opened);
    opened.close = () => close().finally(plain.remove);
    return opened;
  } catch (error) {
    await plain.remove();
    if (!(error instanceof CliError)) throw error;
    throw new CliError(error.exitCode, error.message.replaceAll(plain.path, path), {
      cause: error,
      hints: error.hints.map((hint) => hint.replaceAll(plain.path, path)),
    });
  }
}

export interface ReadOptions extends Pick<OfflineOptions, "clock" | "env"> {
  /** The only request, of one key: the store may have only a part of the records. */
  readonly request?: RangeRequest | undefined;
}

export interface ReadStore extends OpenedStore {
  /** It has only what the request needs. */
  readonly isPart: boolean;
}

export async function openToRead(
  offline: ReadOnlyPath,
  options: ReadOptions,
  unchecked = false,
): Promise<ReadStore> {
  const isDir = offline.kind === "member-data-dir";
  const opened = isDir ? await loadDir(offline.path, options) : await loadFile(offline, options, unchecked);
  opened.server.assertWritable = () => {
    throw writeRefusal(offline);
  };
  return opened;
}

async function loadFile(offline: ReadOnlyPath, options: ReadOptions, unchecked: boolean): Promise<ReadStore> {
  const database = await openReadOnly(offline, { unchecked });
  const load = (contents: DatabaseContents | undefined, onLoaded: OnLoaded) => {
    const server = createEtcdServer({ ...offlineOptions(options.clock), contents });
    onLoaded(server);
    return server;
  };
  return loadBy({ database, close: () => Promise.resolve(database.close()) }, load, options);
}

async function loadDir(path: string, options: ReadOptions): Promise<ReadStore> {
  const dir = await openDataDir(path, { mode: "read" });
  const load = (database: DatabaseContents | undefined, onLoaded: OnLoaded) =>
    loadContents(dir, database, options.clock, onLoaded);
  return loadBy(dir, load, options);
}

/** `database` may be a part of the db file: see log-keys.ts. */
export function loadContents(
  { path, log, v2Store, isAdopted }: DataDir,
  database: DatabaseContents | undefined,
  clock: Clock,
  onLoaded?: OnLoaded,
): EtcdServer {
  const loaded = { path, log, v2Store, isAdopted, database };
  return loadMember(loaded, { ...offlineOptions(clock), onLoaded }).server;
}

type OnLoaded = (server: EtcdServer) => void;

interface Opened {
  readonly database: OpenDatabase | undefined;
  readonly log?: RecoveredLog | undefined;
  close(): Promise<void>;
}

/** Loads the records that the request needs, if an index says where they are; else all, and makes an index for the next time. */
function loadBy(
  opened: Opened,
  load: (contents: DatabaseContents | undefined, onLoaded: OnLoaded) => EtcdServer,
  { env, request }: ReadOptions,
): ReadStore {
  const { database, log } = opened;
  const index = database && request && openIndex(database, env);
  try {
    const part = index && contentsFor(request, database, index, log?.entries);
    if (part !== undefined)
      return { server: load(part, () => undefined), isPart: true, close: () => opened.close() };
  } finally {
    index?.close();
  }
  let saveIndex: (() => Promise<void>) | undefined;
  const server = load(database, ({ store }) => {
    if (database && request && !index) saveIndex = newIndex(database, store, env);
  });
  const close = async () => {
    // Without it the next command reads more: nothing that is worth an error.
    await saveIndex?.().catch(() => undefined);
    await opened.close();
  };
  return { server, isPart: false, close };
}

/** A data dir that may be written. */
export class OfflineDir {
  constructor(
    private readonly path: string,
    private readonly mayBeMissing: boolean,
    private readonly options: OfflineOptions,
  ) {}

  async read(request?: RangeRequest): Promise<ReadStore> {
    if (!this.mayBeMissing) {
      throw new CliError(ExitCode.error, `there is no database at ${this.path}`, {
        hints: ["check the path; the first write makes a data dir there"],
      });
    }
    return loadDir(this.path, { ...this.options, request });
  }

  async write({ signal, deadlineAt }: CallOptions): Promise<OpenedStore> {
    const { clock } = this.options;
    const dir = await openDataDir(this.path, {
      mode: "write",
      ...(signal && { signal }),
      ...(deadlineAt !== undefined && { lockWaitMs: Math.max(0, deadlineAt - clock.now()) }),
    });
    return openMember(dir, offlineOptions(clock));
  }
}

/** Leases do not expire, and whoever may read the files may do everything. */
function offlineOptions(clock: Clock): EtcdServerOptions {
  return { clock: withoutExpiry(clock), leaseGraceMs: 0, auth: { trustEverybody: true } };
}

/** Leases do not expire on this clock. */
function withoutExpiry(clock: Clock): Clock {
  return {
    now: () => clock.now(),
    monotonicNs: () => 0n,
    setTimeout: () => ({ cancel: () => undefined }),
  };
}

/** The platform's directory for user data. */
export function userDataDir(env: Env): string {
  // The directory must not depend on the working directory, so a relative path is ignored.
  const { XDG_DATA_HOME: data = "" } = env;
  if (isAbsolute(data)) return join(data, "etcdctl");
  const home = homeDirectory(env);
  if (home === undefined) {
    throw badArgs("--offline without a path needs a home directory", {
      hints: ["write --offline=PATH, or set HOME or XDG_DATA_HOME"],
    });
  }
  const folder = {
    darwin: join(home, "Library", "Application Support"),
    win32: env["LOCALAPPDATA"] ?? join(home, "AppData", "Local"),
  }[platform as string];
  return join(folder ?? join(home, ".local", "share"), "etcdctl");
}
