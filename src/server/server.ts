// The embedded server: one etcd member in this process, with listeners and in-process clients.
// Must stay true: after stop() no socket, timer or lock is left; stop() may be called at any time, and twice.
import { setMaxListeners } from "node:events";
import type { LibraryClient } from "../client/library/client";
import { createClient } from "../client/library/client";
import { asyncDispose } from "../client/library/lease-handle";
import { checkOptions, type OptionTable } from "../client/library/options";
import type { Clock } from "../clock";
import { backgroundClock } from "../clock";
import { serverError } from "../etcd/error-table";
import type { Transport } from "../transport/transport";
import type { AutoCompaction } from "./member/auto-compaction";
import { startAutoCompaction } from "./member/auto-compaction";
import { defaultName } from "./cluster/membership";
import type { ServerUrl } from "./cluster/urls";
import { anyPort, parseUrls } from "./cluster/urls";
import { createEtcdServer } from "./member/create-etcd-server";
import type { EtcdServer } from "./member/etcd-server";
import { defaultElectionTimeoutMs, grpcOverheadBytes, limitsTable, type LimitOptions } from "./member/limits";
import type { Listener } from "./http/listener";
import { openListeners } from "./http/open-listeners";
import { pageState } from "./http/page-state";
import { guardedClock, guardedReport } from "./guarded-clock";
import { inProcessTransport, RunningCalls, type InProcessOptions } from "./rpc/in-process-transport";
import { ServerMetrics } from "./metrics/server-metrics";
import { openDurably, type OpenedMember } from "./member/open-member";
import { allRoutes } from "./rpc/all-routes";
import type { Routes } from "./rpc/routes";
import type { ServerOptions } from "./server-options";
import type { SlowLimits } from "./member/slow-requests";
import type { ServerCertificates } from "./testing/certificate-files";
import type { Faults } from "./testing/faults";
import type { Preparation, TestOptions } from "./testing/prepare";
import type { RequestLog } from "./testing/request-log";
import type { ResetOptions, ServerTools, ToolsHost } from "./testing/server-tools";
import type { TravelClock } from "./testing/travel-clock";

/** Options of startEmbeddedServer: those of the server, with other defaults for tests and programs. */
export type EmbeddedServerOptions = Omit<ServerOptions, keyof TestOptions | "listening"> & TestOptions;

/**
 * Starts an embedded etcd server in this process. The promise resolves when the server accepts requests. Call stop() in the
 * end, or use `await using`.
 *
 * Rejects with a TypeError or RangeError for an unknown option or one of the wrong kind. Rejects with an Error if a URL is
 * malformed or cannot be listened on, if the certificate or key is not usable, or if the data dir is damaged or in use.
 *
 * @example
 * const server = await startEmbeddedServer({ keys: { greeting: "hello" } });
 * console.log(server.endpoint); // http://127.0.0.1:40123
 * await server.stop();
 */
export async function startEmbeddedServer(options: EmbeddedServerOptions = {}): Promise<EmbeddedServer> {
  checkOptions("startEmbeddedServer", options, embeddedTable);
  const { prepare } = await import("./testing/prepare");
  const { prepared, preparation } = await prepare(options);
  return EmbeddedServer.start({ ...options, ...prepared }, preparation);
}

