// The connection to an endpoint below HTTP/2: TCP or a unix socket, with TLS or without.
import { connect } from "node:net";
import type { ByteOutput } from "../../http2/outbox";
import type { Endpoint } from "../endpoint";
import type { TlsSetup } from "../tls/connection";

export interface SocketEvents {
  /** The TCP connection is open, before the TLS handshake. */
  onTcpConnected(): void;
  /** Bytes can be sent. */
  onOpen(): void;
  onData(chunk: Buffer): void;
  onDrain(): void;
  /** Called once, after everything else. The peer's end of the connection is the end of both sides. */
  onClose(error: Error | undefined): void;
}

export interface EndpointSocket extends ByteOutput {
  /** Whether the open socket keeps the process alive. At first it does not. */
  hold(holds: boolean): void;
}

/** Like Go's dialer: the kernel asks a silent peer, and each address of a name gets its time. */
const tcpKeepAliveMs = 15_000;
const addressTimeoutMs = 1000;

export function openSocket(
  endpoint: Endpoint,
  tls: TlsSetup | undefined,
  events: SocketEvents,
): EndpointSocket {
  const { address } = endpoint;
  const where =
    address.kind === "unix"
      ? { path: address.path }
      : {
          ...{ host: address.host, port: address.port },
          ...{ noDelay: true, keepAlive: true, keepAliveInitialDelay: tcpKeepAliveMs },
          autoSelectFamilyAttemptTimeout: addressTimeoutMs,
        };
  const socket = tls ? tls.connect(endpoint, where) : connect(where);
  let failure: Error | undefined;
  socket.on("connect", () => events.onTcpConnected());
  socket.on(tls ? "secureConnect" : "connect", () => events.onOpen());
  socket.on("data", (chunk: Buffer) => events.onData(chunk));
  socket.on("drain", () => events.onDrain());
  socket.on("end", () => socket.destroy());
  socket.on("error", (error) => (failure = error));
  socket.on("close", () => events.onClose(failure));
  socket.unref();
  return Object.assign(socket, { hold: (holds: boolean) => void (holds ? socket.ref() : socket.unref()) });
}
