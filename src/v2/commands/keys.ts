// get: the value of one key. Answers to ctlv2/command/get_command.go.
import { CliError } from "../../errors";
import { readAll } from "../../io";
import type { KeyNode, KeyResponse } from "../api/keys";
import { KeysApi } from "../api/keys";
import type { CommandContext } from "../command";
import { ExitCode, badArgs, defineCommand } from "../command";
import { printResponse } from "../print";

export const get = defineCommand({
  flags: {
    sort: { kind: "bool", about: "has no effect on a key" },
    quorum: { kind: "bool", alias: "q", about: "read through the quorum, not from one member alone" },
  },
  instead: (args) => `get ${shown(args[0], "KEY")}`,
  async run(context, args, { sort, quorum }) {
    const keys = await openKeys(context);
    const key = keyOf(args);
    const response = await context.inTime((signal) => keys.get(key, { sort, quorum }, signal));
    const { node } = response;
    if (node.dir) throw new CliError(ExitCode.badArgs, `${node.key}: is a directory`);
    await printResponse(context, response);
  },
});

// set: writes a key, new or not, if it is as expected. Answers to ctlv2/command/set_command.go.

export const set = defineCommand({
  flags: {
    ttl: { kind: "int", about: "seconds until the key is removed" },
    "swap-with-value": { kind: "string", about: "only if the key has this value" },
    "swap-with-index": { kind: "int", about: "only if this index was the last to change the key" },
  },
  instead: (args) => `put ${shown(args[0], "KEY")} ${shown(args[1], "VALUE")}`,
  async run(context, args, flags) {
    const keys = await openKeys(context);
    const key = keyOf(args);
    const value = await valueOf(context, args);
    const options = {
      ttl: flags.ttl,
      prevValue: flags["swap-with-value"],
      prevIndex: flags["swap-with-index"],
    };
    await printResponse(context, await context.inTime((signal) => keys.set(key, value, options, signal)));
  },
});

// mk: writes a key that must be new, or one with a number of its own in a directory.
// Answers to ctlv2/command/mk_command.go.

export const mk = defineCommand({
  flags: {
    "in-order": { kind: "bool", about: "name the key by a number that rises, in the directory <key>" },
    ttl: { kind: "int", about: "seconds until the key is removed" },
  },
  instead: (args) =>
    `txn --if 'create("${args[0] ?? "KEY"}") = "0"' --then ${shown(`put ${args[0] ?? "KEY"} ${args[1] ?? "VALUE"}`, "")}`,
  async run(context, args, flags) {
    const { ttl } = flags;
    const keys = await openKeys(context);
    const key = keyOf(args);
    const value = await valueOf(context, args);
    const response = await context.inTime((signal) =>
      flags["in-order"]
        ? keys.createInOrder(key, value, { ttl }, signal)
        : keys.set(key, value, { ttl, prevExist: false }, signal),
    );
    await printResponse(context, response);
  },
});

// mkdir, setdir and updatedir: a directory that must be new, may be there, or must be there.
// Answers to ctlv2/command/mkdir_command.go, set_dir_command.go and update_dir_command.go.

export const mkdir = directoryCommand(false);
export const setdir = directoryCommand(undefined);
export const updatedir = directoryCommand(true);

function directoryCommand(prevExist: boolean | undefined) {
  return defineCommand({
    flags: { ttl: { kind: "int", about: "seconds until the directory is removed" } },
    instead: (args) =>
      `put ${shown(args[0] && `${args[0].replace(/\/$/, "")}/KEY`, "DIRECTORY/KEY")} VALUE (version 3 has no directories)`,
    async run(context, args, { ttl }) {
      const keys = await openKeys(context);
      const key = keyOf(args);
      const options = { ttl, dir: true, ...(prevExist === undefined ? {} : { prevExist }) };
      const response = await context.inTime((signal) => keys.set(key, "", options, signal));
      if (context.settings.output !== "simple") await printResponse(context, response);
    },
  });
}

// update: writes a key that must be there. Answers to ctlv2/command/update_command.go.

