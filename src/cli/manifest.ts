// Every command of the program: its name, group, usage line and summary, and where its code is. A new command is its
// file, its line here and its transcripts. Data only: nothing of a command is loaded before it is typed.
// The order is etcd's (suggestions follow it), as in ctlv3/ctl.go; the help sorts by itself.
import type { Command } from "../commands/command";
import type { CommandNode, groups } from "./command-node";
import { helpFlag } from "./global-flags";

type Load = () => Promise<{ readonly command: Command }>;

function leaf(name: string, usage: string, summary: string, load: Load): CommandNode {
  return { name, usage, summary, load: async () => (await load()).command, children: [] };
}

function parent(name: string, summary: string, children: readonly CommandNode[]): CommandNode {
  return { name, usage: "<command> [flags]", summary, children };
}

const endpointFlags = {
  cluster: { kind: "bool", default: false, usage: "ask all members of the cluster, not only --endpoints" },
} as const;

const inGroup = (group: keyof typeof groups) => (node: CommandNode) => ({ ...node, group });
const kv = inGroup("kv");
const cluster = inGroup("cluster");
const utility = inGroup("utility");

const lease = parent("lease", "Leases: keys that go away when nobody renews them", [
  leaf("grant", "<ttl>", "Make a lease of so many seconds", () => import("../commands/lease/grant")),
  leaf("revoke", "<lease_id>", "End a lease and delete its keys", () => import("../commands/lease/revoke")),
  leaf(
    "timetolive",
    "<lease_id>",
    "Show what is left of a lease",
    () => import("../commands/lease/timetolive"),
  ),
  leaf("list", "", "List all leases", () => import("../commands/lease/list")),
  leaf(
    "keep-alive",
    "<lease_id>",
    "Renew a lease until told to stop",
    () => import("../commands/lease/keep-alive"),
  ),
]);

const endpoint = parent("endpoint", "Ask each endpoint how it is: health, status, hash", [
  leaf("health", "", "Test whether each endpoint can commit", () => import("../commands/endpoint/health")),
  leaf(
    "status",
    "",
    "Show version, sizes and raft state of each",
    () => import("../commands/endpoint/status"),
  ),
  leaf("hashkv", "", "Hash the keys and their history at each", () => import("../commands/endpoint/hashkv")),
]);

const member = parent("member", "The members of the cluster", [
  leaf("list", "", "List all members", () => import("../commands/member/list")),
]);

const snapshot = parent("snapshot", "Backups of the whole key space", [
  leaf(
    "save",
    "<file>",
    "Save a backup to a file, or to stdout with -",
    () => import("../commands/snapshot/save"),
  ),
]);

const options: CommandNode = {
  name: "options",
  usage: "",
  summary: "Show the flags that every command takes",
  builtin: "options",
  children: [],
};

const help: CommandNode = {
  name: "help",
  usage: "[command]",
  summary: "Show what a command does and takes",
  builtin: "help",
  children: [],
};

const serve = leaf("serve", "", "Be an etcd server, for tests and offline work", async () => ({
  command: (await import("./serve")).serveCommand,
}));

export const root: CommandNode = {
  name: "etcdctl",
  usage: "<command> [flags]",
  summary: "Reads, writes and looks after etcd: over the network, or offline on a file.",
  flags: helpFlag,
  toCome: [
    ...["alarm", "defrag", "move-leader", "watch", "make-mirror", "lock", "elect", "auth", "user", "role"],
    ...["check", "downgrade", "completion"],
  ],
  children: [
    kv(leaf("get", "<key> [range_end]", "Read a key or a range of keys", () => import("../commands/get"))),
    kv(
      leaf(
        "put",
        "<key> [value]",
        "Write a key, its value from stdin if not given",
        () => import("../commands/put"),
      ),
    ),
    kv(leaf("del", "<key> [range_end]", "Delete a key or a range of keys", () => import("../commands/del"))),
    kv(leaf("txn", "", "Run requests from stdin as one transaction", () => import("../commands/txn"))),
    kv(
      leaf(
        "compaction",
        "<revision>",
        "Forget the history before a revision",
        () => import("../commands/compaction"),
      ),
    ),
    cluster({ ...endpoint, flags: endpointFlags }),
    utility(leaf("version", "", "Show which etcdctl this answers as", () => import("../commands/version"))),
    kv(lease),
    cluster(member),
    cluster(snapshot),
    utility(options),
    utility(help),
    utility({ ...serve, isOwn: true }),
  ],
};
