// `watch [KEY] [END] [-- COMMAND]`: prints changes as they happen, or runs a command for each; with -i a watch for each
// line of input. It ends only when it is told to or when the server refuses to go on.
// Answers to etcdctl's watch_command.go.
import { CliError, ExitCode } from "../errors";
import { defineCommand } from "./command";
import { commandLineArguments, watchEnvironment, watchFlags, watchRequest } from "./watch-arguments";
import { runWatch } from "./watch-events";
import { watchInteractively } from "./watch-interactive";

export const command = defineCommand({
  flags: watchFlags,
  async run(context, args, flags, dashAt) {
    const env = watchEnvironment(context.io);
    if (flags.interactive) return watchInteractively(context, env);
    const { range, command } = commandLineArguments({ args, dashAt }, env);
    const session = await context.session();
    const request = watchRequest(range, flags);
    const end = await runWatch(context, session, request, command.map(String)).ended;
    if (typeof end === "number") return end;
    throw new CliError(ExitCode.interrupted, "watch is canceled by the server", { hints: end });
  },
});
