// The embedded server: one member behind listeners and in-process transports. Everything a program may do with it.
// Must stay true: after stop() nothing of it is left, and stop() may be called at any time and twice.
import { setMaxListeners } from "node:events";
import type { EtcdClient } from "../client/client";
import { createClient } from "../client/client";
import type { Clock } from "../clock";
import { backgroundClock } from "../clock";
import { serverError } from "../etcd/error-table";
import { AlarmType } from "../proto/gen/etcdserverpb";
import type { DataDir } from "../storage/data-dir";
import { openDataDir } from "../storage/data-dir";
import type { Transport } from "../transport/transport";
import type { AutoCompaction } from "./auto-compaction";
import { startAutoCompaction } from "./auto-compaction";
import { defaultName, withOwn } from "./cluster/membership";
import type { ServerUrl } from "./cluster/urls";
import { parseUrls } from "./cluster/urls";
import { contentsOf, createEtcdServer } from "./create-etcd-server";
import type { AuthOptions, EtcdServer, Limits } from "./etcd-server";
import { grpcOverheadBytes } from "./etcd-server";
import type { HttpState } from "./http/health";
import type { Listener, ServerTls } from "./http/listener";
import { listen } from "./http/listener";
import { metricsPage } from "./http/metrics";
import { inProcessTransport } from "./in-process-transport";
import { alarmName } from "./rpc/alarms";
import { allRoutes } from "./rpc/all-routes";
import type { Routes } from "./rpc/routes";

export interface ServerOptions {
  /** Of the member; `default`. */
  readonly name?: string | undefined;
  /** `http://`, `https://`, `unix://`, `unixs://`; port 0 takes a free one. None: only in-process clients. */
  readonly listenClientUrls?: readonly string[] | undefined;
  /** What member lists tell; absent: where it listens. */
  readonly advertiseClientUrls?: readonly string[] | undefined;
  /** `NAME=http://HOST:PORT`; with the token it decides the ids of cluster and member, as in etcd. */
  readonly initialCluster?: string | undefined;
  readonly initialClusterToken?: string | undefined;
  /** For https:// and unixs://. */
  readonly tls?: ServerTls | undefined;
  /** etcd's data dir: read at the start, written by stop(). Absent: in memory. */
  readonly dataDir?: string | undefined;
  /** Put before the first request, all in one revision. */
  readonly keys?: readonly (readonly [key: Uint8Array, value: Uint8Array])[] | undefined;
  readonly limits?: Partial<Limits> | undefined;
  /** Old revisions are forgotten by themselves; absent: never. */
  readonly autoCompaction?: AutoCompaction | undefined;
  readonly auth?: Omit<AuthOptions, "trustEverybody"> | undefined;
  /** Leases ask it for the time; absent: the real one, whatever a test does to the globals. */
  readonly clock?: Clock | undefined;
  readonly minLeaseTtlSeconds?: number | undefined;
  readonly leaseGraceMs?: number | undefined;
  readonly watchProgressIntervalMs?: number | undefined;
  /** The server does not keep the process alive. */
  readonly unref?: boolean | undefined;
}

// esbuild's and TypeScript's `await using` look for the same symbol where the runtime has none.
const asyncDispose: typeof Symbol.asyncDispose =
  (Symbol.asyncDispose as typeof Symbol.asyncDispose | undefined) ??
  (Symbol.for("Symbol.asyncDispose") as typeof Symbol.asyncDispose);

export class EmbeddedServer {
  private readonly routes: Routes;
  private readonly stopping = new AbortController();
  private stopped: Promise<void> | undefined;
  private listeners: Listener[] = [];
  private compaction: { stop(): void } | undefined;

  private constructor(
    private readonly member: EtcdServer,
    private readonly dataDir: DataDir | undefined,
  ) {
    this.routes = allRoutes(member);
    // One listener for each transport(): there may be many.
    setMaxListeners(0, this.stopping.signal);
  }

  static async start(options: ServerOptions): Promise<EmbeddedServer> {
    const urls = options.listenClientUrls?.length ? parseUrls(options.listenClientUrls) : [];
    const clock = options.clock ?? backgroundClock;
    const dataDir =
      options.dataDir === undefined ? undefined : await openDataDir(options.dataDir, { mode: "write" });
    let server: EmbeddedServer | undefined;
    try {
      const member = createEtcdServer({ ...options, clock, contents: dataDir?.database });
      server = new EmbeddedServer(member, dataDir);
      server.seed(options.keys ?? []);
      await server.open(urls, options);
      const { autoCompaction } = options;
      if (autoCompaction !== undefined) server.compaction = startAutoCompaction(member, autoCompaction);
      return server;
    } catch (error) {
      await server?.close();
      await dataDir?.close();
      throw error;
    }
  }

