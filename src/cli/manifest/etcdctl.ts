// Every command of etcdctl: name, arguments, summary, and the file and export with its code, loaded when the command runs.
// A new command is its file in src/commands/, its line here and its transcripts.
// The order is that of etcdctl/ctlv3/ctl.go, because suggestions follow it. The help sorts by group and name.
import type { FlagTable } from "../../input/flags";
import { helpFlag } from "../global-flags";
import type { CommandNode } from "./builders";
import {
  addition,
  auth,
  cluster,
  completion,
  concurrency,
  help,
  kv,
  leaf,
  parent,
  utility,
} from "./builders";

const files = {
  alarm: () => import("../../commands/alarm"),
  auth: () => import("../../commands/auth"),
  datascale: () => import("../../commands/check/datascale"),
  perf: () => import("../../commands/check/perf"),
  compaction: () => import("../../commands/compaction"),
  defrag: () => import("../../commands/defrag"),
  del: () => import("../../commands/del"),
  doctor: () => import("../../commands/doctor/doctor"),
  downgrade: () => import("../../commands/downgrade"),
  diff: () => import("../../commands/transfer/diff"),
  edit: () => import("../../commands/edit"),
  elect: () => import("../../commands/elect"),
  endpoint: () => import("../../commands/endpoint"),
  export: () => import("../../commands/transfer/export"),
  get: () => import("../../commands/get"),
  history: () => import("../../commands/history"),
  import: () => import("../../commands/transfer/import"),
  k8sLs: () => import("../../commands/kubernetes/ls"),
  k8sGet: () => import("../../commands/kubernetes/get"),
  k8sTree: () => import("../../commands/kubernetes/tree"),
  k8sEncryption: () => import("../../commands/kubernetes/encryption"),
  lease: () => import("../../commands/lease"),
  lock: () => import("../../commands/lock"),
  makeMirror: () => import("../../commands/make-mirror"),
  member: () => import("../../commands/member"),
  memberReplace: () => import("../../commands/replace/member-replace"),
  put: () => import("../../commands/put"),
  role: () => import("../../commands/role"),
  serve: () => import("../../commands/serve"),
  reclaim: () => import("../../commands/space/reclaim"),
  snapshotRestore: () => import("../../commands/snapshot/restore"),
  snapshotSave: () => import("../../commands/snapshot/save"),
  snapshotStatus: () => import("../../commands/snapshot/status"),
  snapshotVerify: () => import("../../commands/snapshot/verify"),
  txn: () => import("../../commands/txn/txn"),
  usage: () => import("../../commands/usage/usage"),
  ui: () => import("../../commands/ui"),
  user: () => import("../../commands/user"),
  version: () => import("../../commands/version"),
  watch: () => import("../../commands/watch"),
} as const;

const k8s: CommandNode = addition({
  ...parent("k8s", "Show what Kubernetes has stored", [
    leaf("ls [kind] [name...]", "List resources, or the objects of one", files.k8sLs, "command"),
    leaf("get <kind> [name...]", "Print objects as kubectl does", files.k8sGet, "command"),
    leaf("tree [kind name...]", "Show which object belongs to which", files.k8sTree, "command"),
    leaf("encryption", "Show by which keys values are encrypted at rest", files.k8sEncryption, "command"),
  ]),
  flags: {
    output: {
      kind: "string",
      default: "",
      short: "o",
      usage: "the same as --write-out, as kubectl spells it",
      values: ["json", "jsonl", "simple", "table", "yaml"],
      aliasOf: "write-out",
    },
  },
});

const alarm = parent("alarm", "List and disarm alarms", [
  leaf("disarm", "Disarm all alarms", files.alarm, "alarmDisarm"),
  leaf("list", "List all alarms", files.alarm, "alarmList"),
]);

