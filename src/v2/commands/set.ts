// set: writes a key, new or not, if it is as expected. Answers to ctlv2/command/set_command.go.
import { defineCommand } from "../command";
import { printResponse } from "../print";
import { keyOf, openKeys, shown, valueOf } from "./key-command";

export const command = defineCommand({
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
