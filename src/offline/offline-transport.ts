// `--offline`: commands on a store in this process, without a server. etcdctl's data dir takes writes, each of them in the
// log and on the disk when its response comes; writers wait for each other. A snapshot or a member's data dir is read-only.
// Authentication is off, since a user with access to the file can read everything. Leases do not expire: no server
// counts their time, and each opening starts them with their full TTL, as the start of an etcd does.
import { statSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { platform } from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "../clock";
import { badArgs, CliError, EndOfHistory, ExitCode } from "../errors";
import { isWrite } from "../etcd/methods";
import type { RangeRequest, WatchRequest, WatchResponse } from "../proto/gen/etcdserverpb";
import { KVService, WatchService } from "../proto/gen/etcdserverpb";
import type { Method } from "../proto/message";
import { createEtcdServer, type EtcdServerOptions } from "../server/create-etcd-server";
import type { EtcdServer } from "../server/etcd-server";
import { inProcessTransport } from "../server/in-process-transport";
import { loadMember, openMember } from "../server/open-member";
import { allRoutes } from "../server/rpc/all-routes";
import { openDataDir } from "../storage/data-dir";
import { classifyOfflinePath, openReadOnly, writeRefusal, type ReadOnlyPath } from "../storage/offline-path";
import { plainFile } from "./compression";
import { verifySnapshotFile } from "../storage/snapshot-file";
import { withDeadline } from "../transport/lifetime";
import type { CallOptions, Transport } from "../transport/transport";

export interface OfflineOptions {
  /** A data dir, a snapshot file or a db file. Default: etcdctl's data dir of the user. */
  readonly path?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** Prints hints about the path, once, when it is opened. */
  readonly printHints?: ((hints: readonly string[]) => Promise<void>) | undefined;
}

/** Throws CliError for a path that is not etcd's, FormatError for a damaged file. */
export async function openOfflineTransport(options: OfflineOptions): Promise<Transport> {
  const { path } = options;
  const plain = path === undefined ? undefined : await plainFile(path);
  if (path === undefined || plain === undefined || plain.path === path) return openPlain(options);
  try {
    const transport = await openPlain({ ...options, path: plain.path, packedPath: path });
    const close = () => transport.close().finally(plain.remove);
    return { ...transport, close };
  } catch (error) {
    await plain.remove();
    if (!(error instanceof CliError)) throw error;
    throw new CliError(error.exitCode, error.message.replaceAll(plain.path, path), {
      cause: error,
      hints: error.hints.map((hint) => hint.replaceAll(plain.path, path)),
    });
  }
}

async function openPlain(options: OfflineOptions & { readonly packedPath?: string }): Promise<Transport> {
  const offline = classifyOfflinePath(options.path ?? userDataDir(options.env));
  if (offline.kind !== "etcdctl-data-dir") {
    await options.printHints?.(offline.hints);
    return readOnlyTransport({ ...offline, packedPath: options.packedPath }, options.clock);
  }
  // A missing path that the user typed is probably a mistake, unless the first command writes.
  const mayBeMissing = options.path === undefined || offline.exists;
  return new DataDirTransport(offline.path, mayBeMissing, options.clock);
}

async function readOnlyTransport(offline: ReadOnlyPath, clock: Clock): Promise<Transport> {
  const checksLater =
    offline.kind === "snapshot-file" && statSync(offline.databasePath).size >= checkedLaterBytes;
  const transport = transportOf(await openToRead(offline, clock, checksLater), clock);
  return checksLater ? withCheck(transport, offline.databasePath) : transport;
}

/** The hash of a smaller snapshot is always checked first: that takes a fraction of a second. */
const checkedLaterBytes = 64 * 1024 * 1024;

/** Checks the hash of the file before the first call that reads more than one key. */
function withCheck(transport: Transport, file: string): Transport {
  let checked: Promise<unknown> | undefined;
  const check = ({ signal }: CallOptions) =>
    (checked ??= verifySnapshotFile(file, { ...(signal && { signal }) }));
  return {
    ...transport,
    async unary<I, O>(method: Method<I, O, "unary">, request: I, options: CallOptions): Promise<O> {
      const isOneKey =
        method.path === KVService.range.path && (request as RangeRequest).rangeEnd.length === 0;
      if (!isOneKey) await check(options);
      return transport.unary(method, request, options);
    },
    async *serverStream<I, O>(method: Method<I, O, "serverStream">, request: I, options: CallOptions) {
      await check(options);
      yield* transport.serverStream(method, request, options);
    },
    async *duplex<I, O>(method: Method<I, O, "duplex">, requests: AsyncIterable<I>, options: CallOptions) {
      await check(options);
      yield* transport.duplex(method, requests, options);
    },
  };
}

/** A store without its transport. */
export interface OpenedStore {
  readonly server: EtcdServer;
  close(): Promise<void>;
}

/** The store for version 2, with the rules of openOfflineTransport. */
export async function openOfflineStore(
  { path, env, clock }: OfflineOptions,
  forWrite: boolean,
  signal: AbortSignal,
): Promise<OpenedStore> {
  const offline = classifyOfflinePath(path ?? userDataDir(env));
  if (offline.kind !== "etcdctl-data-dir") return openToRead(offline, clock);
  const dir = new OfflineDir(offline.path, path === undefined || offline.exists, clock);
  return dir.open(forWrite, { signal });
}

async function openToRead(offline: ReadOnlyPath, clock: Clock, unchecked = false): Promise<OpenedStore> {
  const isDir = offline.kind === "member-data-dir";
  const opened = isDir ? await loadDir(offline.path, clock) : await loadFile(offline, clock, unchecked);
  opened.server.assertWritable = () => {
    throw writeRefusal(offline);
  };
  return opened;
}

async function loadFile(offline: ReadOnlyPath, clock: Clock, unchecked: boolean): Promise<OpenedStore> {
  const contents = await openReadOnly(offline, { unchecked });
  const server = createEtcdServer({ ...offlineOptions(clock), contents });
  return { server, close: () => Promise.resolve(contents.close()) };
}

async function loadDir(path: string, clock: Clock): Promise<OpenedStore> {
  const dir = await openDataDir(path, { mode: "read" });
  const { server } = loadMember(dir, offlineOptions(clock));
  return { server, close: () => dir.close() };
}

function transportOf(opened: OpenedStore, clock: Clock): Transport {
  const { server } = opened;
  const transport = withFiniteWatches(inProcessTransport(allRoutes(server), { clock }));
  return {
    ...transport,
    async close() {
      await transport.close();
      server.close();
      await opened.close();
    },
  };
}

/** Leases do not expire, and whoever may read the files may do everything. */
function offlineOptions(clock: Clock): EtcdServerOptions {
  return { clock: withoutExpiry(clock), leaseGraceMs: 0, auth: { trustEverybody: true } };
}

interface Opened {
  readonly transport: Transport;
  readonly isWritable: boolean;
}

/**
 * Opens the directory at the first call. Reads take no lock, so they never wait and make no directory. The first write
 * takes the lock and loads the store again.
 */
class DataDirTransport implements Transport {
  private readonly opened: Opened[] = [];
  private opening: Promise<unknown> = Promise.resolve();

  private readonly dir: OfflineDir;

  constructor(
    path: string,
    mayBeMissing: boolean,
    private readonly clock: Clock,
  ) {
    this.dir = new OfflineDir(path, mayBeMissing, clock);
  }

  async unary<I, O>(method: Method<I, O, "unary">, request: I, options: CallOptions): Promise<O> {
    const limited = withDeadline(options, this.clock);
    const { transport } = await this.open(isWrite(method, request), limited);
    return transport.unary(method, request, limited);
  }

  async *serverStream<I, O>(
    method: Method<I, O, "serverStream">,
    request: I,
    options: CallOptions,
  ): AsyncGenerator<O> {
    const { transport } = await this.open(false, options);
    yield* transport.serverStream(method, request, options);
  }

  async *duplex<I, O>(
    method: Method<I, O, "duplex">,
    requests: AsyncIterable<I>,
    options: CallOptions,
  ): AsyncGenerator<O> {
    const { transport } = await this.open(false, options);
    yield* transport.duplex(method, requests, options);
  }

  async close(): Promise<void> {
    for (const { transport } of this.opened.splice(0)) await transport.close();
  }

  private open(forWrite: boolean, options: CallOptions): Promise<Opened> {
    const next = this.opening.then(async () => {
      const last = this.opened.at(-1);
      if (last !== undefined && (last.isWritable || !forWrite)) return last;
      const store = await this.dir.open(forWrite, options);
      const opened = { transport: transportOf(store, this.clock), isWritable: forWrite };
      this.opened.push(opened);
      return opened;
    });
    this.opening = next.catch(() => undefined);
    return next;
  }
}

/** A data dir that may be written. */
class OfflineDir {
  constructor(
    private readonly path: string,
    private readonly mayBeMissing: boolean,
    private readonly clock: Clock,
  ) {}

  async open(forWrite: boolean, { signal, deadlineAt }: CallOptions): Promise<OpenedStore> {
    if (!forWrite && !this.mayBeMissing) {
      throw new CliError(ExitCode.error, `there is no database at ${this.path}`, {
        hints: ["check the path; the first write makes a data dir there"],
      });
    }
    return forWrite ? this.openForWriting({ signal, deadlineAt }) : loadDir(this.path, this.clock);
  }

  private async openForWriting({ signal, deadlineAt }: CallOptions): Promise<OpenedStore> {
    const dir = await openDataDir(this.path, {
      mode: "write",
      ...(signal && { signal }),
      ...(deadlineAt !== undefined && { lockWaitMs: Math.max(0, deadlineAt - this.clock.now()) }),
    });
    return openMember(dir, offlineOptions(this.clock));
  }
}

/** Watches that end with EndOfHistory after the last event: without it the process would wait for an event that cannot come. */
function withFiniteWatches(transport: Transport): Transport {
  return {
    ...transport,
    duplex<I, O>(method: Method<I, O, "duplex">, requests: AsyncIterable<I>, options: CallOptions) {
      if (method.path !== WatchService.watch.path) return transport.duplex(method, requests, options);
      return watchHistory(transport, requests as AsyncIterable<WatchRequest>, options) as AsyncIterable<O>;
    },
  };
}

const progressIntervalMs = 5;
const allWatches = -1n;

/** The stream of one watch. The server answers a progress request when it has sent all events. */
async function* watchHistory(
  transport: Transport,
  requests: AsyncIterable<WatchRequest>,
  options: CallOptions,
): AsyncGenerator<WatchResponse> {
  const iterator = requests[Symbol.asyncIterator]();
  const { value: create } = (await iterator.next()) as { value: WatchRequest | undefined };
  const union = create?.requestUnion;
  if (create === undefined || union?.case !== "createRequest") return;
  const { startRevision } = union.value;
  if (startRevision === 0n) {
    throw badArgs("with --offline nothing changes, so a watch without --rev would wait for ever", {
      hints: ["--rev=1 prints the history and ends", ...new EndOfHistory().hints],
    });
  }
  let isEnded = false;
  async function* sent(): AsyncGenerator<WatchRequest> {
    yield create as WatchRequest;
    for (;;) {
      await sleep(progressIntervalMs);
      if (isEnded) return;
      yield { requestUnion: { case: "progressRequest", value: {} } };
    }
  }
  try {
    for await (const response of transport.duplex(WatchService.watch, sent(), options)) {
      const { created, canceled, events, watchId, header } = response;
      const isProgress = !created && !canceled && events.length === 0;
      if (isProgress && watchId === allWatches) throw new EndOfHistory();
      yield response;
      if (created && !canceled && startRevision > (header?.revision ?? 0n)) throw new EndOfHistory();
    }
  } finally {
    isEnded = true;
    void iterator.return?.().catch(() => undefined);
  }
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
export function userDataDir(env: OfflineOptions["env"]): string {
  // The directory must not depend on the working directory, so a relative path is ignored.
  const absolute = (name: string) => (isAbsolute(env[name] ?? "") ? env[name] : undefined);
  const home = absolute("HOME") ?? homedir();
  const fallback = {
    darwin: join(home, "Library", "Application Support"),
    win32: env["LOCALAPPDATA"] ?? join(home, "AppData", "Local"),
  }[platform as string];
  return join(absolute("XDG_DATA_HOME") ?? fallback ?? join(home, ".local", "share"), "etcdctl");
}
