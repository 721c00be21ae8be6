// auth enable and auth disable, and what they share with the commands on users and roles.
// Go (etcd 3.4): etcdctl/ctlv2/command/auth_commands.go
import { AuthApi } from "../api/auth";
import type { CommandContext } from "../command";
import { assertNoArguments, badArgsWithoutPrefix, defineCommand } from "../command";

export const enable = authCommand(true);
export const disable = authCommand(false);

function authCommand(isEnabled: boolean) {
  return defineCommand({
    flags: {},
    version3Command: () => `auth ${isEnabled ? "enable" : "disable"}`,
    async run(context, args) {
      assertNoArguments(args);
      const auth = await openAuth(context);
      await context.withTotalTimeout((signal) => auth.setEnabled(isEnabled, signal));
      await context.io.stdout.write(`Authentication ${isEnabled ? "Enabled" : "Disabled"}\n`);
    },
  });
}

/** With --debug, etcdctl 3.4 prints the endpoints a second time for these commands. */
export async function openAuth(context: CommandContext): Promise<AuthApi> {
  const client = await context.client();
  if (context.settings.debug) {
    await context.io.stderr.write(`Cluster-Endpoints: ${client.endpoints.join(", ")}\n`);
  }
  return new AuthApi(client);
}

/** Returns the only argument: the name of a user or a role. `what` names it in the error. */
export function nameArgument(args: readonly string[], what: "username" | "role name"): string {
  const [name] = args;
  if (args.length !== 1 || name === undefined) throw badArgsWithoutPrefix(`Please provide a ${what}`);
  return name;
}
