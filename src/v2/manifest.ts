// The commands of version 2 as data: a line for each, its file loaded when it is run. Names and order are etcdctl 3.4's
// (ctlv2/ctl.go); commands of a group tell failures plainly, the others after `Error:  `.
import type { Command } from "./command";

export interface CommandNode {
  readonly name: string;
  readonly about: string;
  /** The arguments, for the help. */
  readonly args?: string;
  /** More for the help of the command. */
  readonly note?: string;
  readonly load?: () => Promise<Command>;
  readonly children?: readonly CommandNode[];
}

const key = "<key>";
const keyAndValue = "<key> <value>";
const name = "<name>";
const none = " ";
const dashes =
  "A value that begins with a dash is taken for a flag unless -- comes before: set -- <key> <value>";

export const commands: readonly CommandNode[] = [
  {
    name: "backup",
    about: "copy a data directory, as a cluster of its own",
    args: none,
    load: async () => (await import("./commands/backup")).command,
  },
  {
    name: "cluster-health",
    about: "tell whether the members are healthy",
    args: none,
    load: async () => (await import("./commands/cluster-health")).command,
  },
  {
    name: "mk",
    about: "write a key that must be new",
    args: keyAndValue,
    load: async () => (await import("./commands/keys")).mk,
  },
  {
    name: "mkdir",
    about: "make a directory that must be new",
    args: key,
    load: async () => (await import("./commands/keys")).mkdir,
  },
  {
    name: "rm",
    about: "remove a key or a directory",
    args: key,
    load: async () => (await import("./commands/keys")).rm,
  },
  {
    name: "rmdir",
    about: "remove a key or an empty directory",
    args: key,
    load: async () => (await import("./commands/keys")).rmdir,
  },
  {
    name: "get",
    about: "show the value of a key",
    args: key,
    load: async () => (await import("./commands/keys")).get,
  },
  {
    name: "ls",
    about: "show the keys of a directory",
    args: "[key]",
    load: async () => (await import("./commands/keys")).ls,
  },
  {
    name: "set",
    about: "write a key",
    args: keyAndValue,
    note: dashes,
    load: async () => (await import("./commands/keys")).set,
  },
  {
    name: "setdir",
    about: "make a directory, or give one another time to live",
    args: key,
    load: async () => (await import("./commands/keys")).setdir,
  },
  {
    name: "update",
    about: "write a key that must be there",
    args: keyAndValue,
    load: async () => (await import("./commands/keys")).update,
  },
  {
    name: "updatedir",
    about: "give a directory another time to live",
    args: keyAndValue,
    load: async () => (await import("./commands/keys")).updatedir,
  },
  {
    name: "watch",
    about: "wait for events of a key and print them",
    args: key,
    load: async () => (await import("./commands/watch")).watch,
  },
  {
    name: "exec-watch",
    about: "run a command for each event of a key",
    args: "<key> -- <command> [args...]",
    load: async () => (await import("./commands/watch")).execWatch,
  },
  {
    name: "member",
    about: "members of the cluster",
    children: [
      {
        name: "list",
        about: "show the members",
        args: none,
        load: async () => (await import("./commands/member")).list,
      },
      {
        name: "add",
        about: "make room for a new member",
        args: "<name> <peerURL>",
        load: async () => (await import("./commands/member")).add,
      },
      {
        name: "remove",
        about: "take a member out of the cluster",
        args: "<memberID>",
        load: async () => (await import("./commands/member")).remove,
      },
      {
        name: "update",
        about: "change the peer URLs of a member",
        args: "<memberID> <peerURLs>",
        load: async () => (await import("./commands/member")).update,
      },
    ],
  },
  {
    name: "user",
    about: "users, their passwords and roles",
    children: [
      {
        name: "add",
        about: "make a user",
        args: `${name}[:<password>]`,
        load: async () => (await import("./commands/auth")).userAdd,
      },
      {
        name: "get",
        about: "show a user's roles",
        args: name,
        load: async () => (await import("./commands/auth")).userGet,
      },
      {
        name: "list",
        about: "show the users",
        args: none,
        load: async () => (await import("./commands/auth")).userList,
      },
      {
        name: "remove",
        about: "remove a user",
        args: name,
        load: async () => (await import("./commands/auth")).userRemove,
      },
      {
        name: "grant",
        about: "give a user roles",
        args: name,
        load: async () => (await import("./commands/auth")).userGrant,
      },
      {
        name: "revoke",
        about: "take roles from a user",
        args: name,
        load: async () => (await import("./commands/auth")).userRevoke,
      },
      {
        name: "passwd",
        about: "change a user's password",
        args: name,
        load: async () => (await import("./commands/auth")).userPasswd,
      },
    ],
  },
  {
    name: "role",
    about: "roles and what they allow",
    children: [
      {
        name: "add",
        about: "make a role",
        args: name,
        load: async () => (await import("./commands/auth")).roleAdd,
      },
      {
        name: "get",
        about: "show what a role allows",
        args: name,
        load: async () => (await import("./commands/auth")).roleGet,
      },
      {
        name: "list",
        about: "show the roles",
        args: none,
        load: async () => (await import("./commands/auth")).roleList,
      },
      {
        name: "remove",
        about: "remove a role",
        args: name,
        load: async () => (await import("./commands/auth")).roleRemove,
      },
      {
        name: "grant",
        about: "allow a path",
        args: name,
        load: async () => (await import("./commands/auth")).roleGrant,
      },
      {
        name: "revoke",
        about: "allow a path no longer",
        args: name,
        load: async () => (await import("./commands/auth")).roleRevoke,
      },
    ],
  },
  {
    name: "auth",
    about: "switch authentication on and off",
    children: [
      {
        name: "enable",
        about: "from now on users must name themselves",
        args: none,
        load: async () => (await import("./commands/auth")).authEnable,
      },
      {
        name: "disable",
        about: "let everyone do everything",
        args: none,
        load: async () => (await import("./commands/auth")).authDisable,
      },
    ],
  },
];
