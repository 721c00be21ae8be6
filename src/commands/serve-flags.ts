// The flags of `serve` have the names of etcd's flags. Flags for raft, logs and peers have no effect in a server with one member:
// they are accepted and ignored. Flags for a feature that the embedded server does not have are rejected.
// Go: server/embed/config.go, server/etcdmain/config.go.
import type { Flag, FlagTable } from "../cli/flags";
import type { ErrorDetails } from "../errors";

export const supportedFlags = {
  name: { kind: "string", default: "default", usage: "name of this member" },
  "data-dir": {
    kind: "string",
    default: "",
    usage: "directory for the data; default: keep all data in memory",
    completes: "directory",
  },
  "listen-client-urls": {
    kind: "string",
    default: "http://localhost:2379",
    usage: "URLs to listen on: http, https, unix or unixs; port 0 selects a free port",
  },
  "advertise-client-urls": {
    kind: "string",
    default: "",
    usage: "client URLs in the member list; default: the URLs it listens on",
  },
  "initial-advertise-peer-urls": {
    kind: "string",
    default: "http://localhost:2380",
    usage: "peer URLs of this member; the member ID is computed from them",
  },
  "initial-cluster": { kind: "string", default: "", usage: "this member as NAME=PEER_URL" },
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
  "auth-token": { kind: "string", default: "simple", usage: "type of auth tokens; only simple is supported" },
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

/** Accepted without effect; grouped by the kind of the value. */
const ignoredFlags = {
  bool: [
    "compact-hash-check-enabled",
    "enable-grpc-gateway",
    "enable-log-rotation",
    "force-new-cluster",
    "initial-election-tick-advance",
    "memory-mlock",
    "pre-vote",
    "socket-reuse-address",
    "socket-reuse-port",
    "strict-reconfig-check",
    "unsafe-no-fsync",
  ],
  string: [
    "backend-batch-interval",
    "backend-batch-limit",
    "backend-bbolt-freelist-type",
    "bootstrap-defrag-threshold-megabytes",
    "compact-hash-check-time",
    "compaction-batch-limit",
    "compaction-sleep-interval",
    "corrupt-check-time",
    "downgrade-check-time",
    "feature-gates",
    "grpc-keepalive-interval",
    "grpc-keepalive-min-time",
    "grpc-keepalive-timeout",
    "initial-cluster-state",
    "listen-peer-urls",
    "log-format",
    "log-level",
    "log-outputs",
    "log-rotation-config-json",
    "logger",
    "max-concurrent-streams",
    "max-learners",
    "max-snapshots",
    "max-wals",
    "metrics",
    "peer-cert-file",
    "peer-client-cert-file",
    "peer-client-key-file",
    "peer-key-file",
    "peer-trusted-ca-file",
    "raft-read-timeout",
    "raft-write-timeout",
    "snapshot-catchup-entries",
    "snapshot-count",
    "warning-apply-duration",
    "warning-unary-request-duration",
  ],
} as const;

const unsupportedSwitches = ["auto-tls", "enable-distributed-tracing", "enable-pprof"] as const;

const unsupportedFlags = [
  "cipher-suites",
  "client-cert-allowed-hostname",
  "client-crl-file",
  "config-file",
  "cors",
  "discovery-endpoints",
  "discovery-token",
  "host-whitelist",
  "listen-client-http-urls",
  "listen-metrics-urls",
  "tls-max-version",
  "tls-min-version",
  "wal-dir",
] as const;

const hidden = (names: readonly string[], flag: Flag): FlagTable =>
  Object.fromEntries(names.map((name) => [name, { ...flag, hidden: true }]));

export const serveFlags = {
  ...hidden(ignoredFlags.bool, { kind: "bool", default: false, usage: "" }),
  ...hidden(ignoredFlags.string, { kind: "string", default: "", usage: "" }),
  ...hidden(unsupportedSwitches, { kind: "bool", default: false, usage: "" }),
  ...hidden(unsupportedFlags, { kind: "string", default: "", usage: "" }),
  ...supportedFlags,
};

/** The given flags that the embedded server does not support. */
export function givenUnsupportedFlags(values: Readonly<Record<string, unknown>>): string[] {
  const switches = unsupportedSwitches.filter((name) => values[name] !== false);
  return [...switches, ...unsupportedFlags.filter((name) => values[name] !== "")].sort();
}

/** What to use in place of etcdctl's flags for its client. */
const insteadOf: Readonly<Record<string, string>> = {
  endpoints: "--listen-client-urls says where the server listens",
  cacert: "--trusted-ca-file has the CA certificate for clients",
  cert: "--cert-file has the server's certificate",
  key: "--key-file has the key of the server's certificate",
  offline: "--data-dir says where the data is",
  "insecure-transport": "the scheme in --listen-client-urls, http or https, decides about TLS",
  "discovery-srv": "the embedded server has one member and finds no others; use etcd for this",
  "discovery-srv-name": "the embedded server has one member and finds no others; use etcd for this",
};

/** The error for a flag of the commands that call a server. */
export function clientFlagError(name: string): [message: string, details: ErrorDetails] {
  const instead = insteadOf[name] ?? "use it with the commands that call the server";
  return [`serve does not take --${name}, which is for clients`, { hints: [instead] }];
}
