// The client port: gRPC, the JSON gateway and plain HTTP on one listener, with or without TLS, on a host and port or a unix
// socket. The first bytes of a connection distinguish HTTP/2 from HTTP/1.
// Must stay true: after close() no socket, session or timer is left.
// Go: server/embed/serve.go, where cmux distinguishes the protocols
import { lstatSync, unlinkSync } from "node:fs";
import http from "node:http";
import net from "node:net";
import tls from "node:tls";
import { withPort, type ServerUrl } from "../cluster/urls";
import { drain, type DrainableConnection } from "./drain";
import { http1Exchange, isGatewayPath, v2PagesFor, writeHead } from "./exchange";
import type { Exchange } from "./gateway";
import { allowAnyOrigin, healthPage } from "./health";
import { Http1Connection } from "./http1-connection";
import { Http2Side, type Http2Options } from "./http2-side";

export interface ListenerOptions extends Http2Options {
  /** Required for https:// and unixs:// URLs. */
  readonly tls?: ServerTls | undefined;
  /** The listener and its connections do not keep the process alive. */
  readonly unref?: boolean | undefined;
}

/** Certificates of a server, as PEM texts (not file names). The server accepts TLS 1.2 and later. */
export interface ServerTls {
  /** The server's certificate, followed by its intermediate certificates. Like etcd's --cert-file. */
  readonly cert: string | Buffer;
  /** The private key of `cert`. Like etcd's --key-file. */
  readonly key: string | Buffer;
  /**
   * Certificate authorities for clients, like etcd's --trusted-ca-file: a client without a certificate from one of them
   * cannot connect. An empty list means the authorities that Node.js trusts. Default: clients need no certificate.
   */
  readonly clientCa?: readonly (string | Buffer)[] | undefined;
}

export interface Listener {
  /** The URL, with the chosen port in place of port 0. */
  readonly url: ServerUrl;
  /** Closes every connection. The listener stays. */
  dropConnections(): void;
  /** Accepts no new connection, answers what has been received, and closes. `limit` closes the rest at once. */
  close(limit: AbortSignal): Promise<void>;
}

export async function listen(url: ServerUrl, options: ListenerOptions): Promise<Listener> {
  const connections = new Set<DrainableConnection>();
  // As in etcd, only headers have a time limit: a stream's body may take days, and an idle connection stays open.
  const limits = { requestTimeout: 0, headersTimeout: 300_000, keepAliveTimeout: 0 };
  const http1Side = http.createServer(limits, (request, response) => {
    Http1Connection.of(request.socket)?.begin(request, response);
    guarded(
      () => serveHttp1(request, response, options),
      () => response.destroy(),
    );
  });
  const accept = (socket: net.Socket) => {
    let connection: DrainableConnection = new Http1Connection(socket);
    connections.add(connection);
    socket.once("close", () => connections.delete(connection));
    // A connection reset by the peer is no error of the server.
    socket.on("error", () => undefined);
    socket.setNoDelay(true);
    if (options.unref === true) socket.unref();
    firstBytes(socket, (isHttp2) => {
      guarded(
        () => {
          if (!isHttp2) return void http1Side.emit("connection", socket);
          connections.delete(connection);
          connections.add((connection = new Http2Side(socket, options, (call) => gateway(call, options))));
        },
        () => socket.destroy(),
      );
    });
  };
  const server = url.secure ? tlsServer(url, options.tls, accept) : net.createServer(accept);
  const bound = await bind(server, url);
  // A connection that cannot be accepted, as without file descriptors, must not end the server.
  server.on("error", () => undefined);
  if (options.unref === true) server.unref();
  // A client that does not finish its handshake would hold up close() for the two minutes that Node waits for it.
  const sockets = new Set<net.Socket>();
  server.on("connection", (socket: net.Socket) => {
    sockets.add(socket);
    if (options.unref === true) socket.unref();
    socket.once("close", () => sockets.delete(socket));
  });

  const dropConnections = () => {
    for (const connection of connections) connection.destroy();
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: bound,
    dropConnections,
    async close(limit) {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      await drain(connections, limit);
      // The rest came while the others were drained. The signals of open calls abort.
      dropConnections();
      http1Side.close();
      await closed;
    },
  };
}

