// watch: prints one event of a key, or all until Ctrl-C. Directories are passed over.
// Answers to ctlv2/command/watch_command.go.
import { defineCommand } from "../command";
import { printResponse } from "../print";
import { keyOf, openKeys, shown } from "./key-command";
import { untilInterrupted } from "./until-interrupted";

export const command = defineCommand({
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
