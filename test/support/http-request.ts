// One HTTP request to a server under test, on a new connection.
import { readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import type { TlsFiles } from "./certificates";

export interface HttpRequest {
  readonly url: string;
  readonly method?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  readonly tls?: TlsFiles | undefined;
  /** Closes the connection after this number of body lines. */
  readonly lines?: number | undefined;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
}

export function httpRequest(request: HttpRequest): Promise<HttpAnswer> {
  const options: https.RequestOptions = {
    method: request.method ?? "GET",
    headers: {
      ...request.headers,
      ...(request.body === undefined ? {} : { "Content-Length": Buffer.byteLength(request.body) }),
    },
    agent: false,
    timeout: 90_000,
  };
  if (request.tls) {
    options.ca = readFileSync(request.tls.ca);
    options.cert = readFileSync(request.tls.cert);
    options.key = readFileSync(request.tls.key);
  }
  const send = request.url.startsWith("https:") ? https.request : http.request;
  return new Promise((resolve, reject) => {
    const sent = send(request.url, options, (answer) => {
      const parts: Buffer[] = [];
      const done = () => {
        const body = Buffer.concat(parts);
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body });
      };
      answer.on("data", (part: Buffer) => {
        parts.push(part);
        if (request.lines === undefined) return;
        if (Buffer.concat(parts).toString().split("\n").length <= request.lines) return;
        done();
        sent.destroy();
      });
      answer.on("end", done);
      answer.on("error", reject);
    });
    sent.on("timeout", () => sent.destroy(new Error(`${request.url}: no answer for 90 s`)));
    sent.on("error", reject);
    sent.end(request.body);
  });
}