const endpoint: CommandNode = {
  ...parent("endpoint", "Show health, status and hash of endpoints", [
    leaf("health", "Check that each endpoint can commit a proposal", files.endpoint, "endpointHealth"),
    leaf("status", "Show version, size and raft state of each endpoint", files.endpoint, "endpointStatus"),
    leaf("hashkv", "Show the hash of each endpoint's key-value history", files.endpoint, "endpointHashKV"),
  ]),
  flags: {
    cluster: { kind: "bool", default: false, usage: "use all endpoints of the cluster's member list" },
  },
};

const lease = parent("lease", "Grant, renew and revoke leases", [
  leaf("grant <ttl>", "Grant a lease with a time to live in seconds", files.lease, "leaseGrant"),
  leaf("revoke <lease_id>", "Revoke a lease and delete its keys", files.lease, "leaseRevoke"),
  leaf("timetolive <lease_id>", "Show the remaining time of a lease", files.lease, "leaseTimeToLive"),
  leaf("list", "List all leases", files.lease, "leaseList"),
  leaf("keep-alive <lease_id>", "Renew a lease until Ctrl-C", files.lease, "leaseKeepAlive"),
]);

const member = parent("member", "Manage the members of the cluster", [
  leaf("add <name>", "Add a member to the cluster", files.member, "memberAdd"),
  leaf("remove <member>", "Remove a member from the cluster", files.member, "memberRemove"),
  leaf("update <member>", "Change the peer URLs of a member", files.member, "memberUpdate"),
  leaf("list", "List all members", files.member, "memberList"),
  leaf("promote <member>", "Promote a learner to a voting member", files.member, "memberPromote"),
  addition(
    leaf(
      "replace <member>",
      "Put a new member in place of a dead or a live one",
      files.memberReplace,
      "memberReplace",
    ),
  ),
]);

const snapshot = parent("snapshot", "Save, restore and check backups", [
  leaf("save <file>", "Save a backup to a file, or to stdout with -", files.snapshotSave, "snapshotSave"),
  leaf(
    "restore <file>",
    "Create a data directory from a backup",
    files.snapshotRestore,
    "etcdctlSnapshotRestore",
  ),
  leaf(
    "status <file>",
    "Show the hash, revision and size of a backup",
    files.snapshotStatus,
    "etcdctlSnapshotStatus",
  ),
  addition(
    leaf(
      "verify <file>",
      "Check every page and record of a backup, and name what is damaged",
      files.snapshotVerify,
      "snapshotVerify",
    ),
  ),
]);

const space = addition(
  parent("space", "Make room in the database", [
    leaf("reclaim", "Compact, defragment and disarm the alarm NOSPACE", files.reclaim, "command"),
  ]),
);

const authentication = parent("auth", "Enable and disable authentication", [
  leaf("status", "Show whether authentication is enabled", files.auth, "authStatus"),
  leaf("enable", "Enable authentication", files.auth, "authEnable"),
  leaf("disable", "Disable authentication", files.auth, "authDisable"),
]);

const user = parent("user", "Manage users", [
  leaf("add <name or name:password>", "Add a user", files.user, "userAdd"),
  leaf("delete <user>", "Delete a user", files.user, "userDelete"),
  leaf("get <user>", "Show the roles of a user", files.user, "userGet"),
  leaf("list", "List all users", files.user, "userList"),
  leaf("passwd <user>", "Change the password of a user", files.user, "userPasswd"),
  leaf("grant-role <user> <role>", "Grant a role to a user", files.user, "userGrantRole"),
  leaf("revoke-role <user> <role>", "Revoke a role from a user", files.user, "userRevokeRole"),
]);

