// Endpoints from DNS: the SRV records of a domain, secure ones first. Answers to client/pkg/srv and to what etcdctl's
// global flags make of it: without --insecure-discovery the plain endpoints are left out, each with a word on stderr.
import { CliError, ExitCode } from "../errors";
import { quote } from "../goformat/quote";

export interface SrvRecord {
  readonly name: string;
  readonly port: number;
  readonly priority: number;
  readonly weight: number;
}

export interface DiscoveryOptions {
  readonly domain: string;
  /** --discovery-srv-name, a suffix of the service names. */
  readonly serviceName?: string | undefined;
  readonly insecure?: boolean | undefined;
  /** Default: this machine's DNS. */
  readonly resolveSrv?: ((name: string) => Promise<readonly SrvRecord[]>) | undefined;
}

export interface Discovered {
  readonly endpoints: readonly string[];
  /** One line for stderr per endpoint that was left out. */
  readonly ignored: readonly string[];
}

export async function discoverEndpoints(options: DiscoveryOptions): Promise<Discovered> {
  const resolveSrv = options.resolveSrv ?? (await import("node:dns/promises")).resolveSrv;
  const suffix = options.serviceName ? `-${options.serviceName}` : "";
  const [secure, plain] = await Promise.all([
    lookUp(resolveSrv, `_etcd-client-ssl${suffix}._tcp.${options.domain}`, "https"),
    lookUp(resolveSrv, `_etcd-client${suffix}._tcp.${options.domain}`, "http"),
  ]);
  if ("failure" in secure && "failure" in plain) throw nothingFound(options.domain, secure, plain);
  const found = [secure, plain].flatMap((result) => ("urls" in result ? result.urls : []));
  if (options.insecure) return { endpoints: found, ignored: [] };
  return {
    endpoints: found.filter((url) => url.startsWith("https://")),
    ignored: found
      .filter((url) => url.startsWith("http://"))
      .map((url) => `ignoring discovered insecure endpoint ${quote(url)}`),
  };
}

interface Failure {
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
    return { failure: `lookup ${name}: ${reason(cause as NodeJS.ErrnoException)}`, cause };
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

function nothingFound(domain: string, secure: Failure, plain: Failure): CliError {
  return new CliError(ExitCode.error, `dns lookup errors: ${secure.failure} and ${plain.failure}`, {
    cause: secure.cause,
    hints: [
      `see that DNS has SRV records for ${domain} (dig SRV _etcd-client-ssl._tcp.${domain}), or use --endpoints`,
    ],
  });
}
