// The client port: gRPC, the JSON gateway and plain HTTP on one listener, with or without TLS, on a host and port or a unix
// socket. The first bytes of a connection distinguish HTTP/2 from HTTP/1.
// Must stay true: after close() no socket, session or timer is left.
// Go: server/embed/serve.go, where cmux distinguishes the protocols
import { lstatSync, unlinkSync } from "node:fs";
import http from "node:http";
import net from "node:net";
import type { Duplex } from "node:stream";
import { osErrorReason } from "../../go/os";
import { commonNameOf } from "../grpc/call";
import { checkBindable, checkPort, withPort, type ServerUrl } from "../cluster/urls";
import { drain, type DrainableConnection } from "../streams/drain";
import { ownTarget, refusalOf, refuse, refuseBytes, refuseExpectation } from "./go-server";
import { http1Exchange, isGatewayPath, lengthUpToBytes, v2PagesFor, writeHead } from "./exchange";
import type { Exchange } from "./gateway";
import { corsHeaders, openToAll } from "./access";
import type { HeaderOf } from "./health";
import { Http1Connection } from "./http1-connection";
import { Http2Side, type Http2Options } from "./http2-side";
import { page } from "./page";
import { RequestBody } from "./unread-body";
import { tlsServer, type TlsSettings } from "./tls-server";

export interface ListenerOptions extends Http2Options {
  /** Required for https:// and unixs:// URLs. */
  readonly tls?: TlsSettings | undefined;
  /** The listener and its connections do not keep the process alive. */
  readonly unref?: boolean | undefined;
}

export interface Listener {
  readonly serves: NonNullable<ListenerOptions["serves"]>;
  /** The URLs, with the chosen port in place of port 0. */
  readonly urls: readonly ServerUrl[];
  /** Closes every connection. The listener stays. */
  dropConnections(): void;
  /** Accepts no new connection, answers what has been received, and closes. `limit` closes the rest at once. */
  close(limit: AbortSignal): Promise<void>;
}

