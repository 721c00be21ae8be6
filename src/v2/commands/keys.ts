// Commands on keys and directories: get, set, mk, mkdir, setdir, updatedir, update, rm, rmdir and ls.
// Go (etcd 3.4): etcdctl/ctlv2/command/get_command.go and the files of the same name for the other commands.
import { CliError } from "../../errors";
import { quoteForShell } from "../../go/quote";
import { readAll } from "../../io";
import type { KeyNode, KeyResponse } from "../api/keys";
import { KeysApi } from "../api/keys";
import type { CommandContext } from "../command";
import { badArgsWithPrefix, defineCommand, ExitCode, shellArgument } from "../command";
import { printResponse } from "../print";

const quorumFlag = {
  kind: "bool",
  alias: "q",
  usage: "read through a quorum of the members instead of from one member",
} as const;
const ttlFlag = { kind: "int", usage: "seconds until the key expires" } as const;

export const get = defineCommand({
  flags: {
    sort: { kind: "bool", usage: "accepted for compatibility, without effect" },
    quorum: quorumFlag,
  },
  version3Command: (args) => `get ${shellArgument(args[0], "KEY")}`,
  async run(context, args, { sort, quorum }) {
    const keys = await openKeys(context);
    const key = keyArgument(args);
    const response = await context.withTotalTimeout((signal) => keys.get(key, { sort, quorum }, signal));
    const { node } = response;
    if (node.dir) throw new CliError(ExitCode.badArgs, `${node.key}: is a directory`);
    await printResponse(context, response);
  },
});

export const set = defineCommand({
  flags: {
    ttl: ttlFlag,
    "swap-with-value": { kind: "string", usage: "write only if this is the current value" },
    "swap-with-index": { kind: "int", usage: "write only if this is the key's modified index" },
  },
  version3Command: (args) => `put ${shellArgument(args[0], "KEY")} ${shellArgument(args[1], "VALUE")}`,
  async run(context, args, flags) {
    const keys = await openKeys(context);
    const key = keyArgument(args);
    const value = await valueArgument(context, args);
    const options = {
      ttl: flags.ttl,
      prevValue: flags["swap-with-value"],
      prevIndex: flags["swap-with-index"],
    };
    const response = await context.withTotalTimeout((signal) => keys.set(key, value, options, signal));
    await printResponse(context, response);
  },
});

export const mk = defineCommand({
  flags: {
    "in-order": { kind: "bool", usage: "create a key with the next number in the directory <key>" },
    ttl: ttlFlag,
  },
  version3Command([key = "KEY", value = "VALUE"]) {
    const put = quoteForShell(`put ${key} ${value}`);
    return `txn --if 'create("${key}") = "0"' --then ${put}`;
  },
  async run(context, args, flags) {
    const { ttl } = flags;
    const keys = await openKeys(context);
    const key = keyArgument(args);
    const value = await valueArgument(context, args);
    const response = await context.withTotalTimeout((signal) =>
      flags["in-order"]
        ? keys.createInOrder(key, value, { ttl }, signal)
        : keys.set(key, value, { ttl, prevExist: false }, signal),
    );
    await printResponse(context, response);
  },
});

export const mkdir = directoryCommand({ prevExist: false });
export const setdir = directoryCommand({});
export const updatedir = directoryCommand({ prevExist: true });

function directoryCommand(condition: { readonly prevExist?: boolean }) {
  return defineCommand({
    flags: { ttl: { kind: "int", usage: "seconds until the directory expires" } },
    version3Command([directory]) {
      const key = shellArgument(directory && `${directory.replace(/\/$/, "")}/KEY`, "DIRECTORY/KEY");
      return `put ${key} VALUE (version 3 has no directories)`;
    },
    async run(context, args, { ttl }) {
      const keys = await openKeys(context);
      const key = keyArgument(args);
      const options = { ttl, dir: true, ...condition };
      const response = await context.withTotalTimeout((signal) => keys.set(key, "", options, signal));
      if (context.settings.output !== "simple") await printResponse(context, response);
    },
  });
}

