// rmdir: removes a key or an empty directory. Answers to ctlv2/command/rmdir_command.go.
import { defineCommand } from "../command";
import { keyOf, openKeys, printUnlessPlainDir, shown } from "./key-command";

export const command = defineCommand({
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
