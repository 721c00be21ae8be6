// The flags of `serve` have the names, types and defaults of etcd's flags. Here are those that it obeys.
// Go: server/embed/config.go, server/etcdmain/config.go
import type { FlagTable, FlagValues } from "../../input/flags";
import type { ErrorDetails } from "../../errors";
import { earlierNames, type EffectFlag } from "./effects";
import { flagsWithoutEffect, refusedFlags } from "./other-flags";

export const supportedFlags = {
  "config-file": {
    kind: "string",
    default: "",
    usage: "YAML file with all settings, as etcd's; other flags and variables are then ignored",
    completes: "file",
  },
  name: { kind: "string", default: "default", usage: "name of this member" },
  "data-dir": {
    kind: "string",
    default: "",
    usage: "directory for the data; default: keep all data in memory",
    completes: "directory",
  },
  "wal-dir": {
    kind: "string",
    default: "",
    usage: "directory for the write-ahead log; default: member/wal in the data dir",
    completes: "directory",
  },
  "snapshot-count": {
    kind: "uint64",
    default: 10000n,
    usage:
      "entries of the log after which the db file is written, if the log has a quarter of its size; 64 MB of log and half of its size are enough, too",
  },
  "max-wals": {
    kind: "uint",
    default: 5,
    usage: "segments of the log to keep when they are not needed; 0: all",
  },
  "max-snapshots": { kind: "uint", default: 5, usage: ".snap files to keep; 0: all" },
  "unsafe-no-fsync": {
    kind: "bool",
    default: false,
    usage: "do not wait for the disk: a power loss then loses writes that were acknowledged",
  },
  "listen-client-urls": {
    kind: "string",
    default: "http://localhost:2379",
    usage: "URLs to listen on: http, https, unix or unixs; port 0 selects a free port",
  },
  "listen-client-http-urls": {
    kind: "string",
    default: "",
    usage: "URLs to listen on for HTTP only; --listen-client-urls then serves only gRPC",
  },
  "listen-metrics-urls": {
    kind: "string",
    default: "",
    usage: "URLs to listen on for /metrics and /health only",
  },
  "advertise-client-urls": {
    kind: "string",
    default: "",
    usage: "client URLs in the member list; default: the URLs it listens on",
  },
  "initial-advertise-peer-urls": {
    kind: "string",
    default: "",
    usage: "peer URLs of this member, from which its ID is computed; default: those of --initial-cluster",
  },
  "initial-cluster": { kind: "string", default: "", usage: "this member as NAME=PEER_URL" },
  "initial-cluster-state": {
    kind: "string",
    default: "new",
    values: ["new", "existing"],
    usage: "new or existing; both start the one member on its data dir or on an empty store",
  },
  "initial-cluster-token": {
    kind: "string",
    default: "etcd-cluster",
    usage: "makes the cluster ID and the member ID unique",
  },
  "cert-file": {
    kind: "string",
    default: "",
    usage: "server certificate for https and unixs URLs",
    completes: "file",
  },
  "key-file": { kind: "string", default: "", usage: "key of --cert-file", completes: "file" },
  "trusted-ca-file": {
    kind: "string",
    default: "",
    usage: "CA certificate; clients must have a certificate signed by it",
    completes: "file",
  },
  "client-crl-file": {
    kind: "string",
    default: "",
    usage: "revocation list: clients whose certificates are in it are refused",
    completes: "file",
  },
  "client-cert-allowed-hostname": {
    kind: "string",
    default: "",
    usage: "host names, one of which a client's certificate must have",
  },
  /** Only in the file of --config-file, as in etcd. */
  "client-cert-allowed-cn": { kind: "string", default: "", usage: "", hidden: true },
  "auto-tls": {
    kind: "bool",
    default: false,
    usage: "make a self-signed certificate in the data dir, for https and unixs URLs",
  },
  "self-signed-cert-validity": { kind: "uint", default: 1, usage: "years that this certificate is valid" },
  "cipher-suites": {
    kind: "string",
    default: "",
    usage: "TLS cipher suites in Go's names, separated by commas; default: those of Node.js",
  },
  "tls-min-version": {
    kind: "string",
    default: "TLS1.2",
    values: ["TLS1.2", "TLS1.3"],
    usage: "lowest TLS version",
  },
  "tls-max-version": {
    kind: "string",
    default: "",
    values: ["TLS1.2", "TLS1.3"],
    usage: "highest TLS version; default: the newest",
  },
  cors: {
    kind: "string",
    default: "*",
    usage: "origins of web pages that may read responses, separated by commas; *: all",
  },
  "host-whitelist": {
    kind: "string",
    default: "*",
    usage: "host names that an HTTP request without TLS may have, separated by commas; *: all",
  },
  "enable-grpc-gateway": { kind: "bool", default: true, usage: "serve the JSON gateway under /v3/" },
  "max-concurrent-streams": {
    kind: "uint",
    default: 2 ** 32 - 1,
    usage: "maximum number of calls that a client may have open on one connection",
  },
  "grpc-keepalive-min-time": {
    kind: "duration",
    default: 5000,
    usage: "shortest time between pings of a client; 0: no limit",
  },
  "grpc-keepalive-interval": {
    kind: "duration",
    default: 7_200_000,
    usage: "time between pings to a silent client; 0: none",
  },
  "grpc-keepalive-timeout": {
    kind: "duration",
    default: 20_000,
    usage: "time that a client may take to answer a ping; 0: no pings",
  },
  "log-format": {
    kind: "string",
    default: "",
    values: ["json", "console"],
    usage: "json or console: log lines as etcd's; default: plain notes on stderr",
  },
  "log-outputs": {
    kind: "string",
    default: "default",
    usage: "stderr, stdout or files for log lines, separated by commas",
    completes: "file",
  },
  "log-level": {
    kind: "string",
    default: "info",
    values: ["debug", "info", "warn", "error", "panic", "fatal"],
    usage: "lowest level of the log",
  },
  logger: { kind: "string", default: "zap", usage: "", hidden: true },
  debug: { kind: "bool", default: false, usage: "", hidden: true },
  "feature-gates": {
    kind: "string",
    default: "",
    usage: "features of etcd to switch on or off, such as StopGRPCServiceOnDefrag=true",
  },
  "experimental-stop-grpc-service-on-defrag": { kind: "bool", default: false, usage: "", hidden: true },
  "force-new-cluster": {
    kind: "bool",
    default: false,
    usage: "make a single member out of one of several: remove the others from the list",
  },
  "warning-apply-duration": {
    kind: "duration",
    default: 100,
    usage: "a change or read that takes longer is logged",
  },
  "warning-unary-request-duration": {
    kind: "duration",
    default: 300,
    usage: "a call that takes longer is logged",
  },
  version: { kind: "bool", default: false, usage: "print the version of etcd that the server behaves like" },
  metrics: {
    kind: "string",
    default: "basic",
    values: ["basic", "extensive"],
    usage: "basic, or extensive with the duration of each call",
  },
  "client-cert-auth": { kind: "bool", default: false, usage: "require a client certificate" },
  "auto-compaction-mode": {
    kind: "string",
    default: "periodic",
    values: ["periodic", "revision"],
    usage: "unit of --auto-compaction-retention: time or revisions",
  },
  "auto-compaction-retention": {
    kind: "string",
    default: "0",
    usage: "history to keep: a duration such as 5m, a number of hours, or a number of revisions; 0: all",
  },
  "auth-token": {
    kind: "string",
    default: "simple",
    usage: "type of auth tokens: simple, or jwt with options; see docs/SERVE.md",
  },
  "max-learners": { kind: "int64", default: 1n, usage: "maximum number of learners in the member list" },
  "auth-token-ttl": { kind: "uint", default: 300, usage: "seconds until an unused auth token expires" },
  "bcrypt-cost": { kind: "uint", default: 10, usage: "bcrypt cost of password hashes" },
  "max-request-bytes": {
    kind: "uint",
    default: 1.5 * 1024 * 1024,
    usage: "maximum size of a write request",
  },
  "max-txn-ops": { kind: "uint", default: 128, usage: "maximum number of operations in one transaction" },
  "quota-backend-bytes": {
    kind: "int64",
    default: 0n,
    usage: "maximum database size; then writes fail. 0: 2 GiB; below 0: no limit",
  },
  "enable-v2": { kind: "bool", default: false, usage: "serve version 2 of the API too, under /v2" },
  "heartbeat-interval": {
    kind: "uint",
    default: 100,
    usage: "milliseconds; sets the minimum TTL of leases, together with --election-timeout",
  },
  "election-timeout": { kind: "uint", default: 1000, usage: "milliseconds; see --heartbeat-interval" },
  "watch-progress-notify-interval": {
    kind: "duration",
    default: 0,
    usage: "time between progress notifications to a watch without events; 0: 10 minutes",
  },
} as const satisfies FlagTable;