export const update = defineCommand({
  flags: { ttl: ttlFlag },
  version3Command: (args) => `put ${shellArgument(args[0], "KEY")} ${shellArgument(args[1], "VALUE")}`,
  async run(context, args, { ttl }) {
    const keys = await openKeys(context);
    const key = keyArgument(args);
    const value = await valueArgument(context, args);
    const options = { ttl, prevExist: true };
    const response = await context.withTotalTimeout((signal) => keys.set(key, value, options, signal));
    await printResponse(context, response);
  },
});

export const rm = defineCommand({
  flags: {
    dir: { kind: "bool", usage: "also remove an empty directory" },
    recursive: { kind: "bool", alias: "r", usage: "remove a directory and everything in it" },
    "with-value": { kind: "string", usage: "remove only if this is the current value" },
    "with-index": { kind: "int", usage: "remove only if this is the key's modified index" },
  },
  version3Command: (args, { recursive }) =>
    `del ${shellArgument(args[0], "KEY")}${recursive ? " --prefix" : ""}`,
  async run(context, args, flags) {
    const keys = await openKeys(context);
    const key = keyArgument(args);
    const options = {
      dir: flags.dir,
      recursive: flags.recursive,
      prevValue: flags["with-value"],
      prevIndex: flags["with-index"],
    };
    const response = await context.withTotalTimeout((signal) => keys.delete(key, options, signal));
    await printRemoved(context, response);
  },
});

export const rmdir = defineCommand({
  flags: {},
  version3Command: (args) => `del ${shellArgument(args[0], "KEY")}`,
  async run(context, args) {
    const keys = await openKeys(context);
    const key = keyArgument(args);
    const response = await context.withTotalTimeout((signal) => keys.delete(key, { dir: true }, signal));
    await printRemoved(context, response);
  },
});

export const ls = defineCommand({
  flags: {
    sort: { kind: "bool", usage: "sort the keys" },
    recursive: { kind: "bool", alias: "r", usage: "list subdirectories too" },
    p: { kind: "bool", usage: "append a slash to the names of directories" },
    quorum: quorumFlag,
  },
  version3Command: (args) => `get ${shellArgument(args[0], "/")} --prefix --keys-only`,
  async run(context, args, { sort, recursive, quorum, p }) {
    const keys = await openKeys(context);
    const response = await context.withTotalTimeout((signal) =>
      keys.get(args[0] ?? "/", { sort, recursive, quorum }, signal),
    );
    if (context.settings.output !== "simple") return printResponse(context, response);
    const { node } = response;
    const names = [...(node.dir ? [] : [node.key]), ...namesBelow(node, p)];
    await context.io.stdout.write(names.map((name) => `${name}\n`).join(""));
  },
});

function namesBelow({ nodes }: KeyNode, appendsSlash: boolean): string[] {
  return (nodes ?? []).flatMap((node) => [
    node.dir && appendsSlash ? `${node.key}/` : node.key,
    ...namesBelow(node, appendsSlash),
  ]);
}

/** Commands call this before they check their arguments. As in Go, an unreachable cluster is the first error. */
export async function openKeys(context: CommandContext): Promise<KeysApi> {
  return new KeysApi(await context.client());
}

export function keyArgument([key]: readonly string[]): string {
  if (key === undefined) throw badArgsWithPrefix("key required");
  return key;
}

/** Returns the second argument, or all of standard input when there is none. */
async function valueArgument(context: CommandContext, args: readonly string[]): Promise<string | Uint8Array> {
  if (args[1] !== undefined) return args[1];
  const input = await readAll(context.io.stdin);
  if (input.length === 0) throw badArgsWithPrefix("value required");
  return input;
}

/** The format `simple` prints nothing for a removed directory. */
async function printRemoved(context: CommandContext, response: KeyResponse): Promise<void> {
  if (context.settings.output !== "simple" || !response.node.dir) await printResponse(context, response);
}
