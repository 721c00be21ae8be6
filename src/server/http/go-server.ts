// What Go's HTTP server does before any page: it redirects to the clean form of a path, and refuses what it cannot read. Go: net/http/server.go (ServeMux, conn.serve)
import type { ServerResponse } from "node:http";
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

const badRequest = "400 Bad Request";
const refusalHeaders = { "Content-Type": "text/plain; charset=utf-8", Connection: "close" };

/** Refuses a request whose target is bad. The response has no length: it ends with the connection. */
export function refuseTarget(response: ServerResponse): void {
  response.useChunkedEncodingByDefault = false;
  response.writeHead(400, refusalHeaders);
  response.end(badRequest);
}

/** Answers what Node's parser refuses. */
export function refuseBytes({ code }: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable) return void socket.destroy();
  const status = code === "HPE_HEADER_OVERFLOW" ? "431 Request Header Fields Too Large" : badRequest;
  const head = Object.entries(refusalHeaders).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status}\r\n${head.join("")}\r\n${status}`);
}
