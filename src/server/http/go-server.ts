// What Go's HTTP server does before any page: it redirects to the clean form of a path, and refuses what it cannot read. Go: net/http/server.go (ServeMux, conn.serve)
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { decodePath } from "../../go/form";
import { escapeUrlPath } from "../../go/path";

export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

const reasons = { 301: "Moved Permanently", 307: "Temporary Redirect" } as const;

/** The location is the clean path, which Go escapes. */
export function redirect(
  status: keyof typeof reasons,
  method: string,
  cleanPath: string,
  query = "",
): HttpResponse {
  const location = escapeUrlPath(cleanPath) + (query === "" ? "" : `?${query}`);
  const hasType = method === "GET" || method === "HEAD";
  return {
    status,
    headers: { ...(hasType && { "Content-Type": "text/html; charset=utf-8" }), Location: location },
    body: method === "GET" ? `<a href="${escapeHtml(location)}">${reasons[status]}</a>.\n\n` : "",
  };
}

const htmlEscapes: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&#34;",
  "'": "&#39;",
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => htmlEscapes[character] ?? character);
}

/** The path as Go's URL prints it: unchanged if all its characters may stand there, else escaped anew. */
export function escapedPath(path: string): string {
  return /^[\w.~!$&'()*+,;=:@/[\]%-]*$/.test(path) ? path : escapeUrlPath(decodePath(path) ?? path);
}

/** True for a target with an escape that is none. */
export function isBadTarget(target: string): boolean {
  return decodePath(target.split("?", 1)[0] ?? "") === undefined;
}

/** The target without a host, which proxies send, and with the path that `/v3beta/` stands for. Go: accessController in serve.go */
export function ownTarget(target: string): string {
  return target.replace(/^https?:\/\/[^/?]*/i, "").replace(/^\/v3beta\//, "/v3/");
}

interface Refusal {
  readonly status: string;
  readonly text: string;
}

const badRequest = (why = ""): Refusal => {
  const status = `400 Bad Request${why}`;
  return { status, text: status };
};
const unsupportedEncoding: Refusal = {
  status: "501 Not Implemented",
  text: "Unsupported transfer encoding",
};
const refusalHeaders = { "Content-Type": "text/plain; charset=utf-8", Connection: "close" };

/** What Go's server refuses before it looks for a page. */
export function refusalOf({
  url = "",
  headers,
  rawHeaders,
  httpVersion,
}: IncomingMessage): Refusal | undefined {
  const encoding = headers["transfer-encoding"];
  if (encoding !== undefined && encoding.toLowerCase() !== "chunked") return unsupportedEncoding;
  const isHost = (text: string, at: number) => at % 2 === 0 && text.toLowerCase() === "host";
  if (isBadTarget(url) || rawHeaders.filter(isHost).length > 1) return badRequest();
  if (headers.host === undefined && httpVersion === "1.1")
    return badRequest(": missing required Host header");
  return /^[\w!$%&'()*+,.:;=[\]~-]*$/.test(headers.host ?? "")
    ? undefined
    : badRequest(": malformed Host header");
}

/** Node's parser may refuse the rest of a request that has been refused. */
const refused = new WeakSet<Duplex>();

/** The response has no length: it ends with the connection. */
export function refuse(response: ServerResponse, { status, text }: Refusal): void {
  refused.add(response.req.socket);
  response.useChunkedEncodingByDefault = false;
  response.sendDate = false;
  response.writeHead(Number(status.slice(0, 3)), status.slice(4), refusalHeaders);
  response.end(text);
}

/** Answers an `Expect` other than `100-continue`. */
export function refuseExpectation(_request: IncomingMessage, response: ServerResponse): void {
  response.shouldKeepAlive = false;
  response.writeHead(417, { Connection: "close", "Content-Length": "0" });
  response.end();
}

/** Answers what Node's parser refuses. */
export function refuseBytes({ code }: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable) return void socket.destroy();
  if (refused.has(socket)) return void socket.end();
  const tooLarge = "431 Request Header Fields Too Large";
  const { status, text } =
    code === "HPE_HEADER_OVERFLOW" ? { status: tooLarge, text: tooLarge } : badRequest();
  const head = Object.entries(refusalHeaders).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status}\r\n${head.join("")}\r\n${text}`);
}