/** The names of etcd 3.4 to 3.6 for flags that have another name since. */
const earlier: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    [
      ...["backend-bbolt-freelist-type", "bootstrap-defrag-threshold-megabytes", "compact-hash-check-time"],
      ...[
        "compaction-batch-limit",
        "compaction-sleep-interval",
        "corrupt-check-time",
        "downgrade-check-time",
      ],
      ...[
        "distributed-tracing-address",
        "distributed-tracing-instance-id",
        "distributed-tracing-sampling-rate",
      ],
      ...["distributed-tracing-service-name", "enable-distributed-tracing", "max-learners", "memory-mlock"],
      ...["peer-skip-client-san-verification", "snapshot-catchup-entries", "warning-apply-duration"],
      ...["warning-unary-request-duration", "watch-progress-notify-interval"],
    ].map((name) => [`experimental-${name}`, name]),
  ),
  "log-output": "log-outputs",
};

export const currentFlags = { ...flagsWithoutEffect, ...refusedFlags, ...supportedFlags };

export const serveFlags = { ...earlierNames(currentFlags, earlier), ...currentFlags };

/** The values that the server obeys. */
export type ServeFlags = FlagValues<typeof supportedFlags>;

/** What is wrong with the values that switch on something that the server does not have. */
export function refusals(values: object): (ErrorDetails & { message: string }) | undefined {
  const given = Object.entries<EffectFlag>(refusedFlags).filter(
    ([name, flag]) => (values as Record<string, unknown>)[name] !== flag.default,
  );
  if (given.length === 0) return undefined;
  const names = given.map(([name]) => `--${name}`).sort();
  const hints = given.map(([name, flag]) => `--${name}: ${flag.why}; ${"hint" in flag ? flag.hint : ""}`);
  return { message: `the embedded server does not support ${names.join(", ")}`, hints };
}

/** What to use in place of etcdctl's flags for its client. */
const insteadOf: Readonly<Record<string, string>> = {
  endpoints: "--listen-client-urls says where the server listens",
  cacert: "--trusted-ca-file has the CA certificate for clients",
  cert: "--cert-file has the server's certificate",
  key: "--key-file has the key of the server's certificate",
  offline: "--data-dir says where the data is",
  "insecure-transport": "the scheme in --listen-client-urls, http or https, decides about TLS",
};

/** The error for a flag of the commands that call a server. */
export function clientFlagError(name: string): [message: string, details: ErrorDetails] {
  const instead = insteadOf[name] ?? "use it with the commands that call the server";
  return [`serve does not take --${name}, which is for clients`, { hints: [instead] }];
}
