// rm: removes a key, an empty directory, or a directory with all in it, if it is as expected.
// Answers to ctlv2/command/rm_command.go.
import { defineCommand } from "../command";
import { keyOf, openKeys, printUnlessPlainDir, shown } from "./key-command";

export const command = defineCommand({
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
