// One call on an HTTP/2 stream. It reads no faster than its reader: the rest waits in the flow-control window, at the server.
import { StatusCode, type EtcdError } from "../../errors";
import type { Http2Connection } from "../../http2/connection";
import type { HeaderField } from "../../http2/hpack/table";
import type { StreamError } from "../../http2/protocol";
import type { Http2Stream } from "../../http2/stream";
import { checkMetadata, readAhead, type CallStart, type WireCall } from "../grpc/channel";
import { BadMessage, frameMessage, MessageReader } from "./messages";
import {
  errorFrom,
  statusOfReset,
  statusOfResponse,
  statusOfTrailers,
  withoutTrailers,
  type Status,
} from "./status";

export interface CallTarget {
  readonly connection: Http2Connection;
  readonly scheme: "http" | "https";
  readonly authority: string;
  /** The bytes of the socket's chunks stay as they are. */
  readonly keepsChunks: boolean;
  /** The largest response. */
  readonly limitBytes: number;
}

export class OwnCall implements WireCall {
  private readonly stream: Http2Stream;
  private readonly reader: MessageReader;
  private readonly received: Buffer[] = [];
  /** The reader has a message. */
  private isRead = false;
  private isPaused = false;
  private isWritable = true;
  private status: Status | undefined;
  private readonly waiting = new Set<() => void>();
  private readonly unsubscribe: () => void;

  constructor(
    target: CallTarget,
    private readonly start: CallStart,
    private readonly onEnd: () => void,
  ) {
    checkMetadata(start);
    const onMessage = (message: Buffer) => void this.received.push(message);
    const { limitBytes, keepsChunks } = target;
    this.reader = new MessageReader(limitBytes, onMessage, { keepsChunks, joins: start.joinsMessages });
    this.stream = target.connection.request(requestHeaders(target, start), {
      events: {
        onHeaders: (fields, isEnd) => this.onHeaders(fields, isEnd),
        onData: (chunk) => this.onData(chunk),
        onTrailers: (fields) => this.end(statusOfTrailers(fields)),
        onEnd: () => this.end(withoutTrailers),
        onDrain: () => {
          this.isWritable = true;
          this.wake();
        },
        onClose: (error) => this.onClose(error),
      },
    });
    this.unsubscribe = start.lifetime.onEnd(() => this.cancel());
  }

  async send(message: Buffer): Promise<boolean> {
    if (!this.status) this.isWritable = this.stream.write(frameMessage(message));
    while (!this.isWritable && !this.status) await this.change();
    return !this.status;
  }

  endSending(message?: Buffer): void {
    if (!this.status) this.stream.end(message && frameMessage(message));
  }

  async receive(): Promise<Buffer | undefined> {
    if (this.isRead) this.reader.release();
    this.isRead = false;
    for (;;) {
      const message = this.received.shift();
      if (message) {
        this.isRead = true;
        if (this.isPaused && this.received.length < readAhead) this.resume();
        return message;
      }
      if (this.status) break;
      await this.change();
    }
    this.unsubscribe();
    if (this.status.code !== StatusCode.OK) throw this.failure(this.status);
    return undefined;
  }

  cancel(): void {
    this.unsubscribe();
    this.abort({ code: StatusCode.Canceled, text: "context canceled" });
  }

  private onHeaders(fields: readonly HeaderField[], isEnd: boolean): void {
    const problem = statusOfResponse(fields);
    if (problem) this.abort(problem);
    else if (isEnd) this.end(statusOfTrailers(fields));
  }

  private onData(chunk: Buffer): void {
    if (this.status) return;
    try {
      this.reader.push(chunk);
    } catch (error) {
      if (!(error instanceof BadMessage)) throw error;
      return this.abort({ ...error.status, code: error.code });
    }
    if (this.received.length >= readAhead && !this.isPaused) {
      this.isPaused = true;
      this.stream.pause(this.start.joinsMessages);
    }
    if (this.received.length > 0) this.wake();
  }

  private resume(): void {
    this.isPaused = false;
    this.stream.resume();
  }

  private onClose(error: StreamError | undefined): void {
    this.end(error ? statusOfReset(error) : withoutTrailers);
    this.onEnd();
  }

  /** Ends the call here, and at the server. */
  private abort(status: Status): void {
    if (this.status) return;
    this.end(status);
    this.stream.reset();
  }

  /** The first reason for the end counts. */
  private end(status: Status): void {
    if (this.status) return;
    this.reader.end();
    const isCut = status.code === StatusCode.OK && !this.reader.isBetweenMessages;
    this.status = isCut ? { code: StatusCode.Internal, text: "unexpected EOF" } : status;
    this.wake();
  }

  private failure(status: Status): EtcdError {
    const { lifetime } = this.start;
    const isOver = lifetime.endedBy !== undefined || lifetime.isDeadline(status.code);
    return isOver ? lifetime.error({ cause: status.text }) : errorFrom(status);
  }

  private change(): Promise<void> {
    return new Promise((resolve) => this.waiting.add(resolve));
  }

  private wake(): void {
    for (const resolve of this.waiting) resolve();
    this.waiting.clear();
  }
}

function requestHeaders(
  { scheme, authority }: CallTarget,
  { path, metadata, lifetime }: CallStart,
): HeaderField[] {
  const fields: HeaderField[] = [
    { name: ":method", value: "POST" },
    { name: ":scheme", value: scheme },
    { name: ":path", value: path },
    { name: ":authority", value: authority },
    { name: "content-type", value: "application/grpc" },
    { name: "user-agent", value: "etcdctl-node" },
    { name: "te", value: "trailers" },
  ];
  if (lifetime.deadlineAt !== undefined)
    fields.push({ name: "grpc-timeout", value: timeoutOf(lifetime.remainingMs) });
  for (const [name, value] of Object.entries(metadata)) {
    fields.push(name === "token" ? { name, value, neverIndexed: true } : { name, value });
  }
  return fields;
}

/** At most eight digits and a unit. */
function timeoutOf(remainingMs: number): string {
  const ms = Math.max(1, Math.ceil(remainingMs));
  if (ms < 1e8) return `${ms}m`;
  const seconds = Math.ceil(ms / 1000);
  return seconds < 1e8 ? `${seconds}S` : `${Math.min(99_999_999, Math.ceil(seconds / 3600))}H`;
}