  /** Where it listens, as URLs: `http://127.0.0.1:40123`. Any etcd client takes them. */
  get endpoints(): readonly string[] {
    return this.listeners.map(({ url }) => url.text);
  }

  /** The first of the endpoints. */
  get endpoint(): string {
    const [first] = this.endpoints;
    if (first === undefined) throw new Error("this server listens nowhere: use client() or transport()");
    return first;
  }

  /** Of the first endpoint that has one. */
  get port(): number {
    for (const { url } of this.listeners) if ("port" in url.address) return url.address.port;
    throw new Error("this server listens on no port");
  }

  /** In this process, without a socket; its calls end with the server. */
  transport(): Transport {
    return inProcessTransport(this.routes, { stopping: this.stopping.signal });
  }

  /** A client on transport(). */
  client(): EtcdClient {
    return createClient(this.transport());
  }

  /** A client on a transport of its own whose calls are a user's, where auth is on. Its token ends when it is not used. */
  async login(name: string, password: string): Promise<EtcdClient> {
    const { token } = await this.client().auth.authenticate({ name, password });
    const caller = { metadata: new Map([["token", token]]) };
    return createClient(inProcessTransport(this.routes, { stopping: this.stopping.signal, caller }));
  }

  /** Ends all calls, closes all listeners, writes the data dir. */
  stop(): Promise<void> {
    return (this.stopped ??= this.end());
  }

  [asyncDispose](): Promise<void> {
    return this.stop();
  }

  private seed(keys: readonly (readonly [Uint8Array, Uint8Array])[]): void {
    if (keys.length === 0) return;
    const write = this.member.engine.store.write();
    for (const [key, value] of keys) write.put(key, value, 0n);
    write.end();
  }

  private async open(urls: readonly ServerUrl[], options: ServerOptions): Promise<void> {
    const maxReceiveBytes = this.member.limits.maxRequestBytes + grpcOverheadBytes;
    const { routes } = this;
    const { tls, unref } = options;
    const http = this.httpState();
    for (const url of urls) {
      this.listeners.push(await listen(url, { routes, maxReceiveBytes, http, tls, unref }));
    }
    const clientURLs = options.advertiseClientUrls ?? this.endpoints;
    this.member.membership = withOwn(this.member.membership, {
      name: options.name ?? defaultName,
      clientURLs,
    });
  }

  private httpState(): HttpState {
    const { alarms, versions, auth, authOptions } = this.member;
    return {
      metrics: () => metricsPage(this.member),
      hasLeader: () => this.member.membership.hasQuorum,
      alarms: () => alarms.list(AlarmType.NONE).map(({ alarm }) => alarmName(alarm)),
      namesByCertificate: () => auth.enabled && authOptions.clientCertAuth === true,
      versions: () => versions,
    };
  }

  private async end(): Promise<void> {
    await this.close();
    try {
      await this.dataDir?.save(contentsOf(this.member, this.dataDir.database));
    } finally {
      await this.dataDir?.close();
    }
  }

  private async close(): Promise<void> {
    this.stopping.abort(serverError("stopped"));
    await Promise.all(this.listeners.map((listener) => listener.close()));
    this.compaction?.stop();
    this.member.engine.close();
  }
}

// The embedded server for programs and tests: on a free port of this machine, ready when the promise is.

export interface EmbeddedServerOptions extends Omit<ServerOptions, "keys"> {
  /** Absent: one free port on 127.0.0.1, with TLS where `tls` is given. Empty: no listener, only client(). */
  readonly listenClientUrls?: readonly string[] | undefined;
  /** Keys that are there from the start, all of one revision. */
  readonly keys?: Readonly<Record<string, string | Uint8Array>> | undefined;
}

export async function startEmbeddedServer(options: EmbeddedServerOptions = {}): Promise<EmbeddedServer> {
  const scheme = options.tls === undefined ? "http" : "https";
  const { listenClientUrls = [`${scheme}://127.0.0.1:0`], keys = {}, ...rest } = options;
  return EmbeddedServer.start({ ...rest, listenClientUrls, keys: Object.entries(keys).map(asBytes) });
}

function asBytes([key, value]: [string, string | Uint8Array]): [Uint8Array, Uint8Array] {
  return [Buffer.from(key), typeof value === "string" ? Buffer.from(value) : value];
}
