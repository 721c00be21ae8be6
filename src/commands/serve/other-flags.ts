// The flags of etcd 3.4 to 3.7 that `serve` accepts without effect or refuses, with the reasons.
// Go: server/embed/config.go, server/etcdmain/config.go and help.go; the same files of releases 3.4, 3.5 and 3.6
import { refused, withoutEffect, type EffectFlag } from "./effects";

const seconds = 1000;

/** Like a switch, but with any value. Go: pkg/flags/ignored.go */
const ignored: EffectFlag = {
  ...{ kind: "string", default: "", usage: "", hidden: true, noOptDefault: "true" },
  ...{ effect: "none", why: "etcd accepts it without effect too" },
};

export const flagsWithoutEffect = {
  ...withoutEffect("there are no other members to talk to", {
    "listen-peer-urls": ["string", "http://localhost:2380"],
    "peer-cert-file": "string",
    "peer-key-file": "string",
    "peer-client-cert-auth": "bool",
    "peer-client-cert-file": "string",
    "peer-client-key-file": "string",
    "peer-trusted-ca-file": "string",
    "peer-cert-allowed-cn": "string",
    "peer-cert-allowed-hostname": "string",
    "peer-crl-file": "string",
    "peer-auto-tls": "bool",
    "peer-skip-client-san-verification": "bool",
    "client-cert-file": "string",
    "client-key-file": "string",
    "raft-read-timeout": ["duration", 5 * seconds],
    "raft-write-timeout": ["duration", 5 * seconds],
    "snapshot-catchup-entries": ["uint64", 5000n],
    "strict-reconfig-check": ["bool", true],
    "experimental-wait-cluster-ready-timeout": ["duration", 5 * seconds],
  }),
  ...withoutEffect("the only member is always the leader", {
    "pre-vote": ["bool", true],
    "initial-election-tick-advance": ["bool", true],
  }),
  ...withoutEffect(
    "the time that is left to a lease is not stored; after a restart a lease has its whole TTL",
    {
      "experimental-enable-lease-checkpoint": "bool",
      "experimental-enable-lease-checkpoint-persist": "bool",
    },
  ),
  ...withoutEffect("one member has no other data to compare with", {
    "corrupt-check-time": "duration",
    "compact-hash-check-time": ["duration", 60 * seconds],
    "experimental-compact-hash-check-enabled": "bool",
    "experimental-initial-corrupt-check": "bool",
    "downgrade-check-time": ["duration", 5 * seconds],
  }),
  ...withoutEffect("the store is not bbolt while the server runs", {
    "backend-bbolt-freelist-type": ["string", "map"],
    "backend-batch-interval": "duration",
    "backend-batch-limit": "int64",
    "compaction-batch-limit": "int64",
    "compaction-sleep-interval": "duration",
    "bootstrap-defrag-threshold-megabytes": "uint",
    "memory-mlock": "bool",
    "experimental-txn-mode-write-with-shared-buffer": ["bool", true],
  }),
  ...withoutEffect("its feature has no effect with one member", {
    "experimental-set-member-localaddr": "bool",
  }),
  ...withoutEffect("the profiler is Go's; for a profile of this server: node --cpu-prof", {
    "enable-pprof": "bool",
  }),
  ...withoutEffect("sockets of Node.js can always be bound again; two servers never share a port", {
    "socket-reuse-address": "bool",
    "socket-reuse-port": "bool",
  }),
  ...withoutEffect("it belongs to another flag, which is refused or has no effect", {
    "discovery-srv-name": "string",
    "discovery-dial-timeout": ["duration", 2 * seconds],
    "discovery-request-timeout": ["duration", 5 * seconds],
    "discovery-keepalive-time": ["duration", 2 * seconds],
    "discovery-keepalive-timeout": ["duration", 6 * seconds],
    "discovery-insecure-transport": ["bool", true],
    "discovery-insecure-skip-tls-verify": "bool",
    "discovery-cert": "string",
    "discovery-key": "string",
    "discovery-cacert": "string",
    "discovery-user": "string",
    "discovery-password": "string",
    "discovery-proxy": "string",
    "distributed-tracing-address": ["string", "localhost:4317"],
    "distributed-tracing-service-name": ["string", "etcd"],
    "distributed-tracing-instance-id": "string",
    "distributed-tracing-sampling-rate": "int64",
    "proxy-dial-timeout": ["uint", 1000],
    "proxy-failure-wait": ["uint", 5000],
    "proxy-read-timeout": "uint",
    "proxy-refresh-interval": ["uint", 30000],
    "proxy-write-timeout": ["uint", 5000],
    "log-rotation-config-json": "string",
    "log-package-levels": "string",
  }),
  ...withoutEffect("etcd accepts it without effect too", {
    "v2-deprecation": ["string", "write-only"],
  }),
  ...Object.fromEntries(
    [
      ...["cluster-active-size", "cluster-remove-delay", "cluster-sync-interval", "config", "force"],
      ...["max-result-buffer", "max-retry-attempts", "peer-heartbeat-interval", "peer-election-timeout"],
      ...["retry-interval", "snapshot", "v", "vv"],
    ].map((name) => [name, ignored]),
  ),
} as const;

const oneMember = "the embedded server is always a cluster of one member";

export const refusedFlags = {
  ...refused(oneMember, "name the member with --initial-cluster, or use etcd", {
    discovery: "string",
    "discovery-endpoints": "string",
    "discovery-token": "string",
    "discovery-srv": "string",
  }),
  ...refused("a server that only passes calls on is not part of it", "use etcd 3.5, or `etcd grpc-proxy`", {
    proxy: ["string", "off"],
    "discovery-fallback": ["string", "exit"],
    "experimental-enable-v2v3": "string",
  }),
  ...refused("it sends no traces", "leave it out, or use etcd", { "enable-distributed-tracing": "bool" }),
  ...refused("it does not rotate its log", "use logrotate with copytruncate on the file of --log-outputs", {
    "enable-log-rotation": "bool",
  }),
} as const;