const embeddedTable = {
  name: "string",
  listenClientUrls: "strings",
  advertiseClientUrls: "strings",
  initialCluster: "string",
  initialClusterToken: "string",
  tls: "any",
  dataDir: "string",
  walDir: "string",
  lockWaitMs: "duration",
  snapshotCount: "count",
  maxWals: "count",
  maxSnapshots: "count",
  unsafeNoFsync: "boolean",
  keys: "object",
  load: "any",
  limits: limitsTable satisfies OptionTable<LimitOptions>,
  autoCompaction: {
    mode: ["periodic", "revision"],
    keepMs: "duration",
    keepRevisions: "integer",
  } satisfies OptionTable<AutoCompaction>,
  auth: {
    bcryptCost: "integer",
    tokenTtlSeconds: "integer",
    token: "string",
    clientCertAuth: "boolean",
    users: "object",
    roles: "object",
  } satisfies OptionTable<NonNullable<EmbeddedServerOptions["auth"]>>,
  enableV2: "boolean",
  clock: "clock",
  minLeaseTtlSeconds: "integer",
  electionTimeoutMs: "duration",
  leaseGraceMs: "duration",
  watchProgressIntervalMs: "duration",
  onError: "function",
  metrics: ["basic", "extensive"],
  stopGrpcServiceOnDefrag: "boolean",
  featureGates: "object",
  forceNewCluster: "boolean",
  onLogFailure: "function",
  onLog: "function",
  slow: { applyMs: "duration", callMs: "duration" } satisfies OptionTable<SlowLimits>,
  unref: "boolean",
} as const satisfies OptionTable<EmbeddedServerOptions>;

/** As long as etcd waits for calls at its stop. Go: ReqTimeout in server/config/config.go */
function defaultDrainMs({ electionTimeoutMs = defaultElectionTimeoutMs }: ServerOptions): number {
  return 5000 + 2 * electionTimeoutMs;
}

function whenAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}

/** A running embedded server, made by startEmbeddedServer. */
export class EmbeddedServer {
  private readonly routes: Routes;
  private readonly running = new RunningCalls();
  private readonly stopping = new AbortController();
  private readonly drainLimit = new AbortController();
  private stopped: Promise<void> | undefined;
  private listeners: Listener[] = [];
  private compaction: { stop(): void } | undefined;
  /** Clients count the time of their deadlines: the server's clock may be one that a test moves. */
  private readonly deadlineClock: Clock;

  private constructor(
    private server: EtcdServer,
    private readonly options: ServerOptions & {
      readonly clock: Clock;
      readonly serverMetrics: ServerMetrics;
    },
    /** Undefined: all data is in memory. */
    private readonly member: OpenedMember | undefined,
    private readonly preparation: Preparation,
  ) {
    this.routes = preparation.tools?.attach(this.toolsHost()) ?? allRoutes(server);
    this.deadlineClock = guardedClock(backgroundClock, (error) => options.onError?.(error));
    // Each transport() adds a listener, and there may be many.
    setMaxListeners(0, this.stopping.signal);
  }

  /** Starts a server. Programs use startEmbeddedServer, which has simpler options. Rejects with the same errors. */
  static async start(options: ServerOptions, preparation: Preparation = {}): Promise<EmbeddedServer> {
    const urls = options.listenClientUrls?.length ? parseUrls(options.listenClientUrls) : [];
    const onError = guardedReport(options.onError ?? ((error: unknown) => console.error(error)));
    const { tools, contents } = preparation;
    const clock = guardedClock(tools?.clock ?? options.clock ?? backgroundClock, onError);
    const serverMetrics = new ServerMetrics(options.metrics === "extensive");
    const complete = { ...options, clock, onError, serverMetrics };
    const { dataDir } = options;
    const member = dataDir === undefined ? undefined : await openDurably(dataDir, { ...complete, contents });
    const own = () => member?.server ?? createEtcdServer({ ...complete, contents });
    const server = preparation.shared?.server ?? own();
    const embedded = new EmbeddedServer(server, complete, member, preparation);
    try {
      await tools?.begin();
      await embedded.listenOn(urls, options);
      embedded.startCompaction();
      return embedded;
    } catch (error) {
      await embedded.stop();
      throw error;
    }
  }

  /** The URLs that the server listens on, such as `http://127.0.0.1:40123`. Every etcd client accepts them. */
  get endpoints(): readonly string[] {
    return this.urlsOf("all", "grpc");
  }

  /** The URLs for health and metrics only. */
  get metricsEndpoints(): readonly string[] {
    return this.urlsOf("metrics");
  }

