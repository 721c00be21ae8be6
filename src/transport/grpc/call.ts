// One call on one channel: sends and receives message bytes, no faster than its reader. It uses the calls of the grpc-js
// channel, because grpc-js' clients buffer a stream's messages ahead of the reader. Failures become EtcdError here.
import { Metadata, status as grpcStatus, type StatusObject } from "@grpc/grpc-js";
import { EtcdError, StatusCode } from "../../errors";
import { quote } from "../../go/quote";
import type { Lifetime } from "../lifetime";
import type { EndpointChannel } from "./endpoint-channel";
import { errorFromGrpcStatus } from "./status";

/** How many messages the call takes from the channel before the reader asks for them. */
const readAhead = 2;

export interface CallStart {
  readonly path: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly lifetime: Lifetime;
}

/** Throws grpc-go's text for a value, such as a token of the server, that no header can have. No caller tries again. */
function metadataOf({ metadata: values }: CallStart): Metadata {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(values)) {
    if (!/^[ -~]*$/.test(value)) {
      const problem = `header key ${quote(name)} contains value with non-printable ASCII characters`;
      throw new EtcdError(StatusCode.InvalidArgument, problem, false);
    }
    metadata.set(name, value);
  }
  return metadata;
}

/** A running call. Sending and receiving are independent. `cancel` and the end of the lifetime reset the stream. */
export class WireCall {
  private readonly call: ReturnType<EndpointChannel["channel"]["createCall"]>;
  private readonly received: Buffer[] = [];
  private reading = false;
  private status: StatusObject | undefined;
  private readonly waiting = new Set<() => void>();
  private unsubscribe: () => void = () => undefined;

  constructor(
    channel: EndpointChannel,
    private readonly start: CallStart,
  ) {
    const metadata = metadataOf(start);
    // gRPC sends the remaining time, so the caller may use any clock.
    const remainingMs = start.lifetime.remainingMs;
    const deadline = remainingMs === Infinity ? Infinity : Date.now() + Math.max(remainingMs, 0);
    this.call = channel.channel.createCall(start.path, deadline, null, null, null);
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

  /** Resolves to true when the next message may follow, and to false when the call has ended. */
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

  endSending(): void {
    if (!this.status) this.call.halfClose();
  }

  /** Resolves to the next message, and to undefined after the last one. Throws the error of the call. */
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
    const isTimeout = status.code === grpcStatus.DEADLINE_EXCEEDED && lifetime.deadlineAt !== undefined;
    return lifetime.endedBy || isTimeout
      ? lifetime.error({ cause: status.details })
      : errorFromGrpcStatus(status);
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

export async function unaryCall(
  channel: EndpointChannel,
  start: CallStart,
  request: Buffer,
): Promise<Buffer> {
  const call = new WireCall(channel, start);
  void call.send(request);
  call.endSending();
  const response = await call.receive();
  if (response === undefined) throw errorFromGrpcStatus(noMessage);
  await call.receive(); // waits for the status: an error after the message is the error of the call
  return response;
}

const noMessage: StatusObject = {
  code: grpcStatus.INTERNAL,
  details: "cardinality violation: received no response message from non-server-streaming RPC",
  metadata: new Metadata(),
};
