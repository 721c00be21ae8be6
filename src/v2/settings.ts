// Version 2's global flags, and the variables that stand in for those that were not given. Pure.
// Answers to ctlv2/ctl.go and ctlv2/command/util.go: a variable counts where the flag is empty, and the older names of
// the endpoints come after the newer ones.
import type { Io } from "../io";
import type { FlagTable, FlagValues } from "./flags";

const second = 1_000_000_000n;
const insteadOf = "an older name of --endpoints";

export const globalFlags = {
  debug: { kind: "bool", about: "show each request as a curl command, on stderr" },
  "no-sync": { kind: "bool", about: "ask the given endpoints only, not those that the cluster advertises" },
  output: {
    kind: "string",
    alias: "o",
    default: "simple",
    about: "form of the output: simple, extended or json",
  },
  "discovery-srv": { kind: "string", alias: "D", about: "domain whose SRV records name the endpoints" },
  "insecure-discovery": { kind: "bool", about: "take endpoints without TLS from SRV records too" },
  peers: { kind: "string", alias: "C", about: insteadOf },
  endpoint: { kind: "string", about: insteadOf },
  endpoints: {
    kind: "string",
    about:
      'URLs of the members, with commas between (default: "http://127.0.0.1:2379,http://127.0.0.1:4001")',
  },
  "cert-file": { kind: "string", about: "certificate to show to servers, in PEM form" },
  "key-file": { kind: "string", about: "private key of that certificate" },
  "ca-file": { kind: "string", about: "certificate authorities that servers are checked against" },
  username: { kind: "string", alias: "u", about: "user[:password]; asks for a password that is not given" },
  timeout: { kind: "duration", default: 2n * second, about: "limit for the answer of one member" },
  "total-timeout": {
    kind: "duration",
    default: 5n * second,
    about: "limit for the whole command, except watch",
  },
} as const satisfies FlagTable;

export type GlobalValues = FlagValues<typeof globalFlags>;

export interface Settings {
  readonly debug: boolean;
  readonly sync: boolean;
  readonly output: string;
  readonly endpoints: readonly string[];
  readonly discovery: { readonly domain: string; readonly serviceName: string; readonly insecure: boolean };
  readonly tls: { readonly cacert: string; readonly cert: string; readonly key: string };
  /** `name` or `name:password`; empty for nobody. */
  readonly username: string;
  /** In milliseconds; 0 is no limit. */
  readonly timeoutMs: number;
  /** In milliseconds; 0 lets nothing pass, as in Go. */
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
    sync: !values["no-sync"],
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
