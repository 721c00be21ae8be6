// A piece of the manifest: looking after a cluster. Data only; cli/manifest/root.ts puts the pieces together.
import { leaf, parent } from "./node";

const endpointFlags = {
  cluster: { kind: "bool", default: false, usage: "ask all members of the cluster, not only --endpoints" },
} as const;

export const endpoint = {
  ...parent("endpoint", "Ask each endpoint how it is: health, status, hash", [
    leaf(
      "health",
      "",
      "Test whether each endpoint can commit",
      () => import("../../commands/endpoint/health"),
    ),
    leaf(
      "status",
      "",
      "Show version, sizes and raft state of each",
      () => import("../../commands/endpoint/status"),
    ),
    leaf(
      "hashkv",
      "",
      "Hash the keys and their history at each",
      () => import("../../commands/endpoint/hashkv"),
    ),
  ]),
  flags: endpointFlags,
};

export const alarm = parent("alarm", "Alarms: no space, damaged data", [
  leaf("disarm", "", "Disarm all alarms", () => import("../../commands/alarm/disarm")),
  leaf("list", "", "List all alarms", () => import("../../commands/alarm/list")),
]);

export const defrag = leaf(
  "defrag",
  "",
  "Give unused space of the database back",
  () => import("../../utl/etcdctl/defrag"),
);

export const moveLeader = leaf(
  "move-leader",
  "<member>",
  "Hand the leadership to another member",
  () => import("../../commands/move-leader"),
);

export const member = parent("member", "The members of the cluster", [
  leaf("add", "<name>", "Add a member to the cluster", () => import("../../commands/member/add")),
  leaf(
    "remove",
    "<member>",
    "Remove a member from the cluster",
    () => import("../../commands/member/remove"),
  ),
  leaf(
    "update",
    "<member>",
    "Change the peer URLs of a member",
    () => import("../../commands/member/update"),
  ),
  leaf("list", "", "List all members", () => import("../../commands/member/list")),
  leaf(
    "promote",
    "<member>",
    "Make a learner a voting member",
    () => import("../../commands/member/promote"),
  ),
]);

export const snapshot = parent("snapshot", "Backups of the whole key space", [
  leaf(
    "save",
    "<file>",
    "Save a backup to a file, or to stdout with -",
    () => import("../../commands/snapshot/save"),
  ),
  leaf(
    "restore",
    "<file>",
    "Make the data dir of a new member from a backup",
    () => import("../../utl/etcdctl/snapshot-restore"),
  ),
  leaf(
    "status",
    "<file>",
    "Check a backup, show its hash, revision and size",
    () => import("../../utl/etcdctl/snapshot-status"),
  ),
]);

export const downgrade = parent("downgrade", "Downgrade the cluster to an older version", [
  leaf(
    "validate",
    "<version>",
    "Test whether the cluster could be downgraded",
    () => import("../../commands/downgrade/validate"),
  ),
  leaf(
    "enable",
    "<version>",
    "Begin a downgrade of the cluster",
    () => import("../../commands/downgrade/enable"),
  ),
  leaf("cancel", "", "Call a downgrade off", () => import("../../commands/downgrade/cancel")),
]);

export const check = parent("check", "Measure whether a cluster is fit for its work", [
  leaf("perf", "", "Measure whether the cluster is fast enough", () => import("../../commands/check/perf")),
  leaf(
    "datascale",
    "",
    "Measure the memory that so much data costs",
    () => import("../../commands/check/datascale"),
  ),
]);
