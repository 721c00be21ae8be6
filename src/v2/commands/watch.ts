// watch: prints one event of a key, or all until Ctrl-C. Directories are passed over.
// Answers to ctlv2/command/watch_command.go.
import { CliError } from "../../errors";
import type { Io } from "../../io";
import { Interrupted, StartFailure } from "../../io";
import type { KeyResponse, KeysApi } from "../api/keys";
import { ExitCode, badArgs, defineCommand } from "../command";
import { printResponse } from "../print";
import { keyOf, openKeys, shown } from "./keys";

export const watch = defineCommand({
  flags: {
    forever: { kind: "bool", alias: "f", about: "go on until Ctrl-C" },
    "after-index": { kind: "int", about: "begin with the first event after this index" },
    recursive: { kind: "bool", alias: "r", about: "the keys below too" },
  },
  instead: (args, { recursive }) => `watch ${shown(args[0], "KEY")}${recursive ? " --prefix" : ""}`,
  async run(context, args, flags) {
    const { io } = context;
    const keys = await openKeys(context);
    const key = keyOf(args);
    const options = { after: BigInt.asUintN(64, flags["after-index"]), recursive: flags.recursive };
    await untilInterrupted(async () => {
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

// exec-watch: runs a command for every event of a key, told in variables, until Ctrl-C. The commands do not wait for
// each other. Answers to ctlv2/command/exec_watch_command.go.

export const execWatch = defineCommand({
  flags: {
    "after-index": { kind: "int", about: "begin with the first event after this index" },
    recursive: { kind: "bool", alias: "r", about: "the keys below too" },
  },
  instead: (args, { recursive }) =>
    `watch ${shown(args[0], "KEY")}${recursive ? " --prefix" : ""} -- COMMAND`,
  async run(context, args, flags) {
    const keys = await openKeys(context);
    const { key, argv } = splitArguments(args);
    const options = { after: BigInt.asUintN(64, flags["after-index"]), recursive: flags.recursive };
    await untilInterrupted(() => runForEach(context.io, keys, key, options, argv));
  },
});

/** Without a flag before the key, `--` is gone and the key is taken for the last argument: Go's client means it so. */
function splitArguments(args: readonly string[]): { key: string; argv: readonly string[] } {
  const hasSeparator = args.indexOf("--", 1) > 0;
  const argv = hasSeparator ? args.slice(2) : args.slice(0, -1);
  const key = args[hasSeparator ? 0 : args.length - 1];
  if (args.length < 2 || key === undefined || argv.length === 0) {
    throw badArgs("key and command to exec required");
  }
  return { key, argv };
}

async function runForEach(
  io: Io,
  keys: KeysApi,
  key: string,
  options: Parameters<KeysApi["watch"]>[1],
  argv: readonly string[],
): Promise<void> {
  for await (const response of keys.watch(key, options, io.interrupt)) {
    if (response.node.dir) {
      await io.stderr.write(`Ignored dir ${response.node.key} change\n`);
      continue;
    }
    try {
      await io.startChild(argv, { env: variablesOf(response) });
    } catch (error) {
      if (!(error instanceof StartFailure)) throw error;
      throw new CliError(ExitCode.badArgs, error.message, { cause: error });
    }
  }
}

function variablesOf({ action, node }: KeyResponse): Record<string, string> {
  return {
    ETCD_WATCH_ACTION: action,
    ETCD_WATCH_MODIFIED_INDEX: node.modifiedIndex.toString(),
    ETCD_WATCH_KEY: node.key,
    ETCD_WATCH_VALUE: node.value,
  };
}

// Commands that run until Ctrl-C: it is their normal end, exit code 0.

export async function untilInterrupted(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const isCtrlC = error instanceof Interrupted && error.signal === "SIGINT";
    if (!isCtrlC) throw error;
  }
}
