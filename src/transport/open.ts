// Opens the transport to a cluster: what can be known to be wrong is said before anything is dialled, in Go's order and
// with its exit codes; then grpc-js is loaded. Failures of the authentication come as EtcdError.
// Answers to etcdctl's mustClient, clientv3.NewClientConfig and clientv3.New.
import { CliError, ExitCode } from "../errors";
import { isBadEndpoint, parseEndpoint } from "./endpoint";
import type { TlsFiles } from "./tls/files";
import type { TlsOptions, Transport, TransportOptions } from "./transport";

export async function openTransport(options: TransportOptions): Promise<Transport> {
  const tlsOptions = options.tls ?? {};
  const files = await loadTlsFiles(tlsOptions);
  checkEndpoints(options.endpoints);
  checkSizes(options);
  const endpoints = options.endpoints.map((typed) => parseEndpoint(typed, isTlsConfigured(tlsOptions)));
  const isSecure = endpoints.some((endpoint) => !isBadEndpoint(endpoint) && endpoint.secure);
  const tls = isSecure ? (await import("./tls/connection")).tlsSetup(options, files) : undefined;
  const { openGrpc } = await import("./grpc/grpc-transport");
  return openGrpc(endpoints, options, tls);
}

/** Files that are named are read even when every endpoint is plain, as in Go. */
export async function loadTlsFiles(tls: TlsOptions): Promise<TlsFiles | undefined> {
  if (!tls.cert && !tls.key && !tls.cacert) return undefined;
  const { readTlsFiles } = await import("./tls/files");
  return readTlsFiles(tls);
}

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
    hints: ["name at least one with --endpoints"],
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
