// The commands of version 2 as data, with etcdctl 3.4's names in its order. A command's file is loaded when the command
// runs. Commands inside a group print errors without a prefix, the others with `Error:`.
// Go (etcd 3.4): etcdctl/ctlv2/ctl.go
import type { Command } from "./command";

export interface CommandNode {
  readonly name: string;
  readonly summary: string;
  /** The arguments, for the usage line. Empty for none; undefined for a group. */
  readonly usage?: string;
  /** More help text for the command. */
  readonly details?: string;
  readonly load?: () => Promise<Command>;
  readonly children?: readonly CommandNode[];
}

const auth = () => import("./commands/auth");
const keys = () => import("./commands/keys");
const member = () => import("./commands/member");
const role = () => import("./commands/role");
const user = () => import("./commands/user");
const watch = () => import("./commands/watch");

const dashValue =
  "A value that starts with a dash is read as a flag. Put -- before the key: set -- <key> <value>";

export const commands: readonly CommandNode[] = [
  leaf("backup", "", "copy a member's data directory, to start a new cluster from the copy", async () => {
    return (await import("./commands/backup")).backup;
  }),
  leaf("cluster-health", "", "check the health of the members", async () => {
    return (await import("./commands/cluster-health")).clusterHealth;
  }),
  leaf("mk", "<key> <value>", "create a key; fails if it exists", async () => (await keys()).mk),
  leaf("mkdir", "<key>", "create a directory; fails if it exists", async () => (await keys()).mkdir),
  leaf("rm", "<key>", "remove a key or a directory", async () => (await keys()).rm),
  leaf("rmdir", "<key>", "remove a key or an empty directory", async () => (await keys()).rmdir),
  leaf("get", "<key>", "print the value of a key", async () => (await keys()).get),
  leaf("ls", "[key]", "list the keys in a directory", async () => (await keys()).ls),
  {
    ...leaf("set", "<key> <value>", "write a key", async () => (await keys()).set),
    details: dashValue,
  },
  leaf("setdir", "<key>", "create a directory or set its TTL", async () => (await keys()).setdir),
  leaf(
    "update",
    "<key> <value>",
    "write a key; fails if it does not exist",
    async () => (await keys()).update,
  ),
  leaf("updatedir", "<key>", "set the TTL of a directory", async () => (await keys()).updatedir),
  leaf("watch", "<key>", "wait for events of a key and print them", async () => (await watch()).watch),
  leaf(
    "exec-watch",
    "<key> -- <command> [args...]",
    "run a command for each event of a key",
    async () => (await watch()).execWatch,
  ),
  group("member", "list and change the members of the cluster", [
    leaf("list", "", "list the members", async () => (await member()).list),
    leaf("add", "<name> <peerURL>", "add a member to the cluster", async () => (await member()).add),
    leaf("remove", "<memberID>", "remove a member from the cluster", async () => (await member()).remove),
    leaf(
      "update",
      "<memberID> <peerURLs>",
      "change a member's peer URLs",
      async () => (await member()).update,
    ),
  ]),
  group("user", "manage users, their passwords and their roles", [
    leaf("add", "<name>[:<password>]", "add a user", async () => (await user()).add),
    leaf("get", "<name>", "print a user's roles", async () => (await user()).get),
    leaf("list", "", "list the users", async () => (await user()).list),
    leaf("remove", "<name>", "remove a user", async () => (await user()).remove),
    leaf("grant", "<name>", "grant roles to a user", async () => (await user()).grant),
    leaf("revoke", "<name>", "revoke roles from a user", async () => (await user()).revoke),
    leaf("passwd", "<name>", "change a user's password", async () => (await user()).passwd),
  ]),
  group("role", "manage roles and their permissions", [
    leaf("add", "<name>", "add a role", async () => (await role()).add),
    leaf("get", "<name>", "print a role's permissions", async () => (await role()).get),
    leaf("list", "", "list the roles", async () => (await role()).list),
    leaf("remove", "<name>", "remove a role", async () => (await role()).remove),
    leaf("grant", "<name>", "grant a role permission on a path", async () => (await role()).grant),
    leaf("revoke", "<name>", "revoke a role's permission on a path", async () => (await role()).revoke),
  ]),
  group("auth", "enable or disable authentication", [
    leaf("enable", "", "require a user name and a password", async () => (await auth()).enable),
    leaf("disable", "", "allow every request without a user", async () => (await auth()).disable),
  ]),
];

function leaf(name: string, usage: string, summary: string, load: () => Promise<Command>): CommandNode {
  return { name, usage, summary, load };
}

function group(name: string, summary: string, children: readonly CommandNode[]): CommandNode {
  return { name, summary, children };
}