const role = parent("role", "Manage roles and their permissions", [
  leaf("add <name>", "Add a role", files.role, "roleAdd"),
  leaf("delete <role>", "Delete a role", files.role, "roleDelete"),
  leaf("get <role>", "Show the permissions of a role", files.role, "roleGet"),
  leaf("list", "List all roles", files.role, "roleList"),
  leaf(
    "grant-permission <role> <read|write|readwrite> <key> [range_end]",
    "Grant a role permission on a key or a range of keys",
    files.role,
    "roleGrantPermission",
  ),
  leaf(
    "revoke-permission <role> <key> [range_end]",
    "Revoke a permission of a role",
    files.role,
    "roleRevokePermission",
  ),
]);

const check = parent("check", "Check the performance and memory use of a cluster", [
  leaf("perf", "Check the performance of the cluster", files.perf, "command"),
  leaf("datascale", "Check how much memory the server uses for a workload", files.datascale, "command"),
]);

const downgrade = parent("downgrade", "Downgrade the cluster to an earlier version", [
  leaf("validate <version>", "Check that a downgrade is possible", files.downgrade, "downgradeValidate"),
  leaf("enable <version>", "Start a downgrade of the cluster", files.downgrade, "downgradeEnable"),
  leaf("cancel", "Cancel a downgrade", files.downgrade, "downgradeCancel"),
]);

const options: CommandNode = {
  name: "options",
  usage: "",
  summary: "List the global flags",
  builtin: "options",
  children: [],
};

const serve: CommandNode = {
  ...leaf("serve", "Run an embedded etcd server, for tests and offline work", files.serve, "command"),
  details:
    "With --data-dir, each write is in a write-ahead log and on the disk before its response, so a crash loses none. " +
    "Without it, all data is in memory. Ctrl-C, SIGTERM and SIGHUP stop the server.",
  isAddition: true,
};

const batch: CommandNode = {
  name: "batch",
  usage: "[file]",
  summary: "Run one command a line, from a file or standard input, over one connection",
  details:
    "A line has words with quotes as in a shell ('…' and \"…\" with \\n, \\xHH), or is JSON for arguments with any bytes: " +
    '["put", "key", {"base64": "/wA="}] or {"args": ["put", "key"], "stdin": "value"}. Lines that begin with # are ' +
    "comments. Global flags of batch count for every line. The exit code is that of the first line that failed.",
  flags: {
    jobs: {
      kind: "uint",
      default: 1,
      short: "j",
      usage: "commands that run at the same time; the output keeps the order",
    },
    "keep-going": { kind: "bool", default: false, short: "k", usage: "go on after a line that failed" },
    "txn-size": {
      kind: "uint",
      default: 1,
      usage: "join put lines that follow each other into transactions of up to this many puts",
    },
  },
  builtin: "session",
  isAddition: true,
  children: [],
};

const shell: CommandNode = {
  name: "shell",
  usage: "",
  summary: "Type commands at a prompt with history and completion, over one connection",
  details:
    "Ctrl-C stops the command that runs, not the shell; Ctrl-D or exit ends the shell. Global flags of shell count for " +
    "every line. The history is in $XDG_STATE_HOME/etcdctl/history, without lines that hold a password.",
  builtin: "session",
  isAddition: true,
  children: [],
};

function profileLeaf(use: string, summary: string, flags: FlagTable = {}): CommandNode {
  const [name = "", ...args] = use.split(" ");
  return { name, usage: args.join(" "), summary, flags, builtin: "profile", children: [] };
}

const profile: CommandNode = {
  ...parent("profile", "Keep endpoints, certificates and users of clusters under names", [
    profileLeaf("list", "List the profiles, and which are on this host"),
    profileLeaf("set <name>", "Keep the typed flags in a profile", {
      "password-command": {
        kind: "string",
        default: "",
        usage: "command of the shell that prints the password of --user",
      },
      confirm: {
        kind: "bool",
        default: false,
        usage: "ask on a terminal before del deletes a range, as with ETCDCTL_CONFIRM=1",
      },
    }),
    profileLeaf("use [profile]", "Make a profile the default of commands that name no cluster", {
      none: { kind: "bool", default: false, usage: "have no default" },
    }),
    profileLeaf("show [profile]", "Print the fields of a profile; default: the one in use"),
    profileLeaf("delete <profile>", "Remove a profile"),
  ]),
  isAddition: true,
};

