// mkdir, setdir and updatedir: a directory that must be new, may be there, or must be there.
// Answers to ctlv2/command/mkdir_command.go, set_dir_command.go and update_dir_command.go.
import { defineCommand } from "../command";
import { printResponse } from "../print";
import { keyOf, openKeys, shown } from "./key-command";

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
