// The part of grpc-js' connecting that is ours: takes each socket once TCP stands, and puts TLS on it where the endpoint
// wants that. Knows every open socket, so that closing leaves none behind. grpc-js' own credentials put an IP address
// into the server name, which Node warns about and Bun refuses.
import { ChannelCredentials, credentials } from "@grpc/grpc-js";
import type { Socket } from "node:net";
import { connect, type ConnectionOptions } from "node:tls";

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
        return this.tls
          ? { socket: await this.handshake(socket, this.tls), secure: true }
          : { socket, secure: false };
      },
      waitForReady: () => Promise.resolve(),
      getCallCredentials: () => noCallCredentials,
      destroy: () => undefined,
    };
  }

  private keep(socket: Socket): void {
    if (this.closed) {
      socket.destroy();
      throw new Error("the transport is closed");
    }
    this.sockets.add(socket);
    socket.once("close", () => this.sockets.delete(socket));
    this.onConnected();
  }

  private handshake(socket: Socket, tls: ConnectionOptions): Promise<Socket> {
    return new Promise((resolve, reject) => {
      const secure = connect({ ...tls, socket }, () => resolve(secure));
      secure.on("error", reject); // stays: nobody else listens until the HTTP/2 session does
      secure.once("close", () => reject(new Error("connection closed during the TLS handshake")));
    });
  }
}
