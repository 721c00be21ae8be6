// One HTTP/2 connection of the client port: its streams are gRPC calls, calls of the JSON gateway, or pages.
// Go: server/embed/serve.go, google.golang.org/grpc/internal/transport/http2_server.go
import type { Socket } from "node:net";
import { backgroundClock } from "../../clock";
import type { Http2Connection } from "../../http2/connection";
import { isHttpRequest, valueOf } from "../../http2/message-rules";
import { TurnShares } from "../../http2/intake";
import { overSocket } from "../../http2/over-socket";
import { ErrorCode } from "../../http2/protocol";
import type { Http2Stream } from "../../http2/stream";
import { isTlsSocket, type CallConnection, type GrpcOptions } from "../grpc/call";
import { CallOrder } from "../grpc/call-order";
import { ReceiveBudget } from "../grpc/frames";
import { LargeRequests, requestWindowBytes } from "../grpc/large-requests";
import { OpenRequests } from "../grpc/open-requests";
import { serveGrpcStream } from "../grpc/serve-stream";
import type { DrainableConnection } from "../streams/drain";
import { v2PagesFor } from "./exchange";
import type { Exchange } from "./gateway";
import { http2Exchange, sendHttp2Page } from "./http2-exchange";
import { page, type PageOptions } from "./page";

export interface Http2Options extends GrpcOptions, PageOptions {
  /** How many calls a client may have open on a connection, like etcd's --max-concurrent-streams. Default: no limit. */
  readonly maxConcurrentStreams?: number | undefined;
  /** Pings, like etcd's --grpc-keepalive-min-time, -interval and -timeout. 0 turns them off. Default: etcd's. */
  readonly keepAlive?:
    { readonly minTimeMs?: number; readonly intervalMs?: number; readonly timeoutMs?: number } | undefined;
}

/** All servers of a process have one event loop. */
const shares = new TurnShares();

/** The large requests of one connection that come at the same time; further ones wait. */
const minLargeRequestsBytes = 64 << 20;
/** All unfinished messages of one connection: the first bytes of those that wait, too. */
const minReceiveBudgetBytes = 256 << 20;
/** How long a client may take to answer the ping after the first GOAWAY. */
const goAwayWaitMs = 1000;

/** etcd's defaults. Go: DefaultGRPCKeepAlive… in server/embed/config.go */
const defaultKeepAlive = { minTimeMs: 5000, intervalMs: 2 * 3600e3, timeoutMs: 20_000 };

export class Http2Side implements DrainableConnection {
  private readonly connection: Http2Connection;
  private readonly listeners: (() => void)[] = [];
  private readonly calls: CallConnection;

  constructor(
    private readonly socket: Socket,
    private readonly options: Http2Options,
    private readonly gateway: (exchange: Exchange) => Promise<void>,
  ) {
    const budget = new ReceiveBudget(Math.max(minReceiveBudgetBytes, 4 * options.maxReceiveBytes));
    const requests = new OpenRequests(() => this.connection.intake);
    const largeRequests = new LargeRequests(Math.max(minLargeRequestsBytes, 2 * options.maxReceiveBytes));
    this.calls = { socket, budget, order: new CallOrder(), requests, largeRequests, options };
    const { minTimeMs, intervalMs, timeoutMs } = { ...defaultKeepAlive, ...options.keepAlive };
    this.connection = overSocket(socket, {
      role: "server",
      clock: backgroundClock,
      streamWindowBytes: requestWindowBytes,
      // As in grpc-go, the largest number is no limit, and is not announced.
      maxConcurrentStreams:
        options.maxConcurrentStreams === 2 ** 32 - 1 ? undefined : options.maxConcurrentStreams,
      keepAlive:
        intervalMs > 0 && timeoutMs > 0 ? { timeMs: intervalMs, timeoutMs, withoutStreams: true } : undefined,
      pingPolicy: minTimeMs > 0 ? { minTimeMs, withoutStreams: false } : undefined,
      shares,
      onStream: (stream) => this.serve(stream),
      onStreamClose: () => this.progressed(),
    });
    socket.once("close", () => this.progressed());
  }

  private serve(stream: Http2Stream): void {
    const { headers } = stream;
    // As in etcd, HTTP/2 without TLS is for gRPC only: a call with another content type is refused.
    const { serves = "all" } = this.options;
    const mayServe = serves === "all" || serves === "grpc";
    if (mayServe && !isTlsSocket(this.socket)) return serveGrpcStream(stream, this.calls);
    if (!isHttpRequest(headers)) return stream.reset(ErrorCode.protocolError);
    const isGrpc = valueOf(headers, "content-type")?.includes("application/grpc") === true;
    if (mayServe && isGrpc) return serveGrpcStream(stream, this.calls);
    this.serveHttp(stream).catch(() => stream.reset(ErrorCode.internalError));
  }

  private serveHttp(stream: Http2Stream): Promise<void> {
    const { headers } = stream;
    const target = valueOf(headers, ":path") ?? "";
    const method = valueOf(headers, ":method") ?? "";
    const response = page(this.options, {
      method,
      target,
      header: (name) =>
        (name === "host" ? valueOf(headers, ":authority") : undefined) ?? valueOf(headers, name),
      socket: this.socket,
    });
    if (response !== undefined) return sendHttp2Page(stream, response);
    const serve = v2PagesFor(this.options.v2, target, method) ?? this.gateway;
    return serve(http2Exchange(stream, this.socket, this.calls.largeRequests));
  }

  private progressed(): void {
    for (const listener of this.listeners) listener();
  }

  *openPaths(): Iterable<string> {
    for (const { headers } of this.connection.streams.values()) {
      yield (valueOf(headers, ":path") ?? "").split("?")[0] ?? "";
    }
  }

  /** As in grpc-go, requests that the client has sent before it knows of the GOAWAY are served, too. */
  goAway(): Promise<void> {
    return new Promise((resolve) => {
      const timer = backgroundClock.setTimeout(resolve, goAwayWaitMs);
      this.connection.goAway(() => {
        timer.cancel();
        resolve();
      });
    });
  }

  onProgress(listener: () => void): void {
    this.listeners.push(listener);
  }

  end(): void {
    this.connection.close();
  }

  get isClosed(): boolean {
    return this.socket.destroyed;
  }

  destroy(): void {
    this.socket.destroy();
  }
}
