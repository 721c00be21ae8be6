// Every command of etcdctl: its name, group, usage line and summary, and where its code is. A new command is its
// file, its line in one of the pieces here and its transcripts. Data only: nothing of a command is loaded before it is typed.
// The order is etcd's (suggestions follow it), as in ctlv3/ctl.go; the help sorts by itself.
import { helpFlag } from "../global-flags";
import type { CommandNode } from "./builders";
import { auth, cluster, completion, concurrency, help, kv, leaf, parent, utility } from "./builders";

const options: CommandNode = {
  name: "options",
  usage: "",
  summary: "Show the flags that every command takes",
  builtin: "options",
  children: [],
};

const serve = leaf(
  "serve",
  "",
  "Be an etcd server, for tests and offline work",
  async () => (await import("../../commands/serve")).command,
);

export const alarm = parent("alarm", "Alarms: no space, damaged data", [
  leaf("disarm", "", "Disarm all alarms", async () => (await import("../../commands/alarm")).alarmDisarm),
  leaf("list", "", "List all alarms", async () => (await import("../../commands/alarm")).alarmList),
]);

export const defrag = leaf(
  "defrag",
  "",
  "Give unused space of the database back",
  async () => (await import("../../commands/defrag")).command,
);

const endpointFlags = {
  cluster: { kind: "bool", default: false, usage: "ask all members of the cluster, not only --endpoints" },
} as const;

export const endpoint = {
  ...parent("endpoint", "Ask each endpoint how it is: health, status, hash", [
    leaf(
      "health",
      "",
      "Test whether each endpoint can commit",
      async () => (await import("../../commands/endpoint")).endpointHealth,
    ),
    leaf(
      "status",
      "",
      "Show version, sizes and raft state of each",
      async () => (await import("../../commands/endpoint")).endpointStatus,
    ),
    leaf(
      "hashkv",
      "",
      "Hash the keys and their history at each",
      async () => (await import("../../commands/endpoint")).endpointHashKV,
    ),
  ]),
  flags: endpointFlags,
};

export const moveLeader = leaf(
  "move-leader",
  "<member>",
  "Hand the leadership to another member",
  async () => (await import("../../commands/member")).moveLeader,
);

export const lease = parent("lease", "Leases: keys that go away when nobody renews them", [
  leaf(
    "grant",
    "<ttl>",
    "Make a lease of so many seconds",
    async () => (await import("../../commands/lease")).leaseGrant,
  ),
  leaf(
    "revoke",
    "<lease_id>",
    "End a lease and delete its keys",
    async () => (await import("../../commands/lease")).leaseRevoke,
  ),
  leaf(
    "timetolive",
    "<lease_id>",
    "Show what is left of a lease",
    async () => (await import("../../commands/lease")).leaseTimeToLive,
  ),
  leaf("list", "", "List all leases", async () => (await import("../../commands/lease")).leaseList),
  leaf(
    "keep-alive",
    "<lease_id>",
    "Renew a lease until told to stop",
    async () => (await import("../../commands/lease")).leaseKeepAlive,
  ),
]);

export const member = parent("member", "The members of the cluster", [
  leaf(
    "add",
    "<name>",
    "Add a member to the cluster",
    async () => (await import("../../commands/member")).memberAdd,
  ),
  leaf(
    "remove",
    "<member>",
    "Remove a member from the cluster",
    async () => (await import("../../commands/member")).memberRemove,
  ),
  leaf(
    "update",
    "<member>",
    "Change the peer URLs of a member",
    async () => (await import("../../commands/member")).memberUpdate,
  ),
  leaf("list", "", "List all members", async () => (await import("../../commands/member")).memberList),
  leaf(
    "promote",
    "<member>",
    "Make a learner a voting member",
    async () => (await import("../../commands/member")).memberPromote,
  ),
]);

export const snapshot = parent("snapshot", "Backups of the whole key space", [
  leaf(
    "save",
    "<file>",
    "Save a backup to a file, or to stdout with -",
    async () => (await import("../../commands/snapshot/save")).snapshotSave,
  ),
  leaf(
    "restore",
    "<file>",
    "Make the data dir of a new member from a backup",
    async () => (await import("../../commands/snapshot/restore")).etcdctlSnapshotRestore,
  ),
  leaf(
    "status",
    "<file>",
    "Check a backup, show its hash, revision and size",
    async () => (await import("../../commands/snapshot/status")).etcdctlSnapshotStatus,
  ),
]);

export const authParent = parent("auth", "Turn authentication on and off", [
  leaf(
    "status",
    "",
    "Show whether authentication is on",
    async () => (await import("../../commands/auth")).authStatus,
  ),
  leaf("enable", "", "Turn authentication on", async () => (await import("../../commands/auth")).authEnable),
  leaf(
    "disable",
    "",
    "Turn authentication off",
    async () => (await import("../../commands/auth")).authDisable,
  ),
]);

