// The connections of a listener as drain.ts needs them: node:http's and node:http2's.
import type { IncomingMessage, ServerResponse } from "node:http";
import type { IncomingHttpHeaders, ServerHttp2Session, ServerHttp2Stream } from "node:http2";
import type { Socket } from "node:net";
import type { DrainableConnection } from "./drain";

export type Connection = Http1Connection | Http2Connection;

abstract class SocketConnection<Request> implements DrainableConnection {
  /** Open requests with their paths. */
  protected readonly open = new Map<Request, string>();
  private readonly listeners: (() => void)[] = [];

  constructor(protected readonly socket: Socket) {
    socket.once("close", () => this.progressed());
  }

  openPaths(): Iterable<string> {
    return this.open.values();
  }

  onProgress(listener: () => void): void {
    this.listeners.push(listener);
  }

  end(): void {
    this.socket.end();
  }

  get isClosed(): boolean {
    return this.socket.destroyed;
  }

  destroy(): void {
    this.socket.destroy();
  }

  abstract goAway(): void;

  protected add(request: Request, path: string): void {
    this.open.set(request, path.split("?")[0] ?? "");
  }

  protected remove(request: Request): void {
    this.open.delete(request);
    this.progressed();
  }

  private progressed(): void {
    for (const listener of this.listeners) listener();
  }
}

const http1Connections = new WeakMap<Socket, Http1Connection>();

/** Also a connection whose first bytes are not there yet. */
export class Http1Connection extends SocketConnection<ServerResponse> {
  private isLeaving = false;

  static of(socket: Socket): Http1Connection | undefined {
    return http1Connections.get(socket);
  }

  constructor(socket: Socket) {
    super(socket);
    http1Connections.set(socket, this);
  }

  begin(request: IncomingMessage, response: ServerResponse): void {
    this.add(response, request.url ?? "");
    response.once("close", () => this.remove(response));
    if (this.isLeaving) response.shouldKeepAlive = false;
  }

  goAway(): void {
    this.isLeaving = true;
    for (const response of this.open.keys()) response.shouldKeepAlive = false;
  }
}

export class Http2Connection extends SocketConnection<ServerHttp2Stream> {
  private session: ServerHttp2Session | undefined;

  begin(session: ServerHttp2Session): void {
    this.session = session;
    session.on("stream", (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
      this.add(stream, headers[":path"] ?? "");
      stream.once("close", () => this.remove(stream));
    });
  }

  /**
   * GOAWAY with the last stream that the server has seen. node:http2 ignores later streams, and clients know that these
   * were not served. (grpc-go serves what the client sends until it has seen a first GOAWAY; node:http2 cannot.)
   */
  goAway(): void {
    if (this.session?.destroyed === false) this.session.goaway();
  }

  override end(): void {
    // close() sends what is queued and waits for open streams. Without it, node:http2 sends at the next immediate.
    if (this.open.size === 0) this.session?.close();
    else setImmediate(() => setImmediate(() => this.socket.end()));
  }
}
