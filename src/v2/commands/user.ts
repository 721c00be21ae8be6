// user list, add, get, remove, passwd, grant and revoke. Answers to ctlv2/command/user_commands.go.
// A password is asked for before the total timeout begins to run, so that nobody types against it.
import { badArgsPlainly, defineCommand } from "../command";
import { askPassword, splitCredentials } from "../password";
import type { Change } from "../api/auth";
import { shown } from "./key-command";
import { noArguments, onlyName, openAuth } from "./open-auth";

export const list = defineCommand({
  flags: {},
  instead: () => "user list",
  async run(context, args) {
    noArguments(args);
    const api = await openAuth(context);
    const names = await context.inTime((signal) => api.users(signal));
    await context.io.stdout.write(names.map((name) => `${name}\n`).join(""));
  },
});

export const add = defineCommand({
  flags: {},
  instead: (args) => `user add ${shown(args[0]?.replace(/:.*/s, ""), "NAME")}`,
  async run(context, args) {
    const typed = onlyName(args, "username");
    const api = await openAuth(context);
    const { user = "", password = "" } =
      typed === ""
        ? { user: "", password: await askPassword(context.io, "New password: ") }
        : ((await splitCredentials(context.io, "New password: ", typed)) ?? {});
    await context.inTime((signal) => api.addUser(user, password, signal));
    await context.io.stdout.write(`User ${user} created\n`);
  },
});

export const get = defineCommand({
  flags: {},
  instead: (args) => `user get ${shown(args[0], "NAME")}`,
  async run(context, args) {
    const name = onlyName(args, "username");
    const api = await openAuth(context);
    const { user, roles } = await context.inTime((signal) => api.user(name, signal));
    await context.io.stdout.write(`User: ${user}\nRoles: ${roles.join(" ")}\n`);
  },
});

export const remove = defineCommand({
  flags: {},
  instead: (args) => `user delete ${shown(args[0], "NAME")}`,
  async run(context, args) {
    const name = onlyName(args, "username");
    const api = await openAuth(context);
    await context.inTime((signal) => api.removeUser(name, signal));
    await context.io.stdout.write(`User ${name} removed\n`);
  },
});

export const passwd = defineCommand({
  flags: {},
  instead: (args) => `user passwd ${shown(args[0], "NAME")}`,
  async run(context, args) {
    const name = onlyName(args, "username");
    const api = await openAuth(context);
    const password = await askPassword(context.io, "New password: ");
    await context.inTime((signal) => api.changeUser(name, { password }, signal));
    await context.io.stdout.write("Password updated\n");
  },
});

export const grant = rolesCommand("grant");
export const revoke = rolesCommand("revoke");

function rolesCommand(change: Change) {
  return defineCommand({
    flags: { roles: { kind: "list", about: `a role to ${change}; once for each` } },
    instead: (args, { roles }) => `user ${change}-role ${shown(args[0], "NAME")} ${shown(roles[0], "ROLE")}`,
    async run(context, args, { roles }) {
      if (roles.length === 0) throw badArgsPlainly("No roles specified; please use `--roles`");
      const name = onlyName(args, "username");
      const api = await openAuth(context);
      await context.inTime((signal) => api.changeUser(name, { [change]: roles }, signal));
      await context.io.stdout.write(`User ${name} updated\n`);
    },
  });
}
