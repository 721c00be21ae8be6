// Opens the transport to a cluster. It checks the options before it dials, in the order of Go's checks, and then loads
// an implementation of gRPC.
// Go: etcdctl/ctlv3/command/global.go (mustClient), client/v3/config.go, client/v3/client.go (New)
import { CliError, ExitCode } from "../errors";
import { isBadEndpoint, parseEndpoint } from "./endpoint";
import type { OpenChannel } from "./grpc/channel";
import type { TlsFiles } from "./tls/files";
import type { TlsOptions, Transport, TransportOptions } from "./transport";

/**
 * Opens a gRPC transport and starts to connect to all endpoints. Resolves without waiting for a connection, unless
 * `credentials` has a user and password: then it logs in first, within `dialTimeoutMs`.
 *
 * Rejects with a CliError when the options are unusable: no endpoint or a send limit above the receive limit (exit code
 * 2), or unreadable or mismatched TLS files (exit code 128). Rejects with an EtcdError when the login fails.
 */
export async function openTransport(options: TransportOptions): Promise<Transport> {
  const tlsOptions = options.tls ?? {};
  const files = await loadTlsFiles(tlsOptions);
  checkEndpoints(options.endpoints);
  checkSizes(options);
  const endpoints = options.endpoints.map((typed) => parseEndpoint(typed, isTlsConfigured(tlsOptions)));
  const isSecure = endpoints.some((endpoint) => !isBadEndpoint(endpoint) && endpoint.secure);
  const tls = isSecure ? (await import("./tls/connection")).tlsSetup(options, files) : undefined;
  const { openGrpc } = await import("./grpc/grpc-transport");
  return openGrpc(endpoints, options, tls, await channelOpener(options, isSecure));
}

/** Our gRPC starts faster and runs in the executable; grpc-js, for comparisons, is the one that most programs use. */
async function channelOpener({ env = {} }: TransportOptions, isSecure: boolean): Promise<OpenChannel> {
  const name = env["ETCDCTL_TRANSPORT"] || "own";
  if (name === "grpc-js") {
    const { GrpcJsChannel } = await import("./grpc-js/channel");
    return (...parameters) => new GrpcJsChannel(...parameters);
  }
  if (name !== "own") {
    throw new CliError(ExitCode.badArgs, `ETCDCTL_TRANSPORT is "${name}", and it can be own or grpc-js`);
  }
  const { OwnChannel } = await import("./own/channel");
  // In the executable, a socket of Bun opens in a third of the time; but Node's TLS checks certificates as we need it.
  const openSocket =
    "Bun" in globalThis && !isSecure
      ? (await import("./own/bun-socket")).openBunSocket
      : (await import("./own/socket")).openSocket;
  return (...parameters) => new OwnChannel(openSocket, ...parameters);
}

/** Reads the files even when every endpoint is plain, as in Go. */
export async function loadTlsFiles(tls: TlsOptions): Promise<TlsFiles | undefined> {
  if (!tls.cert && !tls.key && !tls.cacert) return undefined;
  const { readTlsFiles } = await import("./tls/files");
  return readTlsFiles(tls);
}

/** Whether an option asks for TLS, so that endpoints without a scheme use it. */
export function isTlsConfigured({
  cert,
  key,
  cacert,
  serverName,
  insecureTransport,
  insecureSkipVerify,
}: TlsOptions): boolean {
  return Boolean(cert || key || cacert || serverName || insecureSkipVerify) || insecureTransport === false;
}

function checkEndpoints(endpoints: readonly string[]): void {
  if (endpoints.length > 0) return;
  throw new CliError(ExitCode.badConnection, "etcdclient: no available endpoints", {
    hints: ["pass at least one endpoint with --endpoints"],
  });
}

function checkSizes({ maxRequestBytes = 0, maxReceiveBytes = 0 }: TransportOptions): void {
  if (maxReceiveBytes <= 0 || maxRequestBytes <= maxReceiveBytes) return;
  throw new CliError(
    ExitCode.badConnection,
    `gRPC message recv limit (${maxReceiveBytes} bytes) must be greater than send limit (${maxRequestBytes} bytes)`,
    { hints: ["raise --max-recv-bytes or lower --max-request-bytes"] },
  );
}
