// Version 2's global flags and environment variables. A variable counts when its flag is empty. Of the flags for the
// endpoints, the newer name wins. Go (etcd 3.4): etcdctl/ctlv2/ctl.go, etcdctl/ctlv2/command/util.go
import type { Io } from "../io";
import { offlinePath } from "../offline/offline-flag";
import type { FlagTable, FlagValues } from "./flags";

const second = 1_000_000_000n;
const oldEndpoints = "old name of --endpoints";

export const globalFlags = {
  debug: { kind: "bool", usage: "print each request to stderr as a curl command" },
  "no-sync": { kind: "bool", usage: "use only the given endpoints, not those that the cluster advertises" },
  output: {
    kind: "string",
    alias: "o",
    default: "simple",
    usage: "output format: simple, extended or json",
  },
  "discovery-srv": { kind: "string", alias: "D", usage: "domain whose SRV records name the endpoints" },
  "insecure-discovery": { kind: "bool", usage: "accept endpoints without TLS from SRV records" },
  peers: { kind: "string", alias: "C", usage: oldEndpoints },
  endpoint: { kind: "string", usage: oldEndpoints },
  endpoints: {
    kind: "string",
    usage:
      'URLs of the members, separated by commas (default: "http://127.0.0.1:2379,http://127.0.0.1:4001")',
  },
  "cert-file": { kind: "string", usage: "client certificate file, in PEM format" },
  "key-file": { kind: "string", usage: "private key file of the client certificate" },
  "ca-file": { kind: "string", usage: "file with the certificate authorities that sign server certificates" },
  username: {
    kind: "string",
    alias: "u",
    usage: "user[:password]; without a password etcdctl prompts for it",
  },
  offline: {
    kind: "path",
    usage: "work on a data dir without a server: --offline for that of the user, --offline=PATH for another",
  },
  timeout: { kind: "duration", default: 2n * second, usage: "limit for the response headers of one member" },
  "total-timeout": {
    kind: "duration",
    default: 5n * second,
    usage: "limit for a whole command, except watches",
  },
} as const satisfies FlagTable;

export type GlobalValues = FlagValues<typeof globalFlags>;

export interface Settings {
  readonly debug: boolean;
  readonly sync: boolean;
  /** The path of --offline, empty for the data dir of the user. Undefined: a server is asked. */
  readonly offline: string | undefined;
  readonly output: string;
  readonly endpoints: readonly string[];
  readonly discovery: { readonly domain: string; readonly serviceName: string; readonly insecure: boolean };
  readonly tls: { readonly cacert: string; readonly cert: string; readonly key: string };
  /** `name` or `name:password`. Empty: requests have no user. */
  readonly username: string;
  /** 0: no limit. */
  readonly timeoutMs: number;
  /** 0: every request fails at once, as in Go. */
  readonly totalTimeoutMs: number;
}

export function resolveSettings(values: GlobalValues, env: Io["env"]): Settings {
  const variable = (name: string): string => env[`ETCDCTL_${name}`] ?? "";
  const endpoints =
    values.endpoints ||
    variable("ENDPOINTS") ||
    values.endpoint ||
    variable("ENDPOINT") ||
    values.peers ||
    variable("PEERS") ||
    "http://127.0.0.1:2379,http://127.0.0.1:4001";
  return {
    debug: values.debug,
    // The member of a data dir listens nowhere.
    sync: !values["no-sync"] && offlinePath(values.offline || variable("OFFLINE")) === undefined,
    offline: offlinePath(values.offline || variable("OFFLINE")),
    output: values.output,
    endpoints: endpoints.split(","),
    discovery: {
      domain: values["discovery-srv"] || variable("DISCOVERY_SRV"),
      serviceName: variable("DISCOVERY_SRV_NAME"),
      insecure: values["insecure-discovery"] || variable("INSECURE_DISCOVERY") !== "",
    },
    tls: {
      cacert: values["ca-file"] || variable("CA_FILE"),
      cert: values["cert-file"] || variable("CERT_FILE"),
      key: values["key-file"] || variable("KEY_FILE"),
    },
    username: values.username || variable("USERNAME"),
    timeoutMs: Number(values.timeout) / 1e6,
    totalTimeoutMs: Number(values["total-timeout"]) / 1e6,
  };
}
