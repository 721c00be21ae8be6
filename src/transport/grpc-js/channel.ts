// The channel of an endpoint with grpc-js. `ETCDCTL_TRANSPORT=grpc-js` selects it.
import { Channel, connectivityState, type ChannelOptions } from "@grpc/grpc-js";
import { posix } from "node:path";
import type { Address } from "../endpoint";
import {
  EndpointChannel,
  keepaliveOf,
  reconnectDelaysMs,
  windowBytes,
  type CallStart,
  type ChannelParameters,
  type WireCall,
} from "../grpc/channel";
import { connectionOptions } from "../tls/connection";
import { receiveLimit, type TransportOptions } from "../transport";
import { GrpcJsCall } from "./call";
import { EndpointCredentials } from "./credentials";

export class GrpcJsChannel extends EndpointChannel {
  private readonly channel: Channel;
  private readonly credentials: EndpointCredentials;

  constructor(...parameters: ChannelParameters) {
    super(...parameters);
    const { endpoint, options, tls } = this;
    const tlsOptions = endpoint.secure && tls ? connectionOptions(tls, endpoint) : undefined;
    this.credentials = new EndpointCredentials(tlsOptions, () => this.tcpConnected());
    this.channel = new Channel(target(endpoint.address), this.credentials, {
      ...channelOptions(options),
      ...authorityOptions(endpoint.address),
    });
    this.follow();
  }

  call(start: CallStart): WireCall {
    return new GrpcJsCall(this.channel, start);
  }

  protected disconnect(): void {
    this.channel.close();
    this.credentials.close();
  }

  private follow(): void {
    if (this.phase.is === "closed") return;
    const state = this.channel.getConnectivityState(true);
    if (state === connectivityState.READY) this.phase = { is: "ready" };
    else if (state !== connectivityState.TRANSIENT_FAILURE) this.startConnecting();
    else if (this.phase.is !== "failing") void this.failed();
    // grpc-js calls back in the middle of its state change. Read the new state after it.
    this.channel.watchConnectivityState(state, Infinity, () => queueMicrotask(() => this.follow()));
  }

  private startConnecting(): void {
    if (this.phase.is !== "connecting") this.phase = { is: "connecting", tcpConnected: false };
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
  const keepalive = keepaliveOf(options);
  return {
    "grpc.max_receive_message_length": receiveLimit(options),
    "grpc.max_send_message_length": -1, // checked before the call, with Go's text
    "grpc-node.flow_control_window": windowBytes,
    ...(keepalive && {
      "grpc.keepalive_time_ms": keepalive.timeMs,
      "grpc.keepalive_timeout_ms": keepalive.timeoutMs,
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