/** Listens on URLs that have the same address. An address with and without TLS serves both, as in etcd. */
export async function listen(
  urls: readonly [ServerUrl, ...ServerUrl[]],
  options: ListenerOptions,
): Promise<Listener> {
  const connections = new Set<DrainableConnection>();
  // As in etcd, only headers have a time limit: a stream's body may take days, and an idle connection stays open.
  const limits = {
    ...{ requestTimeout: 0, headersTimeout: 300_000, keepAliveTimeout: 0, maxHeaderSize: 1 << 20 },
    requireHostHeader: false,
  };
  // Made for the first connection that needs it: a start for gRPC does not load node:http.
  let http1Side: http.Server | undefined;
  const newHttp1Side = () =>
    http
      .createServer(limits, (request, response) => {
        const serve = () =>
          guarded(
            () => serveHttp1(request, response, options),
            () => response.destroy(),
          );
        const connection = Http1Connection.of(request.socket);
        if (connection === undefined) serve();
        else connection.begin(request, response, serve);
      })
      .on("clientError", refuseBytes)
      .on("checkExpectation", refuseExpectation)
      .on("upgrade", (request, socket, head) => {
        guarded(
          () => upgrade(request, socket, head, options),
          () => socket.destroy(),
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
    firstBytes(socket, isUndecided, (first) => {
      guarded(
        () => {
          if (first.toString("latin1", 0, 3) !== "PRI")
            return void (http1Side ??= newHttp1Side()).emit("connection", socket);
          connections.delete(connection);
          connections.add((connection = new Http2Side(socket, options, (call) => gateway(call, options))));
        },
        () => socket.destroy(),
      );
    });
  };
  const server = serverFor(urls, options, accept);
  const bound = await bind(server, urls);
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
    serves: options.serves ?? "all",
    urls: bound,
    dropConnections,
    async close(limit) {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      await drain(connections, limit);
      // The rest came while the others were drained. The signals of open calls abort.
      dropConnections();
      http1Side?.close();
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
  const refusal = refusalOf(request);
  if (refusal !== undefined) return refuse(response, refusal);
  const { method = "" } = request;
  const target = (request.url = ownTarget(request.url ?? ""));
  const served = page(options, { method, target, header: headerOf(request), socket: request.socket });
  if (served === undefined) {
    const exchange = http1Exchange(request, response);
    return v2PagesFor(options.v2, target, method)?.(exchange) ?? gateway(exchange, options);
  }
  const { status, headers, body } = await served;
  await new RequestBody(request).leave(response);
  const lengthBytes = Buffer.byteLength(body);
  const hasLength = lengthBytes <= lengthUpToBytes && !(method === "HEAD" && lengthBytes === 0);
  const length = hasLength ? { "content-length": String(lengthBytes) } : {};
  writeHead(response, status, { ...headers, ...length });
  response.end(method === "HEAD" ? undefined : body);
}

function headerOf({ headers }: http.IncomingMessage): HeaderOf {
  return (name) => headers[name]?.toString();
}

/** Node passes on every request with `Upgrade` here. What is no WebSocket of the gateway is served as if it had not asked. */
async function upgrade(
  request: http.IncomingMessage,
  socket: Duplex,
  head: Buffer,
  options: ListenerOptions,
): Promise<void> {
  const { method = "" } = request;
  const target = (request.url = ownTarget(request.url ?? ""));
  const header = headerOf(request);
  const wanted = header("upgrade") ?? "";
  const isWebSocket = /\bwebsocket\b/i.test(wanted) && isGatewayPath(target);
  const isRefused = options.http.usesCommonNames() && commonNameOf(socket) !== undefined;
  // The gateway serves what is no page.
  if (isWebSocket && !isRefused && page(options, { method, target, header, socket }) === undefined) {
    const { upgradeToWebSocket } = await import("./websocket");
    return upgradeToWebSocket(request, socket, head, options.maxReceiveBytes, (exchange) =>
      gateway(exchange, options),
    );
  }
  const response = new http.ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket as net.Socket);
  response.on("finish", () => socket.end());
  await serveHttp1(request, response, options);
}

async function gateway(exchange: Exchange, options: ListenerOptions): Promise<void> {
  const { routes, maxReceiveBytes: maxBodyBytes, turn, traffic, deadlineClock } = options;
  const { refuseCommonName, serveGateway } = await import("./gateway");
  const cors = corsHeaders(options.access ?? openToAll, String(exchange.headers["origin"] ?? ""));
  if (options.http.usesCommonNames() && exchange.commonName() !== undefined)
    return refuseCommonName(exchange);
  await serveGateway({ routes, maxBodyBytes, turn, traffic, deadlineClock }, exchange, cors);
}

function serverFor(
  urls: readonly [ServerUrl, ...ServerUrl[]],
  options: ListenerOptions,
  accept: (socket: net.Socket) => void,
): net.Server {
  const secureUrl = urls.find(({ secure }) => secure);
  if (secureUrl === undefined) return net.createServer(accept);
  const secureServer = tlsServer(secureUrl, options.tls, accept);
  if (urls.every(({ secure }) => secure)) return secureServer;
  return net.createServer((socket) => {
    const end = () => void socket.destroy();
    socket.on("error", end);
    firstBytes(
      socket,
      () => false,
      ([first]) => {
        socket.off("error", end);
        guarded(
          () => (first === tlsHandshake ? void secureServer.emit("connection", socket) : accept(socket)),
          end,
        );
      },
    );
  });
}

/** The first byte of a TLS connection: the type of the record. */
const tlsHandshake = 22;

/** HTTP/2 begins with "PRI * HTTP/2.0"; no HTTP/1 method begins with PRI. */
function isUndecided(first: Buffer): boolean {
  return first.length < 3 && "PRI".startsWith(first.toString("latin1"));
}

/** Waits until the bytes are enough to decide by. They stay in the socket. */
function firstBytes(
  socket: net.Socket,
  isTooShort: (first: Buffer) => boolean,
  then: (first: Buffer) => void,
): void {
  let first: Buffer = Buffer.alloc(0);
  const readFirst = () => {
    const bytes = socket.read() as Buffer | null;
    if (bytes === null) return;
    first = Buffer.concat([first, bytes]);
    if (isTooShort(first)) return;
    socket.off("readable", readFirst);
    socket.unshift(first);
    then(first);
  };
  socket.on("readable", readFirst);
}

function bind(server: net.Server, urls: readonly [ServerUrl, ...ServerUrl[]]): Promise<ServerUrl[]> {
  const [url] = urls;
  if ("path" in url.address) removeStaleSocket(url.address.path);
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      reject(new Error(`listen ${goAddress(url)}: bind: ${osErrorReason(cause)}`, { cause }));
    });
    server.listen(bindAddress(url), () => {
      const bound = server.address();
      const port = bound !== null && typeof bound === "object" ? bound.port : 0;
      resolve(urls.map((each) => withPort(each, port)));
    });
  });
}

/** As in etcd, localhost means 127.0.0.1. */
function bindAddress(url: ServerUrl): net.ListenOptions {
  checkBindable(url);
  checkPort(url);
  const { address } = url;
  if ("path" in address) return { path: address.path };
  return { host: address.host === "localhost" ? "127.0.0.1" : address.host, port: address.port };
}

/** With the network, as in Go's errors. */
function goAddress(url: ServerUrl): string {
  const { path, host = "", port } = bindAddress(url);
  return path === undefined ? `tcp ${net.isIPv6(host) ? `[${host}]` : host}:${port}` : `unix ${path}`;
}

/** Removes the socket of a killed server, with which every start would fail. Other files stay. */
function removeStaleSocket(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSocket() === true) unlinkSync(path);
}
