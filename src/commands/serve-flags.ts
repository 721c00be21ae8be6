// The flags of `serve`: etcd's own names. Those that steer raft, logs and peers have nothing to steer in a server of one
// member and are taken and left; those that ask for something this server does not do are refused by name.
// Answers to etcd's server/embed/config.go and server/etcdmain/config.go.
import type { Flag, FlagTable } from "../cli/flags";

export const servedFlags = {
  name: { kind: "string", default: "default", usage: "name of the member" },
  "data-dir": {
    kind: "string",
    default: "",
    usage: "directory to keep the keys in (none: in memory)",
    completes: "directory",
  },
  "listen-client-urls": {
    kind: "string",
    default: "http://localhost:2379",
    usage: "where to listen: http, https, unix or unixs URLs; port 0 takes a free one",
  },
  "advertise-client-urls": {
    kind: "string",
    default: "",
    usage: "what the member list tells clients (none: where it listens)",
  },
  "initial-advertise-peer-urls": {
    kind: "string",
    default: "http://localhost:2380",
    usage: "peer URLs, of which the member's id is made",
  },
  "initial-cluster": { kind: "string", default: "", usage: "NAME=PEER_URL of this member" },
  "initial-cluster-token": {
    kind: "string",
    default: "etcd-cluster",
    usage: "goes into the ids of cluster and member",
  },
  "cert-file": {
    kind: "string",
    default: "",
    usage: "certificate for https and unixs URLs",
    completes: "file",
  },
  "key-file": { kind: "string", default: "", usage: "key of that certificate", completes: "file" },
  "trusted-ca-file": {
    kind: "string",
    default: "",
    usage: "clients must have a certificate of this authority",
    completes: "file",
  },
  "client-cert-auth": { kind: "bool", default: false, usage: "clients must have a certificate" },
  "auto-compaction-mode": {
    kind: "string",
    default: "periodic",
    values: ["periodic", "revision"],
    usage: "what the next one counts: time or revisions",
  },
  "auto-compaction-retention": {
    kind: "string",
    default: "0",
    usage: "how much history to keep: 5m, 1 (an hour), or so many revisions (0: all)",
  },
  "auth-token": { kind: "string", default: "simple", usage: "kind of the tokens: only simple" },
  "auth-token-ttl": { kind: "uint", default: 300, usage: "seconds that a token lives when it is not used" },
  "bcrypt-cost": { kind: "uint", default: 10, usage: "cost of hashing passwords" },
  "max-request-bytes": {
    kind: "uint",
    default: 1.5 * 1024 * 1024,
    usage: "the largest change a client may ask for",
  },
  "max-txn-ops": { kind: "uint", default: 128, usage: "the most operations in one transaction" },
  "quota-backend-bytes": {
    kind: "int64",
    default: 0n,
    usage: "how large the database may grow before it takes no more writes (0: 2 GiB; below 0: no limit)",
  },
  "heartbeat-interval": {
    kind: "uint",
    default: 100,
    usage: "milliseconds; with the next one it decides the least TTL of leases",
  },
  "election-timeout": { kind: "uint", default: 1000, usage: "milliseconds" },
  "watch-progress-notify-interval": {
    kind: "duration",
    default: 0,
    usage: "how often quiet watches are told the revision (0: 10 minutes)",
  },
} as const satisfies FlagTable;

/** By kind of their value. */
const leftAlone = {
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

const notServed = [
  "auto-tls",
  "cipher-suites",
  "client-cert-allowed-hostname",
  "client-crl-file",
  "config-file",
  "cors",
  "discovery-endpoints",
  "discovery-token",
  "enable-distributed-tracing",
  "enable-pprof",
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
  ...hidden(leftAlone.bool, { kind: "bool", default: false, usage: "" }),
  ...hidden(leftAlone.string, { kind: "string", default: "", usage: "" }),
  ...hidden(notServed, { kind: "string", default: "", noOptDefault: "true", usage: "" }),
  ...servedFlags,
};

/** The flags given that ask for what this server does not do. */
export function refusedFlags(values: Readonly<Record<string, unknown>>): string[] {
  return notServed.filter((name) => values[name] !== "");
}
