// Metrics of the store, its watchers and the leases. Go: server/storage/mvcc/metrics.go, server/lease/metrics.go
import { counter, gauge, histogram, type Family } from "./family";

export const storeFamilies: readonly Family[] = [
  counter("etcd_mvcc_range_total", "Ranges that were read.", ({ metrics }) => metrics.ranges),
  counter("etcd_mvcc_put_total", "Puts.", ({ metrics }) => metrics.puts),
  counter("etcd_mvcc_delete_total", "Deletes of keys or ranges.", ({ metrics }) => metrics.deletes),
  counter("etcd_mvcc_txn_total", "Transactions of several operations.", ({ metrics }) => metrics.txns),
  histogram(
    "etcd_mvcc_hash_duration_seconds",
    "How long the hash of the whole db takes.",
    ({ metrics }) => metrics.hashSeconds,
  ),
  histogram(
    "etcd_mvcc_hash_rev_duration_seconds",
    "How long the hash of the keys up to a revision takes.",
    ({ metrics }) => metrics.hashKvSeconds,
  ),
  gauge("etcd_mvcc_db_total_size_in_bytes", "Size of the db.", ({ store }) => store.sizeBytes),
  gauge(
    "etcd_mvcc_db_total_size_in_use_in_bytes",
    "Used part of the db.",
    ({ store }) => store.sizeInUseBytes,
  ),
  // Reads hold no transaction open: a range is over before the next request begins.
  gauge("etcd_mvcc_db_open_read_transactions", "Open read transactions of the db.", () => 0),

  gauge("etcd_debugging_mvcc_keys_total", "Number of keys.", ({ store }) => store.keyCount),
  gauge("etcd_debugging_mvcc_current_revision", "The newest revision.", ({ store }) => store.revision),
  gauge(
    "etcd_debugging_mvcc_compact_revision",
    "The last compacted revision; -1 if there is none.",
    ({ store }) => store.compactRevision,
  ),
  gauge(
    "etcd_debugging_mvcc_total_put_size_in_bytes",
    "Bytes of the keys and values of all puts.",
    ({ metrics }) => metrics.putBytes,
  ),
  counter(
    "etcd_debugging_mvcc_db_compaction_keys_total",
    "Records that compactions removed.",
    ({ metrics }) => metrics.compactedKeys,
  ),
  gauge(
    "etcd_debugging_mvcc_db_compaction_last",
    "When the last compaction ended, in seconds since the epoch; 0 if there was none.",
    ({ metrics }) => metrics.lastCompactionAt,
  ),
  histogram(
    "etcd_debugging_mvcc_db_compaction_total_duration_milliseconds",
    "How long compactions take.",
    ({ metrics }) => metrics.compactionMs,
  ),
  histogram(
    "etcd_debugging_mvcc_db_compaction_pause_duration_milliseconds",
    "How long each step of a compaction stops other requests.",
    ({ metrics }) => metrics.compactionStepMs,
  ),
  histogram(
    "etcd_debugging_mvcc_index_compaction_pause_duration_milliseconds",
    "How long the compaction of the key index stops other requests.",
    ({ metrics }) => metrics.indexCompactionMs,
  ),

  counter("etcd_debugging_mvcc_events_total", "Events sent to watchers.", ({ metrics }) => metrics.events),
  gauge(
    "etcd_debugging_mvcc_pending_events_total",
    "Events that wait for their watchers.",
    ({ store }) => store.watchCounts().pendingEvents,
  ),
  gauge(
    "etcd_debugging_mvcc_watch_stream_total",
    "Watch streams.",
    ({ store }) => store.watchCounts().streams,
  ),
  gauge("etcd_debugging_mvcc_watcher_total", "Watchers.", ({ store }) => store.watchCounts().watchers),
  gauge(
    "etcd_debugging_mvcc_slow_watcher_total",
    "Watchers that have not received every event yet.",
    ({ store }) => store.watchCounts().slowWatchers,
  ),

  histogram(
    "etcd_debugging_server_watch_send_loop_watch_stream_duration_seconds",
    "How long it takes to send a response of a watch.",
    ({ metrics }) => metrics.watchSendSeconds,
  ),
  histogram(
    "etcd_debugging_server_watch_send_loop_watch_stream_duration_per_event_seconds",
    "The same, divided by the events of the response.",
    ({ metrics }) => metrics.watchEventSeconds,
  ),
  histogram(
    "etcd_debugging_server_watch_send_loop_control_stream_duration_seconds",
    "How long it takes to send the response that a watcher was created.",
    ({ metrics }) => metrics.watchControlSeconds,
  ),
  histogram(
    "etcd_debugging_server_watch_send_loop_progress_duration_seconds",
    "How long it takes to find the watchers of a stream that are due for a progress notification.",
    ({ metrics }) => metrics.watchProgressSeconds,
  ),

  counter("etcd_debugging_lease_granted_total", "Leases granted.", ({ metrics }) => metrics.leasesGranted),
  counter(
    "etcd_debugging_lease_revoked_total",
    "Leases revoked, also by their expiry.",
    ({ metrics }) => metrics.leasesRevoked,
  ),
  counter("etcd_debugging_lease_renewed_total", "Keep-alives.", ({ metrics }) => metrics.leasesRenewed),
  histogram(
    "etcd_debugging_lease_ttl_total",
    "TTLs of the granted leases.",
    ({ metrics }) => metrics.leaseTtls,
  ),
  counter(
    "etcd_debugging_server_lease_expired_total",
    "Leases expired.",
    ({ metrics }) => metrics.leasesExpired,
  ),
];
