// The HTTP server of the page: its files, which hold no data and need no token, and the calls under /api/. With node:http alone,
// and everything it serves is in the bundle.
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { firstAborted } from "../clock";
import { CliError, EtcdError } from "../errors";
import { oneSafeLine } from "../go/raw-text";
import type { Failure } from "./api";
import { BadRequest } from "./bad-request";
import { callsOf, type Body, type Calls } from "./calls";
import { page } from "./gen/page";
import { checkCall, checkHost, newToken, safetyHeaders } from "./guard";
import type { Caller, Source } from "./source";

export interface UiOptions {
  readonly source: Source;
  readonly listen: { readonly host: string; readonly port: number };
  readonly allowWrites: boolean;
  /** Called for what is a mistake in this program. */
  readonly onError: (error: unknown) => void;
}

export interface UiServer {
  /** With the token, in the part of an address that browsers do not send. */
  readonly address: string;
  /** Ends every call and closes the connections. */
  close(): Promise<void>;
}

const maxBodyBytes = 8 * 1024 * 1024;

export async function startUi(options: UiOptions): Promise<UiServer> {
  const { listen } = options;
  const handler = new Handler(options, newToken());
  const server = createServer((request, response) => void handler.serve(request, response));
  server.listen(listen.port, listen.host);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const host = listen.host.includes(":") ? `[${listen.host}]` : listen.host;
  return {
    address: `http://${host}:${port}/#token=${handler.token}`,
    close: () => closeServer(server, handler),
  };
}

async function closeServer(server: Server, handler: Handler): Promise<void> {
  const closed = once(server, "close");
  server.close();
  handler.end();
  server.closeAllConnections();
  await closed;
}

class Handler {
  private readonly calls: Calls;
  private readonly ending = new AbortController();

  constructor(
    private readonly options: UiOptions,
    readonly token: string,
  ) {
    this.calls = callsOf(options.source, options.allowWrites);
  }

  end(): void {
    this.ending.abort();
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(safetyHeaders)) response.setHeader(name, value);
    // The page has gone, or the program ends: no one reads the result of the call any more.
    const gone = new AbortController();
    const { signal, release } = firstAborted(gone.signal, this.ending.signal);
    response.once("close", () => {
      gone.abort();
      release();
    });
    try {
      checkHost(request, this.options.listen.host);
      const path = request.url ?? "";
      if (path.startsWith("/api/")) await this.call(path.slice("/api/".length), request, response, signal);
      else serveFile(request, response, path);
    } catch (error) {
      if (signal.aborted) response.destroy();
      else this.fail(response, error);
    }
  }

  private async call(
    name: string,
    request: IncomingMessage,
    response: ServerResponse,
    signal: AbortSignal,
  ): Promise<void> {
    checkCall(request, this.token);
    const body = await readBody(request);
    const caller: Caller = { source: this.options.source, signal };
    const { unary, streams, raw } = this.calls;
    if (name === "raw") {
      const bytes = await raw(body, caller);
      response.writeHead(200, { "Content-Type": "application/octet-stream" }).end(bytes);
    } else if (Object.hasOwn(streams, name)) {
      const lines = streams[name as keyof Calls["streams"]](body, caller);
      await sendLines(response, lines, signal);
    } else if (Object.hasOwn(unary, name)) {
      const result = await unary[name as keyof Calls["unary"]](body as never, caller);
      response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify(result));
    } else {
      throw new BadRequest("there is no such call", 404);
    }
  }

  private fail(response: ServerResponse, error: unknown): void {
    const failure = failureOf(error);
    if (failure.status === 500) this.options.onError(error);
    const { status, ...body } = failure;
    if (response.headersSent) {
      response.end(`${JSON.stringify(body)}\n`);
      return;
    }
    response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
  }
}

function failureOf(error: unknown): Failure & { readonly status: number } {
  if (error instanceof BadRequest) return { status: error.status, error: error.message, hints: [] };
  if (error instanceof EtcdError || error instanceof CliError) {
    return { status: 502, error: oneSafeLine(error.message), hints: error.hints.map(oneSafeLine) };
  }
  return { status: 500, error: "a mistake in etcdctl: its terminal shows more", hints: [] };
}

/** A stream ends with a line that has an `error` if it fails after its start. */
async function sendLines(
  response: ServerResponse,
  lines: AsyncIterable<unknown>,
  signal: AbortSignal,
): Promise<void> {
  response.writeHead(200, { "Content-Type": "application/x-ndjson" });
  response.flushHeaders();
  for await (const line of lines) {
    if (signal.aborted) return;
    if (!response.write(`${JSON.stringify(line)}\n`)) await once(response, "drain", { signal });
  }
  response.end();
}

async function readBody(request: IncomingMessage): Promise<Body<Record<string, never>>> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxBodyBytes) throw new BadRequest("the body is too large", 413);
    chunks.push(chunk);
  }
  let body: unknown;
  try {
    body = JSON.parse(Buffer.concat(chunks).toString() || "{}");
  } catch {
    throw new BadRequest("the body is no JSON");
  }
  if (typeof body !== "object" || body === null) throw new BadRequest("the body must be an object");
  return body;
}

const files: Readonly<Record<string, readonly [type: string, text: string]>> = {
  "/": ["text/html; charset=utf-8", page.html],
  "/icon.svg": ["image/svg+xml", page.icon],
  "/page.css": ["text/css; charset=utf-8", page.css],
  "/page.js": ["text/javascript; charset=utf-8", page.script],
};

function serveFile({ method }: IncomingMessage, response: ServerResponse, path: string): void {
  if (method !== "GET" && method !== "HEAD") throw new BadRequest("files are read with GET", 405);
  const file = Object.hasOwn(files, path) ? files[path] : undefined;
  if (file === undefined) throw new BadRequest("there is no such file", 404);
  const [type, text] = file;
  response.writeHead(200, { "Content-Type": type, "Content-Length": Buffer.byteLength(text) });
  response.end(method === "HEAD" ? undefined : text);
}
