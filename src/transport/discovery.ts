// Endpoints from the SRV records of a domain, those with TLS first. Without --insecure-discovery, plain endpoints are ignored.
// Go: client/pkg/srv/srv.go, etcdctl/ctlv3/command/global.go (endpointsFromFlagValue)
import { CliError, ExitCode } from "../errors";

export interface SrvRecord {
  readonly name: string;
  readonly port: number;
  readonly priority: number;
  readonly weight: number;
}

export interface DiscoveryOptions {
  readonly domain: string;
  /** Suffix of the service names (--discovery-srv-name). */
  readonly serviceName?: string | undefined;
  /** Also uses endpoints without TLS (etcd-client). Default: false, and such endpoints are ignored. */
  readonly insecure?: boolean | undefined;
  /** Default: the system's DNS resolver. */
  readonly resolveSrv?: ((name: string) => Promise<readonly SrvRecord[]>) | undefined;
}

export interface DiscoveredEndpoints {
  readonly endpoints: readonly string[];
  /** Plain endpoints that were ignored. Go prints each on stderr. */
  readonly ignored: readonly string[];
}

export async function discoverEndpoints(options: DiscoveryOptions): Promise<DiscoveredEndpoints> {
  const dns = await import("node:dns/promises");
  const resolveSrv = options.resolveSrv ?? dns.resolveSrv;
  const suffix = options.serviceName ? `-${options.serviceName}` : "";
  const [secure, plain] = await Promise.all([
    lookUp(resolveSrv, `_etcd-client-ssl${suffix}._tcp.${options.domain}`, "https"),
    lookUp(resolveSrv, `_etcd-client${suffix}._tcp.${options.domain}`, "http"),
  ]);
  if ("failure" in secure && "failure" in plain) {
    throw notFound(options.domain, secure, plain, dns.getServers()[0]);
  }
  const found = [secure, plain].flatMap((result) => ("urls" in result ? result.urls : []));
  if (options.insecure) return { endpoints: found, ignored: [] };
  const isSecure = (url: string) => url.startsWith("https://");
  return { endpoints: found.filter(isSecure), ignored: found.filter((url) => !isSecure(url)) };
}

interface Failure {
  readonly name: string;
  readonly failure: string;
  readonly cause: unknown;
}

async function lookUp(
  resolveSrv: (name: string) => Promise<readonly SrvRecord[]>,
  name: string,
  scheme: string,
): Promise<{ urls: string[] } | Failure> {
  try {
    const records = [...(await resolveSrv(name))].sort(
      (a, b) => a.priority - b.priority || b.weight - a.weight,
    );
    return { urls: records.map((record) => `${scheme}://${record.name.replace(/\.$/, "")}:${record.port}`) };
  } catch (cause) {
    return { name, failure: reason(cause as NodeJS.ErrnoException), cause };
  }
}

function reason(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case "ENOTFOUND":
    case "ENODATA":
      return "no such host";
    case "ETIMEOUT":
      return "i/o timeout";
    case "ECONNREFUSED":
      return "connection refused";
    case "ESERVFAIL":
      return "server misbehaving";
    default:
      return error.message;
  }
}

function notFound(domain: string, secure: Failure, plain: Failure, server: string | undefined): CliError {
  const port = server && /^[^:]+$/.test(server) ? ":53" : "";
  const resolver = server === undefined ? "" : ` on ${server}${port}`;
  const lines = [secure, plain].map(({ name, failure }) => `lookup ${name}${resolver}: ${failure}`);
  return new CliError(ExitCode.error, `dns lookup errors: ${lines.join(" and ")}`, {
    cause: secure.cause,
    hints: [
      `check the SRV records of ${domain} (dig SRV _etcd-client-ssl._tcp.${domain}), or use --endpoints`,
    ],
  });
}
