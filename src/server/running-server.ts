// One etcd member in this process with its listeners: what `etcdctl serve` runs. startEmbeddedServer adds clients and tools for
// tests to it.
// Must stay true: after stop() no socket, timer or lock is left; stop() may be called at any time, and twice.
// Go: server/embed/etcd.go
import { setMaxListeners } from "node:events";
import type { Clock } from "../clock";
import { backgroundClock } from "../clock";
import { serverError } from "../etcd/error-table";
import { defaultName } from "./cluster/membership";
import type { ServerUrl } from "./cluster/urls";
import { parseUrls } from "./cluster/urls";
import { guardedClock, guardedReport } from "./guarded-clock";
import type { Listener } from "./http/listener";
import { openListeners } from "./http/open-listeners";
import { pageState } from "./http/page-state";
import { startAutoCompaction } from "./member/auto-compaction";
import { createEtcdServer } from "./member/create-etcd-server";
import type { EtcdServer } from "./member/etcd-server";
import { defaultElectionTimeoutMs, grpcOverheadBytes } from "./member/limits";
import type { OpenedMember } from "./member/open-member";
import { ServerMetrics } from "./metrics/server-metrics";
import { allRoutes } from "./rpc/all-routes";
import { RunningCalls } from "./rpc/in-process-transport";
import type { Routes } from "./rpc/routes";
import type { ServerOptions } from "./server-options";
import type { Preparation } from "./testing/prepare";

/** As long as etcd waits for calls at its stop. Go: ReqTimeout in server/config/config.go */
function defaultDrainMs({ electionTimeoutMs = defaultElectionTimeoutMs }: ServerOptions): number {
  return 5000 + 2 * electionTimeoutMs;
}

function whenAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}

/** What a server begins with. */
export interface Begun {
  readonly server: EtcdServer;
  readonly options: ServerOptions & { readonly clock: Clock; readonly serverMetrics: ServerMetrics };
  /** Undefined: all data is in memory. */
  readonly member: OpenedMember | undefined;
  readonly preparation: Preparation;
}

/** Makes the server, or opens its data dir. */
export async function begin(options: ServerOptions, preparation: Preparation = {}): Promise<Begun> {
  const onError = guardedReport(options.onError ?? ((error: unknown) => console.error(error)));
  const clock = guardedClock(options.clock ?? backgroundClock, onError);
  const serverMetrics = new ServerMetrics(options.metrics === "extensive");
  const complete = { ...options, clock, onError, serverMetrics };
  const { contents, shared } = preparation;
  const open = async (dataDir: string) => {
    const { openDurably } = await import("./member/open-member");
    return openDurably(dataDir, { ...complete, contents });
  };
  const member = options.dataDir === undefined ? undefined : await open(options.dataDir);
  const own = () => member?.server ?? createEtcdServer({ ...complete, contents });
  return { server: shared?.server ?? own(), options: complete, member, preparation };
}

/** The parsed option `listenClientUrls`. Throws an Error for a URL that is malformed. */
export function urlsOf({ listenClientUrls = [] }: ServerOptions): readonly ServerUrl[] {
  return listenClientUrls.length === 0 ? [] : parseUrls(listenClientUrls);
}

export class RunningServer {
  protected server: EtcdServer;
  protected readonly options: Begun["options"];
  protected readonly preparation: Preparation;
  protected readonly routes: Routes;
  protected readonly running = new RunningCalls();
  protected readonly stopping = new AbortController();
  protected readonly listeners: Listener[] = [];
  /** Clients count the time of their deadlines: the server's clock may be one that a test moves. */
  protected readonly deadlineClock: Clock;
  private readonly member: OpenedMember | undefined;
  private readonly drainLimit = new AbortController();
  private stopped: Promise<void> | undefined;
  private compaction: { stop(): void } | undefined;

  protected constructor({ server, options, member, preparation }: Begun) {
    this.server = server;
    this.options = options;
    this.member = member;
    this.preparation = preparation;
    this.routes = this.makeRoutes();
    this.deadlineClock = guardedClock(backgroundClock, (error) => options.onError?.(error));
    // Each in-process transport adds a listener, and there may be many.
    setMaxListeners(0, this.stopping.signal);
  }

  /** Starts a server. Rejects with the errors of startEmbeddedServer. */
  static async start(options: ServerOptions): Promise<RunningServer> {
    const urls = urlsOf(options);
    return new RunningServer(await begin(options)).serve(urls);
  }

  protected makeRoutes(): Routes {
    return allRoutes(this.server);
  }

  /** Listens, and stops the server if it cannot. */
  protected async serve(urls: readonly ServerUrl[]): Promise<this> {
    try {
      await this.listenOn(urls);
      this.startCompaction();
      return this;
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** The URLs that the server listens on, such as `http://127.0.0.1:40123`. Every etcd client accepts them. */
  get endpoints(): readonly string[] {
    return this.textsOf("all", "grpc");
  }

  /** The URLs for health and metrics only. */
  get metricsEndpoints(): readonly string[] {
    return this.textsOf("metrics");
  }

  private textsOf(...kinds: Listener["serves"][]): string[] {
    return this.listeners
      .filter(({ serves }) => kinds.includes(serves))
      .flatMap(({ urls }) => urls.map(({ text }) => text));
  }

  /** How many entries of the log were not in the db file when the server started, as after a crash. */
  get replayedEntries(): number {
    return this.member?.replayed ?? 0;
  }

  /** True for the data dir of a cluster of several members, which is never written. */
  get isReadOnly(): boolean {
    return this.member?.isAlone === false;
  }

  /**
   * Answers the calls that the server has received, and closes all listeners and the data dir. Calls that wait for
   * something, such as watches and `lock`, end at once; others after at most `drainMs` milliseconds. Further calls return
   * the same promise, and shorten the time with another `drainMs`.
   */
  stop({ drainMs = defaultDrainMs(this.options) }: { readonly drainMs?: number } = {}): Promise<void> {
    const timer = backgroundClock.setTimeout(() => this.drainLimit.abort(), drainMs);
    this.stopped ??= this.closeAll();
    return this.stopped.finally(() => timer.cancel());
  }

  protected async listenOn(urls: readonly ServerUrl[]): Promise<void> {
    const { options } = this;
    const maxReceiveBytes = this.server.limits.maxRequestBytes + grpcOverheadBytes;
    const { routes, deadlineClock } = this;
    const { turn } = this.server.store;
    const { tls, unref, listening = {} } = options;
    const current = () => this.server;
    const traffic = options.serverMetrics;
    const { shared } = this.preparation;
    const state = pageState(current, traffic);
    const hasLeader = () => state.hasLeader() && shared?.hasLeader() !== false;
    const http = { ...state, hasLeader };
    const v2 = options.enableV2 === true ? (await import("./http/v2/serve")).v2Pages(current) : undefined;
    const common = { routes, maxReceiveBytes, turn, deadlineClock, traffic, http, v2, tls, unref };
    await openListeners(urls, listening, common, this.listeners);
    await this.publish();
  }

  protected async publish(): Promise<void> {
    const { advertiseClientUrls: clientURLs = this.endpoints, name = defaultName } = this.options;
    const isLogged = await this.server.publish({ name, clientURLs }, this.preparation.shared?.memberId);
    if (isLogged) this.member?.saveIfSmall();
  }

  protected startCompaction(): void {
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
