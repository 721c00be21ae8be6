// update: writes a key that must be there. Answers to ctlv2/command/update_command.go.
import { defineCommand } from "../command";
import { printResponse } from "../print";
import { keyOf, openKeys, shown, valueOf } from "./key-command";

export const command = defineCommand({
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
