// Channel credentials for grpc-js: starts TLS on a socket when the endpoint uses it. Keeps every socket, also one that still
// connects, so that close() leaves none open. The credentials of grpc-js set an IP address as the server name, for which
// Node prints a warning and Bun fails.
import { ChannelCredentials, credentials } from "@grpc/grpc-js";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { Socket } from "node:net";
import { connect, type ConnectionOptions } from "node:tls";
import { nextTick } from "../../clock";

type SecureConnector = ReturnType<ChannelCredentials["_createSecureConnector"]>;

export class EndpointCredentials extends ChannelCredentials {
  private readonly sockets = new Set<Socket>();
  private closed = false;

  /** `tls` undefined: plain. `onConnected`: called when the TCP connection is open, before the TLS handshake. */
  constructor(
    private readonly tls: ConnectionOptions | undefined,
    private readonly onConnected: () => void,
  ) {
    super();
  }

  close(): void {
    this.closed = true;
    for (const socket of this.sockets) socket.destroy();
  }

  override _isSecure(): boolean {
    return this.tls !== undefined;
  }

  override _equals(other: ChannelCredentials): boolean {
    return this === other;
  }

  override _createSecureConnector(): SecureConnector {
    const noCallCredentials = credentials.createEmpty();
    return {
      connect: async (socket) => {
        this.keep(socket);
        if (this.closed) throw new Error("the transport is closed");
        this.onConnected();
        return this.tls
          ? { socket: await this.handshake(socket, this.tls), secure: true }
          : { socket, secure: false };
      },
      waitForReady: () => {
        expectSocket((socket) => this.keep(socket)); // the last call of grpc-js before it connects
        return Promise.resolve();
      },
      getCallCredentials: () => noCallCredentials,
      destroy: () => undefined,
    };
  }

  private keep(socket: Socket): void {
    if (this.closed) socket.destroy();
    this.sockets.add(socket);
    socket.once("close", () => this.sockets.delete(socket));
  }

  private handshake(socket: Socket, tls: ConnectionOptions): Promise<Socket> {
    return new Promise((resolve, reject) => {
      const secure = connect({ ...tls, socket }, () => resolve(secure));
      secure.on("error", reject); // stays: there is no other listener until the HTTP/2 session has one
      secure.once("close", () => reject(new Error("connection closed during the TLS handshake")));
    });
  }
}

const newSockets = "net.client.socket";
const expected: ((socket: Socket) => void)[] = [];

/**
 * Calls `take` with the socket that grpc-js makes next. grpc-js gives out no socket before TCP is connected, which takes
 * minutes for a silent address; meanwhile a program that has closed its transport could not exit. Node publishes every new
 * socket on a diagnostics channel. Only promises run between this call and the new socket, so the sockets of one turn come
 * in the order of these calls.
 */
export function expectSocket(take: (socket: Socket) => void): void {
  if (expected.push(take) === 1) subscribe(newSockets, onNewSocket);
  // A tick that is set inside a promise runs after all promises. A socket that is not there by then does not come.
  queueMicrotask(() => nextTick(forget, take));
}

function onNewSocket(message: unknown): void {
  const take = expected.shift();
  if (expected.length === 0) unsubscribe(newSockets, onNewSocket);
  take?.((message as { socket: Socket }).socket);
}

function forget(take: (socket: Socket) => void): void {
  const index = expected.indexOf(take);
  if (index < 0) return;
  expected.splice(index, 1);
  if (expected.length === 0) unsubscribe(newSockets, onNewSocket);
}