/** Whatever a request makes our code throw ends that request, never the process. */
function guarded(serve: () => Promise<void> | void, end: () => void): void {
  try {
    serve()?.catch(end);
  } catch {
    end();
  }
}

async function serveHttp1(
  request: http.IncomingMessage,
  response: http.ServerResponse,
  options: ListenerOptions,
): Promise<void> {
  const v2 = v2PagesFor(options.v2, request.url, request.method);
  if (v2 !== undefined) return v2(http1Exchange(request, response));
  if (isGatewayPath(request.url) && request.method !== "OPTIONS") {
    return gateway(http1Exchange(request, response), options);
  }
  const { status, headers, body } = await healthPage(options.http, request.method ?? "", request.url ?? "");
  writeHead(response, status, { ...headers, "content-length": String(Buffer.byteLength(body)) });
  response.end(request.method === "HEAD" ? undefined : body);
}

async function gateway(exchange: Exchange, options: ListenerOptions): Promise<void> {
  const { routes, maxReceiveBytes, turn } = options;
  const { refuseCommonName, serveGateway } = await import("./gateway");
  if (options.http.usesCommonNames() && exchange.commonName() !== undefined)
    return refuseCommonName(exchange);
  await serveGateway({ routes, maxBodyBytes: maxReceiveBytes, turn }, exchange, allowAnyOrigin);
}

function tlsServer(url: ServerUrl, files: ServerTls | undefined, accept: (socket: net.Socket) => void) {
  if (files === undefined) {
    throw new Error(
      `TLS key/cert (--cert-file, --key-file) must be provided for client url ${url.text} with HTTPS scheme`,
    );
  }
  const server = newTlsServer(files, accept);
  server.on("tlsClientError", (_error, socket) => socket.destroy());
  return server;
}

function newTlsServer({ cert, key, clientCa }: ServerTls, accept: (socket: net.Socket) => void): tls.Server {
  const client = { requestCert: clientCa !== undefined, rejectUnauthorized: clientCa !== undefined };
  const ca = clientCa !== undefined && clientCa.length > 0 ? { ca: [...clientCa] } : {};
  const alpn = { ALPNProtocols: ["h2", "http/1.1"] };
  try {
    return tls.createServer({ cert, key, ...ca, ...client, ...alpn, minVersion: "TLSv1.2" }, accept);
  } catch (cause) {
    throw new Error(`cannot use the certificate or its key: ${(cause as Error).message}`, { cause });
  }
}

/** HTTP/2 begins with "PRI * HTTP/2.0"; no HTTP/1 method begins with PRI. */
function firstBytes(socket: net.Socket, then: (isHttp2: boolean) => void): void {
  let first: Buffer = Buffer.alloc(0);
  const readFirst = () => {
    const bytes = socket.read() as Buffer | null;
    if (bytes === null) return;
    first = Buffer.concat([first, bytes]);
    if (first.length < 3 && "PRI".startsWith(first.toString("latin1"))) return;
    socket.off("readable", readFirst);
    socket.unshift(first);
    then(first.toString("latin1", 0, 3) === "PRI");
  };
  socket.on("readable", readFirst);
}

function bind(server: net.Server, url: ServerUrl): Promise<ServerUrl> {
  if ("path" in url.address) removeStaleSocket(url.address.path);
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      reject(new Error(`cannot listen on ${url.text}: ${cause.message}`, { cause }));
    });
    server.listen(bindAddress(url), () => {
      const bound = server.address();
      resolve(bound !== null && typeof bound === "object" ? withPort(url, bound.port) : url);
    });
  });
}

/** As in etcd, localhost means 127.0.0.1, and every other host must be an IP address. */
function bindAddress({ address, text }: ServerUrl): net.ListenOptions {
  if ("path" in address) return { path: address.path };
  const host = address.host === "localhost" ? "127.0.0.1" : address.host;
  if (net.isIP(host) === 0) throw new Error(`expected IP in URL for binding (${text})`);
  return { host, port: address.port };
}

/** Removes the socket of a killed server, with which every start would fail. Other files stay. */
function removeStaleSocket(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSocket() === true) unlinkSync(path);
}
