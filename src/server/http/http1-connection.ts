// An HTTP/1 connection of the client port as drain.ts needs it, also one whose first bytes are not there yet.
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { DrainableConnection } from "../streams/drain";

const bySocket = new WeakMap<Socket, Http1Connection>();

export class Http1Connection implements DrainableConnection {
  /** Open requests with their paths. */
  private readonly open = new Map<ServerResponse, string>();
  /** The newest of them. */
  private newest: ServerResponse | undefined;
  private readonly listeners: (() => void)[] = [];
  private isLeaving = false;

  static of(socket: Socket): Http1Connection | undefined {
    return bySocket.get(socket);
  }

  constructor(private readonly socket: Socket) {
    bySocket.set(socket, this);
    socket.once("close", () => this.progressed());
  }

  /** As in Go's server, a request waits for the responses to those before it, and its body is not read meanwhile. */
  begin(request: IncomingMessage, response: ServerResponse, serve: () => void): void {
    const before = this.newest;
    this.newest = response;
    this.open.set(response, (request.url ?? "").split("?")[0] ?? "");
    response.once("close", () => {
      this.open.delete(response);
      if (this.newest === response) this.newest = undefined;
      this.progressed();
    });
    if (this.isLeaving) response.shouldKeepAlive = false;
    if (before === undefined) return serve();
    before.once("close", () => {
      if (!this.isClosed) serve();
    });
  }

  openPaths(): Iterable<string> {
    return this.open.values();
  }

  goAway(): void {
    this.isLeaving = true;
    for (const response of this.open.keys()) response.shouldKeepAlive = false;
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

  private progressed(): void {
    for (const listener of this.listeners) listener();
  }
}
