// One gRPC call on an HTTP/2 stream: the ServerCall for the handler, and the end of the call.
// Must stay true: the status is sent once, by the first of response, error, deadline and end of the connection.
import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import { TLSSocket } from "node:tls";
import { longestTimerMs, type Clock } from "../../clock";
import { StatusCode } from "../../errors";
import type { ServerMetrics } from "../metrics/server-metrics";
import { statusOf } from "../rpc/errors";
import type { ServerCall } from "../rpc/routes";

const frameHeaderBytes = 5;
const contentType = { ":status": 200, "content-type": "application/grpc" } as const;

export class GrpcCall implements ServerCall {
  requestSizeBytes = 0;
  private ended = false;
  // Both are made lazily: most unary calls need neither, and they cost as much as the call.
  private abort: AbortController | undefined;
  private names: Map<string, string> | undefined;

  constructor(
    private readonly stream: ServerHttp2Stream,
    private readonly headers: IncomingHttpHeaders,
    private readonly traffic: Pick<ServerMetrics, "receivedBytes" | "sentBytes">,
  ) {
    // An 'error' without a listener would end the process. The 'close' event is enough here.
    stream.on("error", () => undefined);
  }

  get signal(): AbortSignal {
    if (this.abort === undefined) {
      const abort = (this.abort = new AbortController());
      if (this.isOver) abort.abort();
      else this.stream.once("close", () => abort.abort());
    }
    return this.abort.signal;
  }

  get metadata(): ReadonlyMap<string, string> {
    this.names ??= new Map(
      Object.entries(this.headers).flatMap(([name, value]) =>
        value === undefined || name.startsWith(":") ? [] : [[name, String(value)]],
      ),
    );
    return this.names;
  }

  get clientVersion(): string | undefined {
    const version = this.headers["client-api-version"];
    return version === undefined ? undefined : String(version);
  }

  get requiresLeader(): boolean {
    return this.headers.hasleader === "true";
  }

  get commonName(): string | undefined {
    return commonNameOf(this.stream.session?.socket);
  }

  disconnect(): void {
    this.stream.session?.destroy();
  }

  /** True when nothing can be sent any more. */
  get isOver(): boolean {
    return this.ended || this.stream.destroyed || this.stream.closed;
  }

  /** Ends the call when the client's deadline passes, even if the handler does not return. */
  startDeadline(clock: Clock): void {
    const timeoutMs = parseTimeout(this.headers["grpc-timeout"]);
    if (timeoutMs === undefined) return;
    const timer = clock.setTimeout(() => {
      this.end(StatusCode.DeadlineExceeded, "context deadline exceeded");
    }, timeoutMs);
    this.stream.once("close", () => timer.cancel());
  }

  /** The only request of a call has arrived. */
  received(sizeBytes: number): void {
    this.requestSizeBytes = sizeBytes;
    this.receivedPart(sizeBytes);
  }

  /** One request of a stream has arrived. */
  receivedPart(sizeBytes: number): void {
    this.traffic.receivedBytes += sizeBytes;
  }

  /** False means: wait for the stream's `drain` event before the next message. */
  write(frame: Buffer): boolean {
    this.sendHeaders();
    this.traffic.sentBytes += frame.length - frameHeaderBytes;
    return this.stream.write(frame);
  }

  /** Ends a unary call with its response. */
  respondWith(frame: Buffer): void {
    if (this.isOver) return;
    this.ended = true;
    this.traffic.sentBytes += frame.length - frameHeaderBytes;
    this.sendHeaders();
    this.sendTrailers({ "grpc-status": "0" });
    this.stream.end(frame);
  }

  end(code: StatusCode, desc = ""): void {
    if (this.isOver) return;
    this.ended = true;
    const status = { "grpc-status": String(code), "grpc-message": percentEncode(desc) };
    if (this.stream.headersSent) {
      this.sendTrailers(status);
      this.stream.end();
    } else {
      this.stream.respond({ ...contentType, ...status }, { endStream: true });
    }
    // Reads and drops what the client still sends, or the stream would never close.
    this.stream.resume();
    this.abort?.abort();
  }

  fail(error: unknown): void {
    const { code, desc } = statusOf(error);
    this.end(code, desc);
  }

  private sendHeaders(): void {
    if (!this.stream.headersSent) this.stream.respond(contentType, { waitForTrailers: true });
  }

  private sendTrailers(status: Record<string, string>): void {
    this.stream.once("wantTrailers", () => this.stream.sendTrailers(status));
  }
}

const unitsInMs: Readonly<Record<string, number>> = { H: 3600e3, M: 60e3, S: 1e3, m: 1, u: 1e-3, n: 1e-6 };

/** The value of `grpc-timeout` in milliseconds, at most the longest that Node's timers accept. */
function parseTimeout(header: string | string[] | undefined): number | undefined {
  const [, amount, unit = ""] = /^(\d{1,8})([HMSmun])$/.exec(String(header)) ?? [];
  if (amount === undefined) return undefined;
  return Math.min(Math.ceil(Number(amount) * (unitsInMs[unit] ?? 0)), longestTimerMs);
}

/** Escapes a text for `grpc-message`, which is printable ASCII without the percent sign. */
function percentEncode(text: string): string {
  return text.replace(/[^ -$&-~]+/gu, (part) =>
    [...Buffer.from(part)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`).join(""),
  );
}

/** Common name of the client's certificate. The listener (http/listener.ts) accepts only verified certificates. */
export function commonNameOf(socket: unknown): string | undefined {
  if (!(socket instanceof TLSSocket)) return undefined;
  const name: unknown = socket.getPeerCertificate().subject?.CN;
  return typeof name === "string" ? name : undefined;
}
