// The channel of an endpoint with our HTTP/2: connects, waits for the server's SETTINGS, connects again after a loss. After a
// GOAWAY the next calls get a new connection, while the old one ends its calls.
// grpc-go: clientconn.go (addrConn), internal/transport/http2_client.go
import { backgroundClock, systemClock, type Clock } from "../../clock";
import { EtcdError, StatusCode } from "../../errors";
import { Http2Connection } from "../../http2/connection";
import type { ByteOutput } from "../../http2/outbox";
import { frameHeaderBytes, ErrorCode } from "../../http2/protocol";
import type { Address, Endpoint } from "../endpoint";
import {
  EndpointChannel,
  keepaliveOf,
  reconnectDelaysMs,
  windowBytes,
  type CallStart,
  type ChannelParameters,
  type WireCall,
} from "../grpc/channel";
import { NotSentError } from "../grpc/status";
import type { TlsSetup } from "../tls/setup";
import { receiveLimit } from "../transport";
import { OwnCall } from "./call";

/** Go's minConnectTimeout: the longest time from the first packet to the server's SETTINGS. */
const connectTimeoutMs = 20_000;
/** As in Go's dialer: the kernel asks a peer that is silent. */
export const tcpKeepAliveMs = 15_000;
const backoffFactor = 1.6;
/** Clients that have lost their server at the same time do not come back at the same time. */
const jitter = 0.2;

/** Connects with TCP or a unix socket, with TLS or without. */
export type OpenSocket = (
  endpoint: Endpoint,
  tls: TlsSetup | undefined,
  events: SocketEvents,
) => EndpointSocket;

export interface SocketEvents {
  /** The TCP connection is open, before the TLS handshake. */
  onTcpConnected(): void;
  /** Bytes can be sent. */
  onOpen(): void;
  /** With `reusesChunks`, the chunk is valid during the call. */
  onData(chunk: Buffer): void;
  onDrain(): void;
  /** Called once, after everything else. The peer's end of the connection is the end of both sides. */
  onClose(error: Error | undefined): void;
}

export interface EndpointSocket extends ByteOutput {
  readonly reusesChunks?: boolean;
  /** Whether the open socket keeps the process alive. At first it does not. */
  hold(holds: boolean): void;
}

export class OwnChannel extends EndpointChannel {
  /** Timers and sockets do not keep the process alive: a call that waits does. */
  private readonly clock: Clock;
  private readonly links = new Set<Link>();
  /** The connection for new calls, which may not be ready. */
  private link: Link | undefined;
  private failures = 0;
  private retry: { cancel(): void } | undefined;
  /** Doubled when the server finds our pings too many. */
  private keepaliveFactor = 1;

  constructor(
    private readonly openSocket: OpenSocket,
    ...parameters: ChannelParameters
  ) {
    super(...parameters);
    const { clock } = this.options;
    this.clock = clock === systemClock ? backgroundClock : clock;
    this.connect();
  }

  call(start: CallStart): WireCall {
    const { link } = this;
    if (this.phase.is !== "ready" || !link?.connection?.isOpen) {
      throw new NotSentError(StatusCode.Unavailable, "the connection is closing", false);
    }
    return link.call(start);
  }

  protected disconnect(): void {
    this.retry?.cancel();
    for (const link of this.links) link.close();
  }

  private connect(): void {
    if (this.phase.is === "closed") return;
    const { endpoint, tls, options } = this;
    const keepalive = keepaliveOf(options);
    const startedAt = this.clock.now();
    let wasReady = false;
    const leave = (): boolean => {
      if (this.link !== link || this.phase.is === "closed") return false;
      this.link = undefined;
      return true;
    };
    const link = new Link(this.openSocket, {
      endpoint,
      tls: endpoint.secure ? tls : undefined,
      limitBytes: receiveLimit(options),
      clock: this.clock,
      keepAlive: keepalive && {
        ...keepalive,
        timeMs: keepalive.timeMs * this.keepaliveFactor,
        withoutStreams: false,
      },
      onTcpConnected: () => this.link === link && this.tcpConnected(),
      onReady: () => {
        wasReady = true;
        this.failures = 0;
        if (this.link === link) this.phase = { is: "ready" };
      },
      onGoAway: (code, debug) => {
        if (code === ErrorCode.enhanceYourCalm && debug === "too_many_pings") this.keepaliveFactor *= 2;
        if (leave()) this.reconnect(startedAt);
      },
      onClose: () => {
        this.links.delete(link);
        if (!leave()) return;
        if (wasReady) return this.reconnect(startedAt);
        if (this.phase.is !== "failing") void this.failed();
        this.connectLater(this.backoffMs());
      },
    });
    this.links.add(link);
    this.link = link;
  }

