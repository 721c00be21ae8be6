// Requests over HTTP/2 that are not gRPC: the pages, and the gateway's Exchange. Must stay true: a client that disconnects ends
// the handler, and a body is read only as fast as the handler takes it.
import type { Duplex } from "node:stream";
import type { HeaderField } from "../../http2/hpack/table";
import { valueOf } from "../../http2/message-rules";
import type { Http2Stream, StreamEvents } from "../../http2/stream";
import { commonNameOf } from "../grpc/call";
import type { LargeRequests } from "../grpc/large-requests";
import type { Exchange } from "./gateway";
import type { HttpResponse } from "./go-server";

export async function sendHttp2Page(
  stream: Http2Stream,
  response: HttpResponse | Promise<HttpResponse>,
): Promise<void> {
  const method = valueOf(stream.headers, ":method");
  const { status, headers, body } = await response;
  stream.respond(fieldsOf(status, headers));
  stream.end(method === "HEAD" ? undefined : Buffer.from(body));
}

export function http2Exchange(stream: Http2Stream, socket: Duplex, largeRequests: LargeRequests): Exchange {
  const body = new StreamBody(stream);
  return {
    method: valueOf(stream.headers, ":method") ?? "",
    target: valueOf(stream.headers, ":path") ?? "",
    path: (valueOf(stream.headers, ":path") ?? "").split("?")[0] ?? "",
    headers: Object.fromEntries(stream.headers.map(({ name, value }) => [name, value])),
    commonName: () => commonNameOf(socket),
    body,
    largeRequests,
    signal: body.closed.signal,
    respond: (status, headers) => stream.respond(fieldsOf(status, headers)),
    flush: () => undefined,
    write: (text) => body.write(Buffer.from(text)),
    end: () => stream.end(),
  };
}

function fieldsOf(status: number, headers: Readonly<Record<string, string>>): HeaderField[] {
  const rest = Object.entries(headers).map(([name, value]) => ({ name: name.toLowerCase(), value }));
  return [{ name: ":status", value: String(status) }, ...rest];
}

class StreamBody implements StreamEvents, AsyncIterable<Uint8Array> {
  readonly closed = new AbortController();
  private chunks: Buffer[] = [];
  private hasEnded = false;
  private wakeReader: () => void = () => undefined;
  private wakeWriter: () => void = () => undefined;

  constructor(private readonly stream: Http2Stream) {
    stream.events = this;
    stream.pause();
  }

  write(bytes: Buffer): Promise<void> {
    if (this.stream.write(bytes) || this.stream.isClosed) return Promise.resolve();
    return new Promise((resolve) => (this.wakeWriter = resolve));
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        this.stream.resume();
        this.stream.pause();
        const { chunks } = this;
        this.chunks = [];
        yield* chunks;
        if (chunks.length > 0) continue;
        if (this.hasEnded || this.stream.isClosed) return;
        this.stream.resume();
        await new Promise<void>((resolve) => (this.wakeReader = resolve));
      }
    } finally {
      // What still comes is dropped.
      this.hasEnded = true;
      this.chunks = [];
      this.stream.resume();
    }
  }

  onData(chunk: Buffer): void {
    if (this.hasEnded) return;
    this.chunks.push(chunk);
    this.stream.pause();
    this.wakeReader();
  }

  onEnd(): void {
    this.hasEnded = true;
    this.wakeReader();
  }

  onDrain(): void {
    this.wakeWriter();
  }

  onClose(): void {
    this.closed.abort();
    this.wakeReader();
    this.wakeWriter();
  }
}