  private urlsOf(...kinds: Listener["serves"][]): string[] {
    return this.listeners
      .filter(({ serves }) => kinds.includes(serves))
      .flatMap(({ urls }) => urls.map(({ text }) => text));
  }

  /** The first URL that the server listens on. Throws an Error if it listens on none. */
  get endpoint(): string {
    const [first] = this.endpoints;
    if (first === undefined) throw new Error("this server has no listener: use client() or transport()");
    return first;
  }

  /** How many entries of the log were not in the db file when the server started, as after a crash. */
  get replayedEntries(): number {
    return this.member?.replayed ?? 0;
  }

  /** True for the data dir of a cluster of several members, which is never written. */
  get isReadOnly(): boolean {
    return this.member?.isAlone === false;
  }

  /** Port of the first URL that has one. Throws an Error if the server listens on no port. */
  get port(): number {
    for (const {
      urls: [url],
    } of this.listeners)
      if (url !== undefined && "port" in url.address) return url.address.port;
    throw new Error("this server listens on no port");
  }

  /** A transport to this server without a socket. Its calls end when the server stops. */
  transport(): Transport {
    return inProcessTransport(this.routes, { ...this.inProcess });
  }

  /**
   * A client of this server without a socket. Its calls end when the server stops. As with `connect`, a call fails after 5 s
   * unless its options say otherwise.
   */
  client(): LibraryClient {
    return createClient(this.transport());
  }

  /**
   * A client without a socket that calls as a user, for servers with auth enabled. Its token expires when it is not used
   * for `auth.tokenTtlSeconds`. Rejects with an EtcdError for a wrong name or password, or if auth is not enabled.
   */
  async login(name: string, password: string): Promise<LibraryClient> {
    const { token } = await this.client().auth.authenticate({ name, password });
    const caller = { metadata: new Map([["token", token]]) };
    return createClient(inProcessTransport(this.routes, { ...this.inProcess, caller }));
  }

  /** The server's clock. `advance(ms)` moves it ahead: leases that end until then end at once. */
  get clock(): TravelClock {
    return this.tools.clock;
  }

  /** Makes the server misbehave: late answers, errors, lost connections. */
  get faults(): Faults {
    return this.tools.faults;
  }

  /** What clients have asked, for assertions. */
  get requests(): RequestLog {
    return this.tools.requests;
  }

  /** The certificates of a server with `tls: true`. Throws an Error for other servers. */
  get certificates(): ServerCertificates {
    const { certificates } = this.preparation;
    if (certificates === undefined)
      throw new Error("this server has no certificates of ours: start it with tls: true");
    return certificates;
  }

  /**
   * Empties the server: no keys, leases, locks and alarms, revision 1. Endpoints and connections stay, and so do the users
   * and roles of the option `auth`. Running calls fail with Unavailable (`etcdserver: server stopped`). Watches are first
   * canceled as after a compaction, which makes their readers read the present state. Faults and the list of requests are
   * cleared. Rejects with an Error for a server with a `dataDir`.
   *
   * @example
   * beforeEach(() => server.reset({ keys: { greeting: "hello" } }));
   */
  reset(options: ResetOptions = {}): Promise<void> {
    return this.tools.reset(options);
  }

  /** Every key with its value, for assertions. A value that is not UTF-8 is a Buffer. `load` accepts the result. */
  dump(): Record<string, string | Buffer> {
    return this.tools.dump();
  }

  /** Starts a second server in this process with a copy of the state, on other ports. The two share nothing. */
  fork(): Promise<EmbeddedServer> {
    const { contents, tools } = this.tools.copy();
    const { certificates } = this.preparation;
    const listenClientUrls = this.listeners.flatMap(({ urls }) => urls.flatMap(anyPort));
    return EmbeddedServer.start(
      { ...this.options, listenClientUrls, dataDir: undefined, keys: undefined, leaseGraceMs: 0 },
      { contents, tools, certificates, afterStop: certificates?.hold() },
    );
  }

