// The grpc-js channel of one endpoint, with its state and the cause of a failure. It connects at once and again after every
// loss. It is ready when the server has sent HTTP/2, so a suspended process whose kernel accepts connections is not ready.
// grpc-go: the SubConn of a balancer
import { Channel, connectivityState, type ChannelOptions } from "@grpc/grpc-js";
import { posix } from "node:path";
import { sleep } from "../../clock";
import { unansweredCall, connecting, noConnection, silent, type Cause } from "../diagnosis/cause";
import type { Address, Endpoint } from "../endpoint";
import { connectionOptions, type TlsSetup } from "../tls/connection";
import { receiveLimit, type TransportOptions } from "../transport";
import { EndpointCredentials } from "./credentials";

/** HTTP/2 flow control window. 1 MiB is enough for a snapshot; large ranges need more. The default of grpc-js is 64 KiB. */
const windowBytes = 4 * 1024 * 1024;
/** grpc-go does not ping more often, and etcd closes connections that do. */
const shortestKeepaliveMs = 10_000;
/** The pause after a failed connection: first 100 ms, then more, up to one second. */
const reconnectDelaysMs = { first: 100, longest: 1000 };
const diagnosisIntervalMs = 1000;

export type Phase =
  | { readonly is: "connecting"; readonly tcpConnected: boolean }
  | { readonly is: "ready" }
  | { readonly is: "failing"; readonly cause: Cause | undefined }
  | { readonly is: "closed" };

export class EndpointChannel {
  readonly channel: Channel;
  private current: Phase = { is: "connecting", tcpConnected: false };
  private readonly credentials: EndpointCredentials;
  private readonly diagnosing = new AbortController();

  constructor(
    readonly endpoint: Endpoint,
    private readonly options: TransportOptions,
    private readonly tls: TlsSetup | undefined,
    private readonly onChange: () => void,
  ) {
    const tlsOptions = endpoint.secure && tls ? connectionOptions(tls, endpoint) : undefined;
    this.credentials = new EndpointCredentials(tlsOptions, () => {
      if (this.current.is === "connecting") this.phase = { is: "connecting", tcpConnected: true };
    });
    this.channel = new Channel(target(endpoint.address), this.credentials, {
      ...channelOptions(options),
      ...authorityOptions(endpoint.address),
    });
    this.follow();
  }

  get phase(): Phase {
    return this.current;
  }

  private set phase(next: Phase) {
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

  close(): void {
    if (this.current.is === "closed") return;
    this.phase = { is: "closed" };
    this.diagnosing.abort();
    this.channel.close();
    this.credentials.close();
  }

  private follow(): void {
    if (this.current.is === "closed") return;
    const state = this.channel.getConnectivityState(true);
    if (state === connectivityState.READY) this.phase = { is: "ready" };
    else if (state !== connectivityState.TRANSIENT_FAILURE) this.startConnecting();
    else if (this.current.is !== "failing") void this.findCause();
    // grpc-js calls back in the middle of its state change. Read the new state after it.
    this.channel.watchConnectivityState(state, Infinity, () => queueMicrotask(() => this.follow()));
  }

  private startConnecting(): void {
    if (this.current.is !== "connecting") this.phase = { is: "connecting", tcpConnected: false };
  }

  /** Repeats the diagnosis while the endpoint fails: a server that starts may fail in another way. */
  private async findCause(): Promise<void> {
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

function target(address: Address): string {
  if (address.kind === "unix") return `unix:${address.path}`;
  const host = address.host.includes(":") ? `[${address.host}]` : address.host;
  return `dns:${host}:${address.port}`;
}

/**
 * The `:authority` of calls over a unix socket is the name of its file, with everything after a colon. For TCP grpc-js
 * sends host and port, as Go does. Go: client/v3/internal/endpoint/endpoint.go (translateEndpoint)
 */
function authorityOptions(address: Address): ChannelOptions {
  return address.kind === "unix" ? { "grpc.default_authority": posix.basename(address.path) } : {};
}

function channelOptions(options: TransportOptions): ChannelOptions {
  const keepaliveMs = options.keepaliveTimeMs ?? 0;
  return {
    "grpc.max_receive_message_length": receiveLimit(options),
    "grpc.max_send_message_length": -1, // checked before the call, with Go's text
    "grpc-node.flow_control_window": windowBytes,
    ...(keepaliveMs > 0 && {
      "grpc.keepalive_time_ms": Math.max(keepaliveMs, shortestKeepaliveMs),
      "grpc.keepalive_timeout_ms": options.keepaliveTimeoutMs ?? 20_000,
    }),
    "grpc.initial_reconnect_backoff_ms": reconnectDelaysMs.first,
    "grpc.max_reconnect_backoff_ms": reconnectDelaysMs.longest,
    "grpc.dns_min_time_between_resolutions_ms": reconnectDelaysMs.longest,
    // Connect directly: the proxy variables are for the web, and grpc-go uses only HTTPS_PROXY.
    "grpc.enable_http_proxy": 0,
    "grpc.service_config_disable_resolution": 1,
    "grpc.use_local_subchannel_pool": 1,
    "grpc.enable_channelz": 0,
  };
}

function describe(phase: Phase): string {
  if (phase.is === "connecting")
    return phase.tcpConnected ? "connected, waiting for the server" : "connecting";
  if (phase.is === "failing") return `failing (${phase.cause?.what ?? "cause not known yet"})`;
  return phase.is;
}
