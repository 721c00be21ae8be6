// Metrics of the files. They stay at zero while the server keeps its data in memory.
// Go: server/storage/wal/metrics.go, server/storage/backend/metrics.go, server/etcdserver/api/snap/metrics.go
import { exponentialBounds, Histogram, secondsBounds } from "../../metrics/histogram";
import { gauge, histogram, type Family } from "./family";

/** What never happens here, as there are no such steps: pages are not moved in the db file, and no leader sends a snapshot. */
const never = new Histogram(secondsBounds);
const neverSaved = new Histogram(exponentialBounds(0.1, 2, 10));

export const diskFamilies: readonly Family[] = [
  histogram(
    "etcd_disk_wal_fsync_duration_seconds",
    "How long an fsync of the write-ahead log takes.",
    ({ metrics }) => metrics.wal.fsyncSeconds,
  ),
  histogram(
    "etcd_disk_wal_write_duration_seconds",
    "How long a write to the write-ahead log takes.",
    ({ metrics }) => metrics.wal.writeSeconds,
  ),
  gauge(
    "etcd_disk_wal_write_bytes_total",
    "Bytes written to the write-ahead log.",
    ({ metrics }) => metrics.wal.writtenBytes,
  ),
  histogram(
    "etcd_disk_backend_commit_duration_seconds",
    "How long it takes to write the db file.",
    ({ metrics }) => metrics.commitSeconds,
  ),
  histogram(
    "etcd_debugging_disk_backend_commit_write_duration_seconds",
    "How long it takes to write the db file.",
    ({ metrics }) => metrics.commitSeconds,
  ),
  histogram(
    "etcd_debugging_disk_backend_commit_rebalance_duration_seconds",
    "Of merging pages, which does not happen here.",
    () => never,
  ),
  histogram(
    "etcd_debugging_disk_backend_commit_spill_duration_seconds",
    "Of splitting pages, which does not happen here.",
    () => never,
  ),
  histogram(
    "etcd_disk_backend_defrag_duration_seconds",
    "How long defragmentations take.",
    ({ metrics }) => metrics.defragSeconds,
  ),
  gauge("etcd_disk_defrag_inflight", "Whether a defragmentation runs: 1 or 0.", ({ metrics }) =>
    Math.min(metrics.defragsRunning, 1),
  ),
  histogram(
    "etcd_disk_backend_snapshot_duration_seconds",
    "How long it takes to send a snapshot.",
    ({ metrics }) => metrics.snapshotSeconds,
  ),
  histogram(
    "etcd_snap_fsync_duration_seconds",
    "How long an fsync of a .snap file takes.",
    ({ metrics }) => metrics.snap.fsyncSeconds,
  ),
  histogram(
    "etcd_debugging_snap_save_total_duration_seconds",
    "How long it takes to save a .snap file.",
    ({ metrics }) => metrics.snapSaveSeconds,
  ),
  histogram(
    "etcd_debugging_snap_save_marshalling_duration_seconds",
    "How long it takes to encode a .snap file.",
    ({ metrics }) => metrics.snapEncodeSeconds,
  ),
  histogram(
    "etcd_snap_db_fsync_duration_seconds",
    "Of a snapshot from a leader, which does not happen here.",
    () => never,
  ),
  histogram(
    "etcd_snap_db_save_total_duration_seconds",
    "Of a snapshot from a leader, which does not happen here.",
    () => neverSaved,
  ),
];
