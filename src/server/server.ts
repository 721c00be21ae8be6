// The embedded server: one etcd member in this process, with in-process clients and the tools for tests.
import type { LibraryClient } from "../client/library/client";
import { createClient } from "../client/library/client";
import { asyncDispose } from "../client/library/lease-handle";
import { checkOptions, type OptionTable } from "../client/library/options";
import type { Transport } from "../transport/transport";
import type { AutoCompaction } from "./member/auto-compaction";
import { anyPort, type ServerUrl } from "./cluster/urls";
import { createEtcdServer } from "./member/create-etcd-server";
import { limitsTable, type LimitOptions } from "./member/limits";
import { inProcessTransport, type InProcessOptions } from "./rpc/in-process-transport";
import { allRoutes } from "./rpc/all-routes";
import type { Routes } from "./rpc/routes";
import { begin, RunningServer, urlsOf, type Begun } from "./running-server";
import type { ServerOptions } from "./server-options";
import type { SlowLimits } from "./member/slow-requests";
import type { ServerCertificates } from "./testing/certificate-files";
import type { Faults } from "./testing/faults";
import type { Preparation, TestOptions } from "./testing/prepare";
import type { RequestLog } from "./testing/request-log";
import type { ResetOptions, ServerTools, ToolsHost } from "./testing/server-tools";
import type { TravelClock } from "./testing/travel-clock";

/** Options of startEmbeddedServer: those of the server, with other defaults for tests and programs. */
export type EmbeddedServerOptions = Omit<ServerOptions, keyof TestOptions | "listening" | "lockSignal"> &
  TestOptions;

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

/** A running embedded server, made by startEmbeddedServer. */
export class EmbeddedServer extends RunningServer {
  private constructor(begun: Begun) {
    super(begun);
  }

  /** Starts a server. Programs use startEmbeddedServer, which has simpler options. Rejects with the same errors. */
  static override async start(
    options: ServerOptions,
    preparation: Preparation = {},
  ): Promise<EmbeddedServer> {
    const urls = urlsOf(options);
    const { clock = options.clock } = preparation.tools ?? {};
    return new EmbeddedServer(await begin({ ...options, clock }, preparation)).serve(urls);
  }

  /** The first URL that the server listens on. Throws an Error if it listens on none. */
  get endpoint(): string {
    const [first] = this.endpoints;
    if (first === undefined) throw new Error("this server has no listener: use client() or transport()");
    return first;
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

  protected override makeRoutes(): Routes {
    return this.preparation.tools?.attach(this.toolsHost()) ?? super.makeRoutes();
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
    let routes = allRoutes(this.server, this.preparation.shared?.view);
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

  /** The users and roles of the options are there before the first request. */
  protected override async listenOn(urls: readonly ServerUrl[]): Promise<void> {
    await this.preparation.tools?.begin();
    await super.listenOn(urls);
  }

  override stop(options: { readonly drainMs?: number } = {}): Promise<void> {
    checkOptions("stop", options, { drainMs: "duration" });
    this.preparation.tools?.faults.clear();
    return super.stop(options);
  }

  /** Same as stop(), for `await using`. */
  [asyncDispose](): Promise<void> {
    return this.stop();
  }

  private get inProcess(): InProcessOptions {
    return { running: this.running, stopping: this.stopping.signal, clock: this.deadlineClock };
  }
}
