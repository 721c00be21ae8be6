// auth enable and auth disable. Answers to ctlv2/command/auth_commands.go.
import { defineCommand } from "../command";
import { noArguments, openAuth } from "./open-auth";

export const enable = switchCommand(true);
export const disable = switchCommand(false);

function switchCommand(on: boolean) {
  return defineCommand({
    flags: {},
    instead: () => `auth ${on ? "enable" : "disable"}`,
    async run(context, args) {
      noArguments(args);
      const api = await openAuth(context);
      await context.inTime((signal) => api.switch(on, signal));
      await context.io.stdout.write(`Authentication ${on ? "Enabled" : "Disabled"}\n`);
    },
  });
}
