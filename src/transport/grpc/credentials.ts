// The part of grpc-js' connecting that is ours: puts TLS on a socket where the endpoint wants that, and knows every
// socket, connected or still connecting, so that closing leaves none behind. grpc-js' own credentials put an IP address
// into the server name, which Node warns about and Bun refuses.
import { ChannelCredentials, credentials } from "@grpc/grpc-js";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { Socket } from "node:net";
import { nextTick } from "node:process";
import type { ConnectionOptions } from "node:tls";
import { connect } from "node:tls";

type SecureConnector = ReturnType<ChannelCredentials["_createSecureConnector"]>;

export class EndpointCredentials extends ChannelCredentials {
  private readonly sockets = new Set<Socket>();
  private closed = false;

  /** `tls` undefined: plain. `onConnected`: TCP stands, nothing was said yet. */
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
        expectSocket((socket) => this.keep(socket)); // the last that is heard of grpc-js before it connects
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
      secure.on("error", reject); // stays: nobody else listens until the HTTP/2 session does
      secure.once("close", () => reject(new Error("connection closed during the TLS handshake")));
    });
  }
}

// Gets hold of a socket that grpc-js is about to make. It hands out none before TCP stands, which to a silent address
// takes minutes, and a program that has closed its transport could not end. Node announces every new socket; between the
// expectation and the socket there are only promises, so the sockets of one turn come in the order they were expected.

const announcements = "net.client.socket";
const expected: ((socket: Socket) => void)[] = [];

export function expectSocket(take: (socket: Socket) => void): void {
  if (expected.push(take) === 1) subscribe(announcements, announced);
  // A tick set from within a promise runs when all promises are done: what has not come by then does not come.
  queueMicrotask(() => nextTick(forget, take));
}

function announced(message: unknown): void {
  const take = expected.shift();
  if (expected.length === 0) unsubscribe(announcements, announced);
  take?.((message as { socket: Socket }).socket);
}

function forget(take: (socket: Socket) => void): void {
  const index = expected.indexOf(take);
  if (index < 0) return;
  expected.splice(index, 1);
  if (expected.length === 0) unsubscribe(announcements, announced);
}
