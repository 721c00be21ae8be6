// The seam between what all calls share (retries, tokens, the choice of an endpoint) and an implementation of gRPC: the channel of
// one endpoint, and one call on it. The implementations are src/transport/own and src/transport/grpc-js.
import { sleep } from "../../clock";
import { EtcdError, StatusCode } from "../../errors";
import { quote } from "../../go/quote";
import { connecting, noConnection, silent, unansweredCall, type Cause } from "../diagnosis/cause";
import type { Endpoint } from "../endpoint";
import type { Lifetime } from "../lifetime";
import type { TlsSetup } from "../tls/setup";
import type { TransportOptions } from "../transport";

/** HTTP/2 flow control window. 1 MiB is enough for a snapshot; large ranges need more. */
export const windowBytes = 4 * 1024 * 1024;
/** grpc-go does not ping more often, and etcd closes connections that do. */
const shortestKeepaliveMs = 10_000;
/** The pause after a failed connection: first 100 ms, then more, up to one second. */
export const reconnectDelaysMs = { first: 100, longest: 1000 };
/** How many messages a call takes from the connection before the reader asks for them. */
export const readAhead = 2;
const diagnosisIntervalMs = 1000;

export type Phase =
  | { readonly is: "connecting"; readonly tcpConnected: boolean }
  | { readonly is: "ready" }
  | { readonly is: "failing"; readonly cause: Cause | undefined }
  | { readonly is: "closed" };

export interface CallStart {
  readonly path: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly lifetime: Lifetime;
  readonly joinsMessages?: boolean | undefined;
}

/** A running call. Sending and receiving are independent. `cancel` and the end of the lifetime reset the stream. */
export interface WireCall {
  /** Resolves to true when the next message may follow, and to false when the call has ended. */
  send(message: Buffer): Promise<boolean>;
  /** Ends the requests. With a message, it sends that one first. */
  endSending(message?: Buffer): void;
  /** Resolves to the next message, and to undefined after the last one. Throws the error of the call. */
  receive(): Promise<Buffer | undefined>;
  cancel(): void;
}

/** How to open the channel of an endpoint. */
export type OpenChannel = (...parameters: ChannelParameters) => EndpointChannel;
/** `tls` is undefined when no endpoint uses TLS. */
export type ChannelParameters = readonly [
  endpoint: Endpoint,
  options: TransportOptions,
  tls: TlsSetup | undefined,
  onChange: () => void,
];

/**
 * One endpoint, with its state and the cause of a failure. It connects at once and again after every loss. It is ready when
 * the server has sent HTTP/2, so a suspended process whose kernel accepts connections is not ready. Once it has failed, it
 * stays `failing` until it is ready. grpc-go: the SubConn of a balancer
 */
export abstract class EndpointChannel {
  readonly endpoint: Endpoint;
  protected readonly options: TransportOptions;
  protected readonly tls: TlsSetup | undefined;
  private readonly onChange: () => void;
  private current: Phase = { is: "connecting", tcpConnected: false };
  private readonly diagnosing = new AbortController();

  constructor(...[endpoint, options, tls, onChange]: ChannelParameters) {
    this.endpoint = endpoint;
    this.options = options;
    this.tls = tls;
    this.onChange = onChange;
  }

  /** Starts a call. The channel must be ready. Throws InvalidArgument for metadata that no header can have. */
  abstract call(start: CallStart): WireCall;
  /** Closes all connections, those that still connect too. */
  protected abstract disconnect(): void;

  close(): void {
    if (this.current.is === "closed") return;
    this.phase = { is: "closed" };
    this.diagnosing.abort();
    this.disconnect();
  }

  get phase(): Phase {
    return this.current;
  }

  protected set phase(next: Phase) {
    this.current = next;
    this.options.debug?.(`${this.endpoint.typed}: ${describe(next)}`);
    this.onChange();
  }

  /** Why the endpoint is unusable. When it is connected: why a call may have got no response. */
  get problem(): Pick<Cause, "what" | "advice"> {
    const { current } = this;
    if (current.is === "ready") return unansweredCall;
    if (current.is === "connecting") return current.tcpConnected ? silent : noConnection;
    return (current.is === "failing" ? current.cause : undefined) ?? connecting;
  }

  /** The TCP connection is open, before the TLS handshake. */
  protected tcpConnected(): void {
    if (this.current.is === "connecting") this.phase = { is: "connecting", tcpConnected: true };
  }

  /** Repeats the diagnosis while the endpoint fails: a server that starts may fail in another way. */
  protected async failed(): Promise<void> {
    this.phase = { is: "failing", cause: undefined };
    const { diagnose } = await import("../diagnosis/diagnose");
    const { signal } = this.diagnosing;
    const failing = () => this.current.is === "failing";
    while (failing()) {
      const cause = await diagnose(this.endpoint, this.tls, this.options.clock, signal);
      if (!failing()) return;
      this.phase = { is: "failing", cause };
      await sleep(this.options.clock, diagnosisIntervalMs, signal);
    }
  }
}

export async function unaryCall(
  channel: EndpointChannel,
  start: CallStart,
  request: Buffer,
): Promise<Buffer> {
  const call = channel.call(start);
  call.endSending(request);
  const response = await call.receive();
  if (response === undefined) throw new EtcdError(StatusCode.Internal, noMessage, false);
  await call.receive(); // waits for the status: an error after the message is the error of the call
  return response;
}

const noMessage = "cardinality violation: received no response message from non-server-streaming RPC";

/** Throws grpc-go's text for a value, such as a token of the server, that no header can have. No caller tries again. */
export function checkMetadata({ metadata }: CallStart): void {
  for (const [name, value] of Object.entries(metadata)) {
    if (/^[ -~]*$/.test(value)) continue;
    const problem = `header key ${quote(name)} contains value with non-printable ASCII characters`;
    throw new EtcdError(StatusCode.InvalidArgument, problem, false);
  }
}

/** Undefined: no pings. */
export function keepaliveOf(options: TransportOptions): { timeMs: number; timeoutMs: number } | undefined {
  if (!options.keepaliveTimeMs || options.keepaliveTimeMs <= 0) return undefined;
  const timeMs = Math.max(options.keepaliveTimeMs, shortestKeepaliveMs);
  return { timeMs, timeoutMs: options.keepaliveTimeoutMs ?? 20_000 };
}

function describe(phase: Phase): string {
  if (phase.is === "connecting")
    return phase.tcpConnected ? "connected, waiting for the server" : "connecting";
  if (phase.is === "failing") return `failing (${phase.cause?.what ?? "cause not known yet"})`;
  return phase.is;
}
