// Every command of etcdutl, as manifest/root.ts has those of etcdctl. Data only; the order is etcd's, as in etcdutl's ctl.go.
import { utlFlags } from "../../utl/flags";
import type { CommandNode } from "../command-node";
import { helpFlag } from "../global-flags";
import { completion, help, leaf, parent } from "./node";

const snapshot = parent("snapshot", "Backups: what one holds, and a member made of it", [
  leaf(
    "restore",
    "<file> --data-dir <dir>",
    "Make the data dir of a new member from a backup",
    () => import("../../utl/commands/snapshot-restore"),
  ),
  leaf(
    "status",
    "<file>",
    "Check a backup and show its hash, revision and size",
    () => import("../../utl/commands/snapshot-status"),
  ),
]);

export const root: CommandNode = {
  name: "etcdutl",
  usage: "<command> [flags]",
  summary: "Works on etcd's files: backups, and the data dirs of members that do not run.",
  flags: { ...helpFlag, ...utlFlags },
  children: [
    leaf(
      "defrag",
      "--data-dir <dir>",
      "Give unused space of a stopped member's database back",
      () => import("../../utl/commands/defrag"),
    ),
    snapshot,
    leaf(
      "hashkv",
      "<file>",
      "Hash the keys and their history in a db file",
      () => import("../../utl/commands/hashkv"),
    ),
    leaf("version", "", "Show which etcdutl this answers as", () => import("../../utl/commands/version")),
    completion("etcdutl"),
    leaf(
      "migrate",
      "--data-dir <dir> --target-version <x.y>",
      "Fit a stopped member's files to another version of etcd",
      () => import("../../utl/commands/migrate"),
    ),
    help,
  ],
};
