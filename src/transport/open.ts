// Opens the transport to a cluster. It checks the options before it dials, in the order of Go's checks, and then loads
// an implementation of gRPC.
// Go: etcdctl/ctlv3/command/global.go (mustClient), client/v3/config.go, client/v3/client.go (New)
import { CliError, ExitCode } from "../errors";
import { isBadEndpoint, parseEndpoint, type BadEndpoint, type Endpoint } from "./endpoint";
import type { OpenChannel } from "./grpc/channel";
import type { OpenSocket } from "./own/channel";
import type { TlsFiles } from "./tls/files";
import type { TlsSetup } from "./tls/setup";
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
  const endpoints = options.endpoints.map((typed) => parseEndpoint(typed, isTlsConfigured(tlsOptions)));
  const unchecked = await uncheckedFiles(endpoints, options);
  try {
    const files = unchecked ?? (await loadTlsFiles(tlsOptions));
    checkEndpoints(options.endpoints);
    checkSizes(options);
    const good = endpoints.filter((endpoint): endpoint is Endpoint => !isBadEndpoint(endpoint));
    const isSecure = good.some(({ secure }) => secure);
    const tls = isSecure ? (await import("./tls/setup")).tlsSetup(options, files) : undefined;
    const { openGrpc } = await import("./grpc/grpc-transport");
    return await openGrpc(endpoints, options, tls, await channelOpener(options, good, tls));
  } catch (error) {
    if (unchecked) await loadTlsFiles(tlsOptions); // says in Go's words what is wrong with them
    throw error;
  }
}

/** Our gRPC starts faster and runs in the executable; grpc-js, for comparisons, is the one that most programs use. */
async function channelOpener(
  options: TransportOptions,
  endpoints: readonly Endpoint[],
  tls: TlsSetup | undefined,
): Promise<OpenChannel> {
  if (implementation(options) === "grpc-js") {
    const { GrpcJsChannel } = await import("./grpc-js/channel");
    return (...parameters) => new GrpcJsChannel(...parameters);
  }
  const { OwnChannel } = await import("./own/channel");
  const openSocket = await socketOf(endpoints, tls);
  return (...parameters) => new OwnChannel(openSocket, ...parameters);
}

function implementation({ env = {} }: TransportOptions): "own" | "grpc-js" {
  const name = env["ETCDCTL_TRANSPORT"] || "own";
  if (name === "own" || name === "grpc-js") return name;
  throw new CliError(ExitCode.badArgs, `ETCDCTL_TRANSPORT is "${name}", and it can be own or grpc-js`);
}

const isBun = "Bun" in globalThis;

async function socketOf(endpoints: readonly Endpoint[], tls: TlsSetup | undefined): Promise<OpenSocket> {
  if (isBun) {
    const { canUseBunSockets, openBunSocket } = await import("./own/bun-socket");
    if (canUseBunSockets(endpoints, tls)) return openBunSocket;
  }
  const { socketOpener } = await import("./own/socket");
  if (!tls) return socketOpener();
  const { connectTls, contextOf } = await import("./tls/connection");
  contextOf(tls); // throws for unusable files before anything connects
  return socketOpener(connectTls);
}

/** In the executable, when the first endpoint to connect checks the files: ours load node:crypto, which Bun does slowly. */
async function uncheckedFiles(
  endpoints: readonly (Endpoint | BadEndpoint)[],
  options: TransportOptions,
): Promise<TlsFiles | undefined> {
  if (!isBun || implementation(options) !== "own" || options.tls?.insecureSkipVerify) return undefined;
  const usesBunTls = endpoints.every(
    (each) => !isBadEndpoint(each) && each.secure && each.address.kind === "tcp",
  );
  if (!usesBunTls || endpoints.length === 0) return undefined;
  const { usualTlsFiles } = await import("./tls/usual-files");
  return usualTlsFiles(options.tls ?? {});
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
