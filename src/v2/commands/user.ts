// user list, add, get, remove, passwd, grant and revoke. --total-timeout starts after the user has typed the password.
// Go (etcd 3.4): etcdctl/ctlv2/command/user_commands.go
import { splitUser } from "../../input/password";
import type { PermissionChange } from "../api/auth";
import { assertNoArguments, badArgsWithoutPrefix, defineCommand, shellArgument } from "../command";
import { askPassword } from "../context";
import { nameArgument, openAuth } from "./auth";

export const list = defineCommand({
  flags: {},
  version3Command: () => "user list",
  async run(context, args) {
    assertNoArguments(args);
    const auth = await openAuth(context);
    const names = await context.withTotalTimeout((signal) => auth.users(signal));
    await context.io.stdout.write(names.map((name) => `${name}\n`).join(""));
  },
});

export const add = defineCommand({
  flags: {},
  version3Command: (args) => `user add ${shellArgument(args[0]?.replace(/:.*/s, ""), "NAME")}`,
  async run(context, args) {
    const argument = nameArgument(args, "username");
    const auth = await openAuth(context);
    const { user, password } = await splitUser(argument, () => askPassword(context.io, "New password: "));
    await context.withTotalTimeout((signal) => auth.addUser(user, password, signal));
    await context.io.stdout.write(`User ${user} created\n`);
  },
});

export const get = defineCommand({
  flags: {},
  version3Command: (args) => `user get ${shellArgument(args[0], "NAME")}`,
  async run(context, args) {
    const name = nameArgument(args, "username");
    const auth = await openAuth(context);
    const { user, roles } = await context.withTotalTimeout((signal) => auth.user(name, signal));
    await context.io.stdout.write(`User: ${user}\nRoles: ${roles.join(" ")}\n`);
  },
});

export const remove = defineCommand({
  flags: {},
  version3Command: (args) => `user delete ${shellArgument(args[0], "NAME")}`,
  async run(context, args) {
    const name = nameArgument(args, "username");
    const auth = await openAuth(context);
    await context.withTotalTimeout((signal) => auth.removeUser(name, signal));
    await context.io.stdout.write(`User ${name} removed\n`);
  },
});

export const passwd = defineCommand({
  flags: {},
  version3Command: (args) => `user passwd ${shellArgument(args[0], "NAME")}`,
  async run(context, args) {
    const name = nameArgument(args, "username");
    const auth = await openAuth(context);
    const password = await askPassword(context.io, "New password: ");
    await context.withTotalTimeout((signal) => auth.changeUser(name, { password }, signal));
    await context.io.stdout.write("Password updated\n");
  },
});

export const grant = rolesCommand("grant");
export const revoke = rolesCommand("revoke");

function rolesCommand(change: PermissionChange) {
  return defineCommand({
    flags: { roles: { kind: "list", usage: `role to ${change}; repeat the flag for more roles` } },
    version3Command: (args, { roles }) =>
      `user ${change}-role ${shellArgument(args[0], "NAME")} ${shellArgument(roles[0], "ROLE")}`,
    async run(context, args, { roles }) {
      if (roles.length === 0) throw badArgsWithoutPrefix("No roles specified; please use `--roles`");
      const name = nameArgument(args, "username");
      const auth = await openAuth(context);
      await context.withTotalTimeout((signal) => auth.changeUser(name, { [change]: roles }, signal));
      await context.io.stdout.write(`User ${name} updated\n`);
    },
  });
}
