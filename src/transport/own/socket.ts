// The connection to an endpoint below HTTP/2: TCP or a unix socket, with TLS or without.
import { connect } from "node:net";
import type { connectTls } from "../tls/connection";
import { tcpKeepAliveMs, type OpenSocket } from "./channel";

/** Node reads at most this much at once. */
const readBytes = 64 * 1024;

/** Each address of a name gets its time. */
const addressTimeoutMs = 1000;

/** `openTls` opens a socket with TLS: a parameter, so that connections without TLS do not load it. */
export const socketOpener =
  (openTls?: typeof connectTls): OpenSocket =>
  (endpoint, tls, events) => {
    const { address } = endpoint;
    const where =
      address.kind === "unix"
        ? { path: address.path }
        : {
            ...{ host: address.host, port: address.port },
            autoSelectFamilyAttemptTimeout: addressTimeoutMs,
          };
    // Node allocates 64 KiB for each read. Most reads are short, and calls copy what they keep, so one buffer makes less garbage.
    const onread = {
      buffer: Buffer.allocUnsafeSlow(tls ? 0 : readBytes),
      callback(sizeBytes: number, buffer: Uint8Array) {
        events.onData((buffer as Buffer).subarray(0, sizeBytes));
        return true;
      },
    };
    if (tls && !openTls) throw new Error("a connection with TLS needs openTls");
    const socket = tls && openTls ? openTls(tls, endpoint, where) : connect({ ...where, onread });
    let failure: Error | undefined;
    socket.on("connect", () => {
      if (address.kind === "tcp") {
        // Not as options: tls.connect ignores them. With Nagle's algorithm, a request waits 40 ms for the server's ACK.
        socket.setNoDelay(true);
        socket.setKeepAlive(true, tcpKeepAliveMs);
      }
      events.onTcpConnected();
    });
    socket.on(tls ? "secureConnect" : "connect", () => events.onOpen());
    if (tls) socket.on("data", (chunk: Buffer) => events.onData(chunk));
    socket.on("drain", () => events.onDrain());
    socket.on("end", () => socket.destroy());
    socket.on("error", (error) => (failure = error));
    socket.on("close", () => events.onClose(failure));
    socket.unref();
    return Object.assign(socket, {
      reusesChunks: !tls,
      hold: (holds: boolean) => void (holds ? socket.ref() : socket.unref()),
    });
  };
