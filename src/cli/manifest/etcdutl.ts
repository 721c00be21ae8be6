// Every command of etcdutl, as manifest/root.ts has those of etcdctl. Data only; the order is etcd's, as in etcdutl's ctl.go.
import { etcdutlFlags } from "../../commands/etcdutl";
import { helpFlag } from "../global-flags";
import type { CommandNode } from "./builders";
import { completion, help, leaf, parent } from "./builders";

const snapshot = parent("snapshot", "Backups: what one holds, and a member made of it", [
  leaf(
    "restore",
    "<file> --data-dir <dir>",
    "Make the data dir of a new member from a backup",
    async () => (await import("../../commands/snapshot/restore")).etcdutlSnapshotRestore,
  ),
  leaf(
    "status",
    "<file>",
    "Check a backup and show its hash, revision and size",
    async () => (await import("../../commands/snapshot/status")).etcdutlSnapshotStatus,
  ),
]);

export const root: CommandNode = {
  name: "etcdutl",
  usage: "<command> [flags]",
  summary: "Works on etcd's files: backups, and the data dirs of members that do not run.",
  flags: { ...helpFlag, ...etcdutlFlags },
  children: [
    leaf(
      "defrag",
      "--data-dir <dir>",
      "Give unused space of a stopped member's database back",
      async () => (await import("../../commands/etcdutl")).etcdutlDefrag,
    ),
    snapshot,
    leaf(
      "hashkv",
      "<file>",
      "Hash the keys and their history in a db file",
      async () => (await import("../../commands/etcdutl")).etcdutlHashKV,
    ),
    leaf(
      "version",
      "",
      "Show which etcdutl this answers as",
      async () => (await import("../../commands/etcdutl")).etcdutlVersion,
    ),
    completion("etcdutl"),
    leaf(
      "migrate",
      "--data-dir <dir> --target-version <x.y>",
      "Fit a stopped member's files to another version of etcd",
      async () => (await import("../../commands/etcdutl")).etcdutlMigrate,
    ),
    help,
  ],
};
