// Every command of etcdutl. The order is that of etcdutl/ctl.go.
import { etcdutlFlags } from "../../commands/etcdutl";
import { helpFlag } from "../global-flags";
import type { CommandNode } from "./builders";
import { completion, help, leaf, parent } from "./builders";

const etcdutl = () => import("../../commands/etcdutl");
const snapshotRestore = () => import("../../commands/snapshot/restore");
const snapshotStatus = () => import("../../commands/snapshot/status");

const defragSummary = "Release unused space in the database file of a stopped member";
const migrateSummary = "Migrate the files of a stopped member to another version of etcd";
const restoreSummary = "Create a data directory from a backup";

const snapshot = parent("snapshot", "Restore and check backups", [
  leaf("restore <file> --data-dir <dir>", restoreSummary, snapshotRestore, "etcdutlSnapshotRestore"),
  leaf(
    "status <file>",
    "Show the hash, revision and size of a backup",
    snapshotStatus,
    "etcdutlSnapshotStatus",
  ),
]);

export const root: CommandNode = {
  name: "etcdutl",
  usage: "<command> [flags]",
  summary: "Manage etcd's files: backups, and the data directories of stopped members.",
  flags: { ...helpFlag, ...etcdutlFlags },
  children: [
    leaf("defrag --data-dir <dir>", defragSummary, etcdutl, "etcdutlDefrag"),
    snapshot,
    leaf("hashkv <file>", "Show the hash of a database file's history", etcdutl, "etcdutlHashKV"),
    leaf("version", "Print the version of etcdutl", etcdutl, "etcdutlVersion"),
    completion("etcdutl"),
    leaf("migrate --data-dir <dir> --target-version <x.y>", migrateSummary, etcdutl, "etcdutlMigrate"),
    help,
  ],
};