  private get tools(): ServerTools {
    const { tools } = this.preparation;
    if (tools === undefined)
      throw new Error("only a server that startEmbeddedServer has started can do this");
    return tools;
  }

  private toolsHost(): ToolsHost {
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- the host reads what is current
    const embedded = this;
    const { view = (routes: Routes) => routes } = this.preparation.shared ?? {};
    let routes = view(allRoutes(this.server));
    return {
      get server() {
        return embedded.server;
      },
      get routes() {
        return routes;
      },
      dataDir: this.options.dataDir,
      newServer: (keys) => createEtcdServer({ ...this.options, keys }),
      clientOf: (server) => createClient(inProcessTransport(allRoutes(server))),
      async replace(next) {
        const before = embedded.server;
        routes = allRoutes(next);
        embedded.server = next;
        await embedded.publish();
        embedded.startCompaction();
        before.close();
      },
      dropConnections: () => this.listeners.forEach((listener) => listener.dropConnections()),
    };
  }

  /**
   * Answers the calls that the server has received, and closes all listeners and the data dir. Calls that wait for
   * something, such as watches and `lock`, end at once; others after at most `drainMs` milliseconds. Further calls return
   * the same promise, and shorten the time with another `drainMs`.
   */
  stop(options: { readonly drainMs?: number } = {}): Promise<void> {
    checkOptions("stop", options, { drainMs: "duration" });
    const { drainMs = defaultDrainMs(this.options) } = options;
    const timer = backgroundClock.setTimeout(() => this.drainLimit.abort(), drainMs);
    this.stopped ??= this.closeAll();
    return this.stopped.finally(() => timer.cancel());
  }

  /** Same as stop(), for `await using`. */
  [asyncDispose](): Promise<void> {
    return this.stop();
  }

  private get inProcess(): InProcessOptions {
    return { running: this.running, stopping: this.stopping.signal, clock: this.deadlineClock };
  }

  private async listenOn(urls: readonly ServerUrl[], options: ServerOptions): Promise<void> {
    const maxReceiveBytes = this.server.limits.maxRequestBytes + grpcOverheadBytes;
    const { routes, deadlineClock } = this;
    const { turn } = this.server.store;
    const { tls, unref, listening = {} } = options;
    const current = () => this.server;
    const traffic = this.options.serverMetrics;
    const { shared } = this.preparation;
    const state = pageState(current, traffic);
    const hasLeader = () => state.hasLeader() && shared?.hasLeader() !== false;
    const http = { ...state, hasLeader };
    const v2 = options.enableV2 === true ? (await import("./http/v2/serve")).v2Pages(current) : undefined;
    const common = { routes, maxReceiveBytes, turn, deadlineClock, traffic, http, v2, tls, unref };
    await openListeners(urls, listening, common, this.listeners);
    await this.publish();
  }

  private async publish(): Promise<void> {
    const { advertiseClientUrls: clientURLs = this.endpoints, name = defaultName } = this.options;
    const isLogged = await this.server.publish({ name, clientURLs }, this.preparation.shared?.memberId);
    if (isLogged) this.member?.saveIfSmall();
  }

  private startCompaction(): void {
    this.compaction?.stop();
    const { autoCompaction } = this.options;
    if (autoCompaction !== undefined) this.compaction = startAutoCompaction(this.server, autoCompaction);
  }

  private async closeAll(): Promise<void> {
    try {
      await this.close();
    } finally {
      await this.member?.close();
      this.preparation.afterStop?.();
    }
  }

  private async close(): Promise<void> {
    this.preparation.tools?.faults.clear();
    const stopped = serverError("stopped");
    const { signal } = this.drainLimit;
    const isShared = this.preparation.shared !== undefined;
    if (!isShared) this.server.v2.close();
    await Promise.all([
      Promise.race([this.running.drain(stopped), whenAborted(signal)]),
      ...this.listeners.map((listener) => listener.close(signal)),
    ]);
    this.stopping.abort(stopped);
    this.compaction?.stop();
    if (!isShared) this.server.close();
  }
}
