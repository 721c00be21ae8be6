// HTTP/1 requests as the gateway's Exchange. Must stay true: a client that disconnects ends the handler.
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Writable } from "node:stream";
import { commonNameOf } from "../grpc/call";
import type { Exchange } from "./gateway";
import { RequestBody } from "./unread-body";
import type { ServeV2 } from "./v2/serve";

export function http1Exchange(request: IncomingMessage, response: ServerResponse): Exchange {
  const body = new RequestBody(request);
  return {
    method: request.method ?? "",
    target: request.url ?? "",
    path: pathOf(request.url),
    headers: request.headers,
    commonName: () => commonNameOf(request.socket),
    body,
    ...responseOf(response, body),
  };
}

/** As Go's server, it gives the length of a body that is written in full before this many bytes. */
export const lengthUpToBytes = 2048;

function responseOf(
  response: ServerResponse,
  body: RequestBody,
): Pick<Exchange, "signal" | "respond" | "flush" | "write" | "end"> {
  const { signal, write, end } = writerOf(response);
  const mayHaveBody = (status: number) => response.req.method !== "HEAD" && status !== 204;
  let head: { readonly status: number; readonly headers: Readonly<Record<string, string>> } | undefined;
  let held = "";
  const sendHead = (more: Readonly<Record<string, string>> = {}) => {
    if (head !== undefined) writeHead(response, head.status, { ...head.headers, ...more });
    head = undefined;
  };
  const finish = () => {
    if (!response.destroyed) {
      if (held !== "" || (head !== undefined && mayHaveBody(head.status)))
        sendHead({ "content-length": String(Buffer.byteLength(held)) });
      else sendHead();
      if (held !== "") response.write(held);
    }
    end();
  };
  return {
    signal,
    respond: (status, headers) => (head = { status, headers }),
    flush() {
      if (head === undefined) return;
      sendHead();
      response.flushHeaders();
    },
    write(text) {
      held += text;
      if (head !== undefined && held.length < lengthUpToBytes) return Promise.resolve();
      sendHead();
      const all = held;
      held = "";
      return write(all);
    },
    end: () =>
      void body
        .leave(response)
        .then(finish)
        .catch(() => response.destroy()),
  };
}

/** Writes the head as Go does: names in canonical case, and `Connection` only if it is `close`. */
export function writeHead(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
): void {
  response.removeHeader("connection");
  const canonical = (name: string) => name.replace(/(?<![^-])[a-z]/g, (letter) => letter.toUpperCase());
  const entries = Object.entries(headers).map(([name, value]) => [canonical(name), value]);
  if (!response.shouldKeepAlive && response.req.httpVersion === "1.1") entries.push(["Connection", "close"]);
  response.writeHead(status, Object.fromEntries(entries) as Record<string, string>);
}

/** True for the paths of the JSON gateway. Other paths are pages of health.ts. */
export function isGatewayPath(target: string | undefined): boolean {
  return /^\/v3(beta)?\//.test(target ?? "");
}

/** The pages of version 2, if they exist and the request is for them. Go's server also redirects `//v2/keys`. */
export function v2PagesFor(pages: ServeV2 | undefined, target = "", method = ""): ServeV2 | undefined {
  const isForV2 = /^(https?:\/\/[^/?]*)?\/+(\.{1,2}\/+)*v2(\/|\?|$)/i.test(target);
  return isForV2 && method !== "OPTIONS" ? pages : undefined;
}

function pathOf(target = ""): string {
  return target.split("?")[0] ?? "";
}

function writerOf(output: Writable): Pick<Exchange, "signal" | "write" | "end"> {
  const disconnected = new AbortController();
  output.once("close", () => disconnected.abort());
  return {
    signal: disconnected.signal,
    write(text) {
      if (output.destroyed || output.write(text)) return Promise.resolve();
      return new Promise((resolve) => {
        const done = () => {
          output.off("drain", done);
          output.off("close", done);
          resolve();
        };
        output.on("drain", done);
        output.on("close", done);
      });
    },
    end: () => void output.end(),
  };
}
