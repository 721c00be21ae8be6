// Metrics of the member: its state, proposals, requests, and what it never does as it has no peers.
// Go: server/etcdserver/metrics.go, server/etcdserver/read/metrics.go, server/etcdserver/txn/metrics.go
import { AlarmType } from "../../../proto/gen/etcdserverpb";
import type { EtcdServer } from "../../member/etcd-server";
import { alarmName } from "../../member/alarms";
import { quotaBytes } from "../../rpc/quota";
import { counter, gauge, histograms, labelled, type Family, type Sample } from "./family";

const leads = ({ membership }: EtcdServer) => (membership.hasQuorum ? 1 : 0);

/** A gauge of 1 whose label has the information. */
const info = (label: string, value: string): readonly Sample[] => [{ labels: { [label]: value }, value: 1 }];

export const serverFamilies: readonly Family[] = [
  gauge("etcd_server_has_leader", "Whether a leader exists: 1 or 0.", leads),
  gauge("etcd_server_is_leader", "Whether this member leads: 1 or 0.", leads),
  gauge("etcd_server_is_learner", "Whether this member is a learner: 1 or 0.", () => 0),
  counter(
    "etcd_server_leader_changes_seen_total",
    "Elections of a leader.",
    ({ metrics }) => metrics.leaderChanges,
  ),
  counter("etcd_server_learner_promote_successes", "Promotions of learners.", () => 0),
  counter("etcd_server_heartbeat_send_failures_total", "Heartbeats to peers that failed.", () => 0),
  gauge(
    "etcd_server_snapshot_apply_in_progress_total",
    "Whether a leader's snapshot is applied: 1 or 0.",
    () => 0,
  ),
  gauge(
    "etcd_server_proposals_committed_total",
    "Index of the last entry committed.",
    ({ raft }) => raft.index,
  ),
  gauge("etcd_server_proposals_applied_total", "Index of the last entry applied.", ({ raft }) => raft.index),
  gauge(
    "etcd_server_proposals_pending",
    "Changes that are not durable yet.",
    ({ metrics }) => metrics.proposalsPending,
  ),
  counter(
    "etcd_server_proposals_failed_total",
    "Changes that were not accepted into the log.",
    ({ metrics }) => metrics.proposalsFailed,
  ),
  counter(
    "etcd_server_read_indexes_failed_total",
    "Linearizable reads that failed for want of a leader.",
    ({ metrics }) => metrics.readIndexesFailed,
  ),
  counter("etcd_server_slow_read_indexes_total", "Linearizable reads that waited for a leader.", () => 0),
  counter(
    "etcd_server_slow_apply_total",
    "Changes that took more than 100 ms to apply.",
    ({ metrics }) => metrics.slowApplies,
  ),
  histograms(
    "etcd_server_request_duration_seconds",
    "How long requests take, by type.",
    ({ metrics }) => metrics.requestSeconds,
  ),
  histograms(
    "etcd_server_range_duration_seconds",
    "How long ranges take.",
    ({ metrics }) => metrics.rangeSeconds,
  ),
  histograms(
    "etcd_server_apply_duration_seconds",
    "How long it takes to apply a change.",
    ({ metrics }) => metrics.applySeconds,
  ),
  gauge("etcd_server_quota_backend_bytes", "How large the db may grow.", quotaBytes),
  labelled("gauge", "etcd_server_id", "The member's id.", ({ membership }) =>
    info("server_id", membership.memberId.toString(16)),
  ),
  labelled("gauge", "etcd_server_version", "The server's version.", ({ versions }) =>
    info("server_version", versions.server),
  ),
  labelled("gauge", "etcd_cluster_version", "The cluster's version.", ({ versions }) =>
    info("cluster_version", versions.cluster.replace(/\.\d+$/, "")),
  ),
  labelled("gauge", "etcd_server_feature_enabled", "Whether a feature is on: 1 or 0.", (server) =>
    server.features.map(({ name, stage, isOn }) => ({ labels: { name, stage }, value: Number(isOn) })),
  ),
  labelled("gauge", "etcd_network_known_peers", "The members.", ({ membership }) =>
    membership.members.map(({ id }) => ({
      labels: { Local: membership.memberId.toString(16), Remote: id.toString(16) },
      value: 1,
    })),
  ),
  labelled("gauge", "etcd_debugging_server_alarms", "The raised alarms.", ({ alarms }) =>
    alarms.list(AlarmType.NONE).map(({ memberID, alarm }) => ({
      labels: { alarm_type: alarmName(alarm), server_id: memberID.toString(16) },
      value: 1,
    })),
  ),
  gauge("etcd_debugging_auth_revision", "Revision of users and roles.", ({ auth }) => auth.revision),

  gauge("etcd_grpc_proxy_cache_hits_total", "Of the gRPC proxy, which this is not.", () => 0),
  gauge("etcd_grpc_proxy_cache_keys_total", "Of the gRPC proxy, which this is not.", () => 0),
  gauge("etcd_grpc_proxy_cache_misses_total", "Of the gRPC proxy, which this is not.", () => 0),
  counter("etcd_grpc_proxy_events_coalescing_total", "Of the gRPC proxy, which this is not.", () => 0),
  gauge("etcd_grpc_proxy_watchers_coalescing_total", "Of the gRPC proxy, which this is not.", () => 0),

  counter(
    "etcd_debugging_store_expires_total",
    "Keys of version 2 that expired.",
    ({ metrics }) => metrics.v2.expired,
  ),
  counter(
    "etcd_debugging_store_watch_requests_total",
    "Watches of version 2 that were begun.",
    ({ metrics }) => metrics.v2.watchRequests,
  ),
  gauge(
    "etcd_debugging_store_watchers",
    "Watches of version 2 that are open.",
    ({ metrics }) => metrics.v2.watchers,
  ),
];