export const user = parent("user", "Users", [
  leaf(
    "add",
    "<name or name:password>",
    "Make a user",
    async () => (await import("../../commands/user")).userAdd,
  ),
  leaf("delete", "<user>", "Delete a user", async () => (await import("../../commands/user")).userDelete),
  leaf(
    "get",
    "<user>",
    "Show the roles of a user",
    async () => (await import("../../commands/user")).userGet,
  ),
  leaf("list", "", "List all users", async () => (await import("../../commands/user")).userList),
  leaf(
    "passwd",
    "<user>",
    "Change the password of a user",
    async () => (await import("../../commands/user")).userPasswd,
  ),
  leaf(
    "grant-role",
    "<user> <role>",
    "Give a role to a user",
    async () => (await import("../../commands/user")).userGrantRole,
  ),
  leaf(
    "revoke-role",
    "<user> <role>",
    "Take a role from a user",
    async () => (await import("../../commands/user")).userRevokeRole,
  ),
]);

export const role = parent("role", "Roles: what users may read and write", [
  leaf("add", "<name>", "Make a role", async () => (await import("../../commands/role")).roleAdd),
  leaf("delete", "<role>", "Delete a role", async () => (await import("../../commands/role")).roleDelete),
  leaf("get", "<role>", "Show what a role may do", async () => (await import("../../commands/role")).roleGet),
  leaf("list", "", "List all roles", async () => (await import("../../commands/role")).roleList),
  leaf(
    "grant-permission",
    "<role> <read|write|readwrite> <key> [range_end]",
    "Let a role read or write keys",
    async () => (await import("../../commands/role")).roleGrantPermission,
  ),
  leaf(
    "revoke-permission",
    "<role> <key> [range_end]",
    "Take a permission from a role",
    async () => (await import("../../commands/role")).roleRevokePermission,
  ),
]);

export const check = parent("check", "Measure whether a cluster is fit for its work", [
  leaf(
    "perf",
    "",
    "Measure whether the cluster is fast enough",
    async () => (await import("../../commands/check/perf")).command,
  ),
  leaf(
    "datascale",
    "",
    "Measure the memory that so much data costs",
    async () => (await import("../../commands/check/datascale")).command,
  ),
]);

export const downgrade = parent("downgrade", "Downgrade the cluster to an older version", [
  leaf(
    "validate",
    "<version>",
    "Test whether the cluster could be downgraded",
    async () => (await import("../../commands/downgrade")).downgradeValidate,
  ),
  leaf(
    "enable",
    "<version>",
    "Begin a downgrade of the cluster",
    async () => (await import("../../commands/downgrade")).downgradeEnable,
  ),
  leaf(
    "cancel",
    "",
    "Call a downgrade off",
    async () => (await import("../../commands/downgrade")).downgradeCancel,
  ),
]);

export const root: CommandNode = {
  name: "etcdctl",
  usage: "<command> [flags]",
  summary: "Reads, writes and looks after etcd: over the network, or offline on a file.",
  flags: helpFlag,
  children: [
    kv(
      leaf(
        "get",
        "<key> [range_end]",
        "Read a key or a range of keys",
        async () => (await import("../../commands/get")).command,
      ),
    ),
    kv(
      leaf(
        "put",
        "<key> [value]",
        "Write a key, its value from stdin if not given",
        async () => (await import("../../commands/put")).command,
      ),
    ),
    kv(
      leaf(
        "del",
        "<key> [range_end]",
        "Delete a key or a range of keys",
        async () => (await import("../../commands/del")).command,
      ),
    ),
    kv(
      leaf(
        "txn",
        "",
        "Run requests from stdin as one transaction",
        async () => (await import("../../commands/txn/txn")).command,
      ),
    ),
    kv(
      leaf(
        "compaction",
        "<revision or current>",
        "Forget the history before a revision",
        async () => (await import("../../commands/compaction")).command,
      ),
    ),
    cluster(alarm),
    cluster(defrag),
    cluster(endpoint),
    cluster(moveLeader),
    kv(
      leaf(
        "watch",
        "[key] [range_end] [-- command]",
        "Print changes as they happen, or run a command for each",
        async () => (await import("../../commands/watch")).command,
      ),
    ),
    utility(
      leaf(
        "version",
        "",
        "Show which etcdctl this answers as",
        async () => (await import("../../commands/version")).command,
      ),
    ),
    kv(lease),
    cluster(member),
    cluster(snapshot),
    utility(
      leaf(
        "make-mirror",
        "<destination>",
        "Copy keys to another cluster, and go on copying changes",
        async () => (await import("../../commands/make-mirror")).command,
      ),
    ),
    concurrency(
      leaf(
        "lock",
        "<name> [-- command]",
        "Hold a lock, while a command runs or until Ctrl-C",
        async () => (await import("../../commands/lock")).command,
      ),
    ),
    concurrency(
      leaf(
        "elect",
        "<name> [proposal]",
        "Stand for election, or observe who leads",
        async () => (await import("../../commands/elect")).command,
      ),
    ),
    auth(authParent),
    auth(user),
    auth(role),
    utility(check),
    utility(
      completion(
        "etcdctl",
        "With ETCDCTL_COMPLETE_KEYS=1 in the environment, the cluster is asked for keys, leases, members, users and roles.",
      ),
    ),
    cluster(downgrade),
    utility(options),
    utility(help),
    utility({ ...serve, isOwn: true }),
  ],
};

// A piece of the manifest: looking after a cluster. Data only; cli/manifest/root.ts puts the pieces together.

// A piece of the manifest: users, roles and auth. Data only; cli/manifest/root.ts puts the pieces together.

// A piece of the manifest: leases. Data only; cli/manifest/root.ts puts the pieces together.
