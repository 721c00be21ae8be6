// One call on one channel: sends and receives message bytes, no faster than its reader. It uses the calls of the grpc-js
// channel, because grpc-js' clients buffer a stream's messages ahead of the reader. Failures become EtcdError here.
import { Metadata, status as grpcStatus, type Channel, type StatusObject } from "@grpc/grpc-js";
import type { EtcdError, StatusCode } from "../../errors";
import { checkMetadata, readAhead, type CallStart, type WireCall } from "../grpc/channel";
import { errorFromGrpcStatus } from "./status";

function metadataOf(start: CallStart): Metadata {
  checkMetadata(start);
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(start.metadata)) metadata.set(name, value);
  return metadata;
}

export class GrpcJsCall implements WireCall {
  private readonly call: ReturnType<Channel["createCall"]>;
  private readonly received: Buffer[] = [];
  private reading = false;
  private status: StatusObject | undefined;
  private readonly waiting = new Set<() => void>();
  private unsubscribe: () => void = () => undefined;

  constructor(
    channel: Channel,
    private readonly start: CallStart,
  ) {
    const metadata = metadataOf(start);
    // gRPC sends the remaining time, so the caller may use any clock.
    const remainingMs = start.lifetime.remainingMs;
    const deadline = remainingMs === Infinity ? Infinity : Date.now() + Math.max(remainingMs, 0);
    this.call = channel.createCall(start.path, deadline, null, null, null);
    this.call.start(metadata, {
      onReceiveMetadata: () => undefined,
      onReceiveMessage: (message: Buffer) => {
        this.reading = false;
        this.received.push(message);
        this.readMore();
        this.wake();
      },
      onReceiveStatus: (status) => {
        this.status = status;
        this.wake();
      },
    });
    this.readMore();
    this.unsubscribe = start.lifetime.onEnd(() => this.cancel());
  }

  async send(message: Buffer): Promise<boolean> {
    if (this.status) return false;
    let written = false;
    this.call.sendMessageWithContext(
      {
        callback: () => {
          written = true;
          this.wake();
        },
      },
      message,
    );
    while (!written && !this.status) await this.change();
    return !this.status;
  }

  endSending(message?: Buffer): void {
    if (message) void this.send(message);
    if (!this.status) this.call.halfClose();
  }

  async receive(): Promise<Buffer | undefined> {
    for (;;) {
      const message = this.received.shift();
      if (message) {
        this.readMore();
        return message;
      }
      if (this.status) break;
      await this.change();
    }
    this.unsubscribe();
    if (this.status.code !== grpcStatus.OK) throw this.failure(this.status);
    return undefined;
  }

  cancel(): void {
    this.unsubscribe();
    if (!this.status) this.call.cancelWithStatus(grpcStatus.CANCELLED, "context canceled");
  }

  private failure(status: StatusObject): EtcdError {
    const { lifetime } = this.start;
    const isOver = lifetime.endedBy !== undefined || lifetime.isDeadline(status.code as number as StatusCode);
    return isOver ? lifetime.error({ cause: status.details }) : errorFromGrpcStatus(status);
  }

  private readMore(): void {
    if (this.reading || this.status || this.received.length >= readAhead) return;
    this.reading = true;
    this.call.startRead();
  }

  private change(): Promise<void> {
    return new Promise((resolve) => this.waiting.add(resolve));
  }

  private wake(): void {
    for (const resolve of this.waiting) resolve();
    this.waiting.clear();
  }
}
