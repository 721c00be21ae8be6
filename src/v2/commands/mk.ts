// mk: writes a key that must be new, or one with a number of its own in a directory.
// Answers to ctlv2/command/mk_command.go.
import { defineCommand } from "../command";
import { printResponse } from "../print";
import { keyOf, openKeys, shown, valueOf } from "./key-command";

export const command = defineCommand({
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
