// watch and exec-watch. Events of directories are skipped.
// Go (etcd 3.4): etcdctl/ctlv2/command/watch_command.go, exec_watch_command.go
import { CliError } from "../../errors";
import type { Io } from "../../io";
import { StartFailure } from "../../io";
import type { KeyResponse, KeysApi, WatchOptions } from "../api/keys";
import { badArgsWithPrefix, defineCommand, endOnCtrlC, ExitCode, shellArgument } from "../command";
import type { FlagTable } from "../flags";
import { printResponse } from "../print";
import { keyArgument, openKeys } from "./keys";

const watchFlags = {
  "after-index": { kind: "int", usage: "start with the first event after this index" },
  recursive: { kind: "bool", alias: "r", usage: "watch all keys in the directory" },
} as const satisfies FlagTable;

export const watch = defineCommand({
  flags: {
    forever: { kind: "bool", alias: "f", usage: "print every event until Ctrl-C, not only the first one" },
    ...watchFlags,
  },
  version3Command: (args, { recursive }) =>
    `watch ${shellArgument(args[0], "KEY")}${recursive ? " --prefix" : ""}`,
  async run(context, args, flags) {
    const { io } = context;
    const keys = await openKeys(context);
    const key = keyArgument(args);
    const options = { afterIndex: BigInt.asUintN(64, flags["after-index"]), recursive: flags.recursive };
    await endOnCtrlC(async () => {
      for await (const response of keys.watch(key, options, io.interrupt)) {
        const { action, node } = response;
        if (node.dir) continue;
        if (flags.recursive) await io.stdout.write(`[${action}] ${node.key}\n`);
        await printResponse(context, response);
        if (!flags.forever) return;
      }
    });
  },
});

export const execWatch = defineCommand({
  flags: watchFlags,
  version3Command: (args, { recursive }) =>
    `watch ${shellArgument(args[0], "KEY")}${recursive ? " --prefix" : ""} -- COMMAND`,
  async run(context, args, flags) {
    const keys = await openKeys(context);
    const { key, argv } = splitArguments(args);
    const options = { afterIndex: BigInt.asUintN(64, flags["after-index"]), recursive: flags.recursive };
    await endOnCtrlC(() => runForEachEvent(context.io, keys, key, options, argv));
  },
});

/**
 * Splits `KEY -- COMMAND ARG…`. When no flag stands before the key, the flag parser has removed the `--`. etcdctl 3.4 then
 * takes the last argument as the key.
 */
function splitArguments(args: readonly string[]): { key: string; argv: readonly string[] } {
  const hasSeparator = args.indexOf("--", 1) > 0;
  const argv = hasSeparator ? args.slice(2) : args.slice(0, -1);
  const key = args[hasSeparator ? 0 : args.length - 1];
  if (args.length < 2 || key === undefined || argv.length === 0) {
    throw badArgsWithPrefix("key and command to exec required");
  }
  return { key, argv };
}

/** Does not wait for a command to end before it starts the command for the next event. */
async function runForEachEvent(
  io: Io,
  keys: KeysApi,
  key: string,
  options: WatchOptions,
  argv: readonly string[],
): Promise<void> {
  for await (const response of keys.watch(key, options, io.interrupt)) {
    if (response.node.dir) {
      await io.stderr.write(`Ignored dir ${response.node.key} change\n`);
      continue;
    }
    try {
      await io.startChild(argv, { env: eventVariables(response) });
    } catch (error) {
      if (!(error instanceof StartFailure)) throw error;
      throw new CliError(ExitCode.badArgs, error.message, { cause: error });
    }
  }
}

function eventVariables({ action, node }: KeyResponse): Record<string, string> {
  return {
    ETCD_WATCH_ACTION: action,
    ETCD_WATCH_MODIFIED_INDEX: node.modifiedIndex.toString(),
    ETCD_WATCH_KEY: node.key,
    ETCD_WATCH_VALUE: node.value,
  };
}
