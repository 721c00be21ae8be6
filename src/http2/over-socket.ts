// An HTTP/2 connection on a socket of Node: net.Socket or tls.TLSSocket.
import type { Duplex } from "node:stream";
import { Http2Connection, type ConnectionOptions } from "./connection";

export function overSocket(socket: Duplex, options: Omit<ConnectionOptions, "output">): Http2Connection {
  const connection = new Http2Connection({ ...options, output: socket });
  let error: Error | undefined;
  socket.on("data", (chunk: Buffer) => connection.receive(chunk));
  socket.on("drain", () => connection.drained());
  socket.on("end", () => connection.ended());
  socket.on("error", (cause: Error) => (error = cause));
  socket.on("close", () => connection.ended(error));
  return connection;
}
