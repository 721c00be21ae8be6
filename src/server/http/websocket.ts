// The JSON gateway over WebSockets, for browsers that watch: each message is a part of the request's body, and each line of the
// response is a message. It is loaded with the first WebSocket. As in etcd, every path under /v3/ accepts them, and the token
// comes as the subprotocol `Bearer, TOKEN` or as the cookie `token`.
// Go: server/embed/serve.go, github.com/tmc/grpc-websocket-proxy
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer, type RawData, type WebSocket } from "ws";
import { BoundedQueue } from "../streams/bounded-queue";
import { commonNameOf } from "../grpc/call";
import type { Exchange } from "./gateway";

/** Messages that may wait for the gateway. The socket is not read meanwhile. */
const queueCapacity = 16;

export function upgradeToWebSocket(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  maxMessageBytes: number,
  serve: (exchange: Exchange) => Promise<void>,
): void {
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: maxMessageBytes,
    handleProtocols: (protocols) => (protocols.has("Bearer") ? "Bearer" : false),
  });
  server.handleUpgrade(request, socket, head, (webSocket) => {
    webSocket.on("error", () => undefined);
    serve(exchangeOver(webSocket, request)).catch(() => webSocket.terminate());
  });
}

function exchangeOver(webSocket: WebSocket, request: IncomingMessage): Exchange {
  const closed = new AbortController();
  const body = new BoundedQueue<Uint8Array>(queueCapacity, () => webSocket.resume());
  webSocket.on("message", (data: RawData) => {
    const text = Buffer.concat([asBuffer(data), Buffer.from("\n")]);
    if (!body.put(text)) webSocket.pause();
  });
  webSocket.on("close", () => {
    closed.abort();
    body.end();
  });
  let line = "";
  const send = (text: string) =>
    new Promise<void>((resolve) => {
      // An error means that the client has gone, which the signal says, too.
      webSocket.send(text, () => resolve());
    });
  return {
    method: "POST",
    target: request.url ?? "",
    path: (request.url ?? "").split("?")[0] ?? "",
    headers: authorizationOf(request),
    commonName: () => commonNameOf(request.socket),
    body,
    isOpenEnded: true,
    signal: closed.signal,
    respond: () => undefined,
    flush: () => undefined,
    async write(text) {
      const lines = (line + text).split("\n");
      line = lines.pop() ?? "";
      for (const each of lines) await send(each);
    },
    end() {
      if (line !== "") void send(line);
      webSocket.close();
    },
  };
}

function asBuffer(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(data);
}

function authorizationOf({ headers }: IncomingMessage): Record<string, string> {
  const [, cookie] = /(?:^|;\s*)token=([^;]*)/.exec(headers.cookie ?? "") ?? [];
  const [, subprotocol] = /Bearer,\s*(\S*)/.exec(headers["sec-websocket-protocol"] ?? "") ?? [];
  const token = cookie ?? subprotocol;
  return token === undefined ? {} : { authorization: `Bearer ${token}` };
}
