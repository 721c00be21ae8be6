// The /metrics page in Prometheus' text format, with the metrics of etcd that tools read and this server can compute. The
// server keeps no counters: each request computes the values.
import { cpuUsage, memoryUsage, uptime } from "node:process";
import { firstKey } from "../../etcd/keys";
import type { EtcdServer } from "../etcd-server";
import { quotaBytes } from "../rpc/quota";

type Kind = "gauge" | "counter";
type Metric = readonly [name: string, kind: Kind, help: string, value: number | bigint, labels?: string];

export function metricsPage(server: EtcdServer): string {
  return [...serverMetrics(server), ...processMetrics()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, kind, help, value, labels = ""]) =>
      [`# HELP ${name} ${help}`, `# TYPE ${name} ${kind}`, `${name}${labels} ${value}`, ""].join("\n"),
    )
    .join("");
}

function serverMetrics(server: EtcdServer): Metric[] {
  const { store, lessor, membership, raft, versions, auth } = server;
  const leads = membership.hasQuorum ? 1 : 0;
  const compacted = Math.max(store.compactRevision, 0);
  const { count } = store.range(firstKey, allKeys, { countOnly: true });
  const quota = quotaBytes(server);
  return [
    ["etcd_server_has_leader", "gauge", "Whether a leader exists: 1 or 0.", leads],
    ["etcd_server_is_leader", "gauge", "Whether this member leads: 1 or 0.", leads],
    ["etcd_server_is_learner", "gauge", "Whether this member is a learner: 1 or 0.", 0],
    [
      "etcd_server_id",
      "gauge",
      "The member's id, as a label.",
      1,
      `{server_id="${membership.memberId.toString(16)}"}`,
    ],
    [
      "etcd_server_version",
      "gauge",
      "The server's version, as a label.",
      1,
      `{server_version="${versions.server}"}`,
    ],
    [
      "etcd_cluster_version",
      "gauge",
      "The cluster's version, as a label.",
      1,
      `{cluster_version="${versions.cluster.replace(/\.\d+$/, "")}"}`,
    ],
    ["etcd_server_quota_backend_bytes", "gauge", "How large the db may grow.", quota],
    ["etcd_server_proposals_committed_total", "gauge", "Index of the last entry committed.", raft.index],
    ["etcd_server_proposals_applied_total", "gauge", "Index of the last entry applied.", raft.index],
    ["etcd_mvcc_db_total_size_in_bytes", "gauge", "Size of the db.", store.sizeBytes],
    ["etcd_mvcc_db_total_size_in_use_in_bytes", "gauge", "What of the db is in use.", store.sizeInUseBytes],
    ["etcd_debugging_mvcc_keys_total", "gauge", "Number of keys.", count],
    ["etcd_debugging_mvcc_current_revision", "gauge", "The newest revision.", store.revision],
    ["etcd_debugging_mvcc_compact_revision", "gauge", "The last compacted revision.", compacted],
    ["etcd_debugging_server_leases_total", "gauge", "Number of leases.", lessor.leases().length],
    ["etcd_debugging_auth_revision", "gauge", "Revision of users and roles.", auth.revision],
  ];
}

function processMetrics(): Metric[] {
  const { rss } = memoryUsage();
  const { user, system } = cpuUsage();
  const startedAt = (Date.now() - uptime() * 1000) / 1000;
  return [
    ["process_resident_memory_bytes", "gauge", "Resident memory size in bytes.", rss],
    ["process_cpu_seconds_total", "counter", "CPU time spent in seconds.", (user + system) / 1e6],
    ["process_start_time_seconds", "gauge", "Start of the process since the epoch in seconds.", startedAt],
  ];
}

const allKeys = Buffer.alloc(0);
