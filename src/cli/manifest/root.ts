// Every command of etcdctl: its name, group, usage line and summary, and where its code is. A new command is its
// file, its line in one of the pieces here and its transcripts. Data only: nothing of a command is loaded before it is typed.
// The order is etcd's (suggestions follow it), as in ctlv3/ctl.go; the help sorts by itself.
import type { CommandNode } from "../command-node";
import { helpFlag } from "../global-flags";
import { auth as authCommands, role, user } from "./auth";
import { alarm, check, defrag, downgrade, endpoint, member, moveLeader, snapshot } from "./cluster";
import { lease } from "./lease";
import { auth, cluster, completion, concurrency, help, kv, leaf, utility } from "./node";

const options: CommandNode = {
  name: "options",
  usage: "",
  summary: "Show the flags that every command takes",
  builtin: "options",
  children: [],
};

const serve = leaf("serve", "", "Be an etcd server, for tests and offline work", async () => ({
  command: (await import("../serve")).serveCommand,
}));

export const root: CommandNode = {
  name: "etcdctl",
  usage: "<command> [flags]",
  summary: "Reads, writes and looks after etcd: over the network, or offline on a file.",
  flags: helpFlag,
  children: [
    kv(leaf("get", "<key> [range_end]", "Read a key or a range of keys", () => import("../../commands/get"))),
    kv(
      leaf(
        "put",
        "<key> [value]",
        "Write a key, its value from stdin if not given",
        () => import("../../commands/put"),
      ),
    ),
    kv(
      leaf("del", "<key> [range_end]", "Delete a key or a range of keys", () => import("../../commands/del")),
    ),
    kv(leaf("txn", "", "Run requests from stdin as one transaction", () => import("../../commands/txn"))),
    kv(
      leaf(
        "compaction",
        "<revision or current>",
        "Forget the history before a revision",
        () => import("../../commands/compaction"),
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
        () => import("../../commands/watch"),
      ),
    ),
    utility(
      leaf("version", "", "Show which etcdctl this answers as", () => import("../../commands/version")),
    ),
    kv(lease),
    cluster(member),
    cluster(snapshot),
    utility(
      leaf(
        "make-mirror",
        "<destination>",
        "Copy keys to another cluster, and go on copying changes",
        () => import("../../commands/make-mirror"),
      ),
    ),
    concurrency(
      leaf(
        "lock",
        "<name> [-- command]",
        "Hold a lock, while a command runs or until Ctrl-C",
        () => import("../../commands/lock"),
      ),
    ),
    concurrency(
      leaf(
        "elect",
        "<name> [proposal]",
        "Stand for election, or observe who leads",
        () => import("../../commands/elect"),
      ),
    ),
    auth(authCommands),
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
