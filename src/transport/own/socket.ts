// The connection to an endpoint below HTTP/2: TCP or a unix socket, with TLS or without.
import { connect } from "node:net";
import { tcpKeepAliveMs, type OpenSocket } from "./channel";

/** Each address of a name gets its time. */
const addressTimeoutMs = 1000;

export const openSocket: OpenSocket = (endpoint, tls, events) => {
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
};
