// `--offline`: commands on a store in this process, without a server. etcdctl's data dir takes writes, each of them in the
// log and on the disk when its response comes; writers wait for each other. A snapshot or a member's data dir is read-only.
// Authentication is off, since a user with access to the file can read everything. Leases do not expire: no server
// counts their time, and each opening starts them with their full TTL, as the start of an etcd does.
import { statSync } from "node:fs";
import type { Clock } from "../clock";
import { isWrite } from "../etcd/methods";
import type { RangeRequest } from "../proto/gen/etcdserverpb";
import { KVService } from "../proto/gen/etcdserverpb";
import type { Method } from "../proto/message";
import { inProcessTransport } from "../server/rpc/in-process-transport";
import { allRoutes } from "../server/rpc/all-routes";
import { minIndexedBytes } from "../storage/key-places";
import { classifyOfflinePath, type ReadOnlyPath } from "../storage/offline-path";
import { verifySnapshotFile } from "../storage/snapshot-file";
import { withDeadline } from "../transport/lifetime";
import type { CallOptions, Transport } from "../transport/transport";
import { withFiniteWatches } from "./finite-watches";
import {
  OfflineDir,
  openToRead,
  openUnpacked,
  userDataDir,
  type OfflineOptions,
  type OpenedStore,
  type ReadStore,
  type UnpackedOptions,
} from "./open-store";

/** Throws CliError for a path that is not etcd's, FormatError for a damaged file. */
export function openOfflineTransport(options: OfflineOptions): Promise<Transport> {
  return openUnpacked(options, openTransport);
}

async function openTransport(options: UnpackedOptions): Promise<Transport> {
  const offline = classifyOfflinePath(options.path ?? userDataDir(options.env));
  if (offline.kind !== "etcdctl-data-dir") {
    await options.printHints?.(offline.hints);
    return readOnlyTransport({ ...offline, packedPath: options.packedPath }, options);
  }
  // A missing path that the user typed is probably a mistake, unless the first command writes.
  const mayBeMissing = options.path === undefined || offline.exists;
  return new OfflineTransport(new OfflineDir(offline.path, mayBeMissing, options), options.clock);
}

async function readOnlyTransport(offline: ReadOnlyPath, { clock, env }: OfflineOptions): Promise<Transport> {
  const { size } = statSync(offline.databasePath);
  const checksLater = offline.kind === "snapshot-file" && size >= checkedLaterBytes;
  const read = (request?: RangeRequest) => openToRead(offline, { clock, env, request }, checksLater);
  const transport = new OfflineTransport({ read }, clock);
  // What is wrong with a small file shows before the first call.
  if (size < minIndexedBytes) await transport.open();
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
    close: () => transport.close(),
    async unary<I, O>(method: Method<I, O, "unary">, request: I, options: CallOptions): Promise<O> {
      if (oneKeyIn(method, request) === undefined) await check(options);
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

/** The request, if it is a range of one key. */
function oneKeyIn<I, O>(method: Method<I, O, "unary">, request: I): RangeRequest | undefined {
  if (method.path !== KVService.range.path) return undefined;
  const range = request as RangeRequest;
  return range.rangeEnd.length === 0 ? range : undefined;
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

interface Stores {
  /** All of the store, or what the request needs. */
  read(request?: RangeRequest): Promise<ReadStore>;
  /** Absent: read-only. */
  write?(options: CallOptions): Promise<OpenedStore>;
}

interface Opened {
  readonly transport: Transport;
  readonly isWritable: boolean;
  /** It answers only the request for which it was opened. */
  readonly isPart: boolean;
}

/**
 * Opens the store at the first call. Reads take no lock, so they never wait and make no directory. The first write takes the
 * lock and loads the store again. The time that this takes does not count for the deadline of the call, as the start of a
 * server would not.
 */
class OfflineTransport implements Transport {
  private readonly opened: Opened[] = [];
  private opening: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly stores: Stores,
    private readonly clock: Clock,
  ) {}

  async unary<I, O>(method: Method<I, O, "unary">, request: I, options: CallOptions): Promise<O> {
    const limited = withDeadline(options, this.clock);
    const openedAt = this.clock.now();
    const opened = await this.open(limited, isWrite(method, request), oneKeyIn(method, request));
    try {
      return await opened.transport.unary(method, request, this.postponed(limited, openedAt));
    } finally {
      if (opened.isPart) await opened.transport.close();
    }
  }

  async *serverStream<I, O>(
    method: Method<I, O, "serverStream">,
    request: I,
    options: CallOptions,
  ): AsyncGenerator<O> {
    const openedAt = this.clock.now();
    const { transport } = await this.open(options);
    yield* transport.serverStream(method, request, this.postponed(options, openedAt));
  }

  async *duplex<I, O>(
    method: Method<I, O, "duplex">,
    requests: AsyncIterable<I>,
    options: CallOptions,
  ): AsyncGenerator<O> {
    const openedAt = this.clock.now();
    const { transport } = await this.open(options);
    yield* transport.duplex(method, requests, this.postponed(options, openedAt));
  }

  private postponed(options: CallOptions, openedAt: number): CallOptions {
    const { deadlineAt } = options;
    // A deadline that was over before remains over.
    if (deadlineAt === undefined || deadlineAt <= openedAt) return options;
    return { ...options, deadlineAt: deadlineAt + this.clock.now() - openedAt };
  }

  async close(): Promise<void> {
    for (const { transport } of this.opened.splice(0)) await transport.close();
  }

  open(options: CallOptions = {}, forWrite = false, request?: RangeRequest): Promise<Opened> {
    const next = this.opening.then(async () => {
      const last = this.opened.at(-1);
      if (last !== undefined && (last.isWritable || !forWrite)) return last;
      const { write } = this.stores;
      const isWritable = forWrite && write !== undefined;
      const store = isWritable ? await write.call(this.stores, options) : await this.stores.read(request);
      const isPart = "isPart" in store && store.isPart === true;
      const opened = { transport: transportOf(store, this.clock), isWritable, isPart };
      if (!isPart) this.opened.push(opened);
      return opened;
    });
    this.opening = next.catch(() => undefined);
    return next;
  }
}
