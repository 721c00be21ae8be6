// get: the value of one key. Answers to ctlv2/command/get_command.go.
import { CliError } from "../../errors";
import { defineCommand, ExitCode } from "../command";
import { printResponse } from "../print";
import { keyOf, openKeys, shown } from "./key-command";

export const command = defineCommand({
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