const completionNote =
  "With ETCDCTL_COMPLETE_KEYS=1 in the environment, it also completes keys, leases, members, users and roles from the cluster.";

export const root: CommandNode = {
  name: "etcdctl",
  usage: "<command> [flags]",
  summary: "Read, write and manage etcd: over the network, or offline on a file.",
  flags: helpFlag,
  children: [
    kv(leaf("get <key> [range_end]", "Get a key or a range of keys", files.get, "command")),
    kv(leaf("put <key> [value]", "Write a key; read the value from stdin if absent", files.put, "command")),
    kv(leaf("del <key> [range_end]", "Delete a key or a range of keys", files.del, "command")),
    kv(leaf("txn", "Run requests from stdin as one transaction", files.txn, "command")),
    kv(
      leaf(
        "compaction <revision or current>",
        "Compact the history before a revision",
        files.compaction,
        "command",
      ),
    ),
    cluster(alarm),
    cluster(leaf("defrag", "Release unused space in the database file", files.defrag, "command")),
    cluster(endpoint),
    cluster(
      leaf("move-leader <member>", "Transfer leadership to another member", files.member, "moveLeader"),
    ),
    kv(
      leaf(
        "watch [key] [range_end] [-- command]",
        "Print changes, or run a command for each",
        files.watch,
        "command",
      ),
    ),
    utility(leaf("version", "Print the version of etcdctl", files.version, "command")),
    kv(lease),
    cluster(member),
    cluster(snapshot),
    utility(
      leaf(
        "make-mirror <destination>",
        "Copy keys and their changes to another cluster",
        files.makeMirror,
        "command",
      ),
    ),
    concurrency(
      leaf(
        "lock <name> [-- command]",
        "Hold a lock until Ctrl-C or while a command runs",
        files.lock,
        "command",
      ),
    ),
    concurrency(
      leaf(
        "elect <name> [proposal]",
        "Campaign in an election, or observe its leader",
        files.elect,
        "command",
      ),
    ),
    auth(authentication),
    auth(user),
    auth(role),
    utility(check),
    utility(completion("etcdctl", completionNote)),
    cluster(downgrade),
    utility(options),
    utility(help),
    utility(serve),
    kv(addition(leaf("edit <key>", "Edit a value in an editor", files.edit, "command"))),
    kv(addition(leaf("history <key>", "Show all stored versions of a key", files.history, "history"))),
    kv(
      addition(
        leaf("revert <key>", "Give a key the value that it had at a revision", files.history, "revert"),
      ),
    ),
    utility(k8s),
    utility(addition(leaf("usage [key]", "Show which keys use the space", files.usage, "command"))),
    kv(addition(leaf("undelete <key>", "Write deleted keys again", files.history, "undelete"))),
    utility(
      addition(leaf("export [key]", "Print keys with their leases, for import", files.export, "command")),
    ),
    utility(addition(leaf("import <file>", "Write the keys of an export", files.import, "command"))),
    utility(
      addition(
        leaf(
          "diff <a> <b> [key]",
          "Compare the keys of clusters, backups and revisions",
          files.diff,
          "command",
        ),
      ),
    ),
    utility(profile),
    cluster(space),
    cluster(addition(leaf("doctor", "Check the health of the whole cluster", files.doctor, "command"))),
    utility(
      addition({
        ...leaf("ui", "Show keys, changes and members on a page in the browser", files.ui, "command"),
        details:
          "Prints the address of the page, with a token in it, and serves the page until Ctrl-C. Also shows what --offline=PATH " +
          "opens: a backup or the data directory of a member. The page only reads unless --allow-writes is set.",
      }),
    ),
    utility(batch),
    utility(shell),
  ],
};