  /** After a connection that was ready: at once, unless it was very short. */
  private reconnect(startedAt: number): void {
    this.phase = { is: "connecting", tcpConnected: false };
    this.connectLater(startedAt + reconnectDelaysMs.first - this.clock.now());
  }

  private connectLater(delayMs: number): void {
    this.retry?.cancel();
    if (delayMs <= 0) this.connect();
    else this.retry = this.clock.setTimeout(() => this.connect(), delayMs);
  }

  private backoffMs(): number {
    const { first, longest } = reconnectDelaysMs;
    const delayMs = Math.min(longest, first * backoffFactor ** this.failures++);
    return delayMs * (1 + jitter * (2 * Math.random() - 1));
  }
}

interface LinkOptions {
  readonly endpoint: Endpoint;
  readonly tls: TlsSetup | undefined;
  readonly limitBytes: number;
  readonly clock: Clock;
  readonly keepAlive: ConstructorParameters<typeof Http2Connection>[0]["keepAlive"];
  onTcpConnected(): void;
  onReady(): void;
  onGoAway(code: number, debug: string): void;
  /** Called once. */
  onClose(): void;
}

/** One connection: first a socket, then HTTP/2 on it. */
class Link {
  connection: Http2Connection | undefined;
  private readonly socket: EndpointSocket;
  private readonly timeout: { cancel(): void };
  private receivedBytes = 0;
  private activeCalls = 0;
  private isOver = false;

  constructor(
    openSocket: OpenSocket,
    private readonly options: LinkOptions,
  ) {
    const { endpoint, tls, clock } = options;
    this.socket = openSocket(endpoint, tls, {
      onTcpConnected: () => options.onTcpConnected(),
      onOpen: () => this.open(),
      onData: (chunk) => this.receive(chunk),
      onDrain: () => this.connection?.drained(),
      onClose: (error) => this.over(error),
    });
    this.timeout = clock.setTimeout(() => this.close(), connectTimeoutMs);
  }

  call(start: CallStart): WireCall {
    const { connection, options } = this;
    if (!connection) throw new EtcdError(StatusCode.Internal, "the connection is not open", false);
    const scheme = options.tls ? "https" : "http";
    const target = {
      connection,
      keepsChunks: this.socket.reusesChunks !== true,
      scheme,
      authority: authorityOf(options.endpoint.address),
      ...options,
    } as const;
    const call = new OwnCall(target, start, () => {
      if (--this.activeCalls === 0) this.socket.hold(false);
    });
    if (++this.activeCalls === 1) this.socket.hold(true);
    return call;
  }

  close(): void {
    this.connection?.destroy();
    this.socket.destroy();
    this.over(undefined);
  }

  private open(): void {
    const { clock, keepAlive, onGoAway } = this.options;
    this.connection = new Http2Connection({
      role: "client",
      output: this.socket,
      reusesChunks: this.socket.reusesChunks,
      ...{ clock, keepAlive, onGoAway },
      streamWindowBytes: windowBytes,
      connectionWindowBytes: windowBytes,
      onClose: (error) => this.over(error),
    });
  }

  private receive(chunk: Buffer): void {
    const { connection } = this;
    const wasReady = this.receivedBytes >= frameHeaderBytes;
    this.receivedBytes += chunk.length;
    connection?.receive(chunk);
    // The first frame is SETTINGS, or the connection is closed.
    if (wasReady || this.receivedBytes < frameHeaderBytes || connection?.isClosed !== false) return;
    this.timeout.cancel();
    this.options.onReady();
  }

  private over(error: Error | undefined): void {
    if (this.isOver) return;
    this.isOver = true;
    this.timeout.cancel();
    this.connection?.ended(error);
    this.options.onClose();
  }
}

/**
 * The `:authority` of calls: host and port, or for a unix socket the name of its file, with everything after a colon.
 * Go: client/v3/internal/endpoint/endpoint.go (translateEndpoint)
 */
function authorityOf(address: Address): string {
  if (address.kind === "unix") return address.path.slice(address.path.lastIndexOf("/") + 1);
  const host = address.host.includes(":") ? `[${address.host}]` : address.host;
  return `${host}:${address.port}`;
}