export const update = defineCommand({
  flags: { ttl: { kind: "int", about: "seconds until the key is removed" } },
  instead: (args) => `put ${shown(args[0], "KEY")} ${shown(args[1], "VALUE")}`,
  async run(context, args, { ttl }) {
    const keys = await openKeys(context);
    const key = keyOf(args);
    const value = await valueOf(context, args);
    const response = await context.inTime((signal) => keys.set(key, value, { ttl, prevExist: true }, signal));
    await printResponse(context, response);
  },
});

// rm: removes a key, an empty directory, or a directory with all in it, if it is as expected.
// Answers to ctlv2/command/rm_command.go.

export const rm = defineCommand({
  flags: {
    dir: { kind: "bool", about: "also an empty directory" },
    recursive: { kind: "bool", alias: "r", about: "a directory with all that is in it" },
    "with-value": { kind: "string", about: "only if the key has this value" },
    "with-index": { kind: "int", about: "only if this index was the last to change the key" },
  },
  instead: (args, { recursive }) => `del ${shown(args[0], "KEY")}${recursive ? " --prefix" : ""}`,
  async run(context, args, flags) {
    const keys = await openKeys(context);
    const key = keyOf(args);
    const options = {
      dir: flags.dir,
      recursive: flags.recursive,
      prevValue: flags["with-value"],
      prevIndex: flags["with-index"],
    };
    await printUnlessPlainDir(context, await context.inTime((signal) => keys.delete(key, options, signal)));
  },
});

// rmdir: removes a key or an empty directory. Answers to ctlv2/command/rmdir_command.go.

export const rmdir = defineCommand({
  flags: {},
  instead: (args) => `del ${shown(args[0], "KEY")}`,
  async run(context, args) {
    const keys = await openKeys(context);
    const key = keyOf(args);
    await printUnlessPlainDir(
      context,
      await context.inTime((signal) => keys.delete(key, { dir: true }, signal)),
    );
  },
});

// ls: the keys of a directory. Answers to ctlv2/command/ls_command.go.

export const ls = defineCommand({
  flags: {
    sort: { kind: "bool", about: "sort by key" },
    recursive: { kind: "bool", alias: "r", about: "go down into directories" },
    p: { kind: "bool", about: "end the names of directories with a slash" },
    quorum: { kind: "bool", alias: "q", about: "read through the quorum, not from one member alone" },
  },
  instead: (args) => `get ${shown(args[0], "/")} --prefix --keys-only`,
  async run(context, args, { sort, recursive, quorum, p }) {
    const keys = await openKeys(context);
    const response = await context.inTime((signal) =>
      keys.get(args[0] ?? "/", { sort, recursive, quorum }, signal),
    );
    if (context.settings.output !== "simple") return printResponse(context, response);
    const { node } = response;
    const lines = [...(node.dir ? [] : [node.key]), ...(node.nodes ?? []).flatMap((each) => names(each, p))];
    await context.io.stdout.write(lines.map((line) => `${line}\n`).join(""));
  },
});

function names(node: KeyNode, slash: boolean): string[] {
  return [
    node.dir && slash ? `${node.key}/` : node.key,
    ...(node.nodes ?? []).flatMap((each) => names(each, slash)),
  ];
}

// What the commands on keys share: their arguments, one request in time, the printed response, words for a shell.

/** The client is made first: with a dead cluster nobody hears of missing arguments, as in Go. */
export async function openKeys(context: CommandContext): Promise<KeysApi> {
  return new KeysApi(await context.client());
}

export function keyOf(args: readonly string[]): string {
  const [key] = args;
  if (key === undefined) throw badArgs("key required");
  return key;
}

/** The second argument, else all of standard input. */
export async function valueOf(
  context: CommandContext,
  args: readonly string[],
): Promise<string | Uint8Array> {
  if (args[1] !== undefined) return args[1];
  const input = await readAll(context.io.stdin);
  if (input.length === 0) throw badArgs("value required");
  return input;
}

/** Directories are not shown in simple output. */
export async function printUnlessPlainDir(context: CommandContext, response: KeyResponse): Promise<void> {
  if (context.settings.output !== "simple" || !response.node.dir) await printResponse(context, response);
}

/** A word as a shell needs it; a placeholder where it was not given. */
export function shown(word: string | undefined, placeholder: string): string {
  if (word === undefined) return placeholder;
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
