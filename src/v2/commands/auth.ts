// auth enable and auth disable. Answers to ctlv2/command/auth_commands.go.
import { splitUser } from "../../cli/password";
import { ApiError } from "../api/api-error";
import type { Change, Role } from "../api/auth";
import { AuthApi } from "../api/auth";
import type { CommandContext } from "../command";
import { badArgsPlainly, defineCommand } from "../command";
import { askPassword } from "../context";
import { RequestError } from "../http/errors";
import { canonicalPath } from "../http/go-url";
import { shown } from "./keys";

export const authEnable = switchCommand(true);
export const authDisable = switchCommand(false);

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

// What user, role and auth share: the client, and the one name that they are about.

export async function openAuth(context: CommandContext): Promise<AuthApi> {
  const client = await context.client();
  if (context.settings.debug) {
    await context.io.stderr.write(`Cluster-Endpoints: ${client.endpoints.join(", ")}\n`);
  }
  return new AuthApi(client);
}

export function onlyName(args: readonly string[], what: string): string {
  const [name] = args;
  if (args.length !== 1 || name === undefined) throw badArgsPlainly(`Please provide a ${what}`);
  return name;
}

export function noArguments(args: readonly string[]): void {
  if (args.length > 0) throw badArgsPlainly("No arguments accepted");
}

// user list, add, get, remove, passwd, grant and revoke. Answers to ctlv2/command/user_commands.go.
// A password is asked for before the total timeout begins to run, so that nobody types against it.

export const userList = defineCommand({
  flags: {},
  instead: () => "user list",
  async run(context, args) {
    noArguments(args);
    const api = await openAuth(context);
    const names = await context.inTime((signal) => api.users(signal));
    await context.io.stdout.write(names.map((name) => `${name}\n`).join(""));
  },
});

export const userAdd = defineCommand({
  flags: {},
  instead: (args) => `user add ${shown(args[0]?.replace(/:.*/s, ""), "NAME")}`,
  async run(context, args) {
    const typed = onlyName(args, "username");
    const api = await openAuth(context);
    const { user, password } = await splitUser(typed, () => askPassword(context.io, "New password: "));
    await context.inTime((signal) => api.addUser(user, password, signal));
    await context.io.stdout.write(`User ${user} created\n`);
  },
});

export const userGet = defineCommand({
  flags: {},
  instead: (args) => `user get ${shown(args[0], "NAME")}`,
  async run(context, args) {
    const name = onlyName(args, "username");
    const api = await openAuth(context);
    const { user, roles } = await context.inTime((signal) => api.user(name, signal));
    await context.io.stdout.write(`User: ${user}\nRoles: ${roles.join(" ")}\n`);
  },
});

export const userRemove = defineCommand({
  flags: {},
  instead: (args) => `user delete ${shown(args[0], "NAME")}`,
  async run(context, args) {
    const name = onlyName(args, "username");
    const api = await openAuth(context);
    await context.inTime((signal) => api.removeUser(name, signal));
    await context.io.stdout.write(`User ${name} removed\n`);
  },
});

export const userPasswd = defineCommand({
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

export const userGrant = rolesCommand("grant");
export const userRevoke = rolesCommand("revoke");

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

// role list, add, get, remove, grant and revoke. Answers to ctlv2/command/role_commands.go.

export const roleList = defineCommand({
  flags: {},
  instead: () => "role list",
  async run(context, args) {
    noArguments(args);
    const api = await openAuth(context);
    const names = await context.inTime((signal) => api.roles(signal));
    await context.io.stdout.write(names.map((name) => `${name}\n`).join(""));
  },
});

export const roleAdd = defineCommand({
  flags: {},
  instead: (args) => `role add ${shown(args[0], "NAME")}`,
  async run(context, args) {
    const name = onlyName(args, "role name");
    const api = await openAuth(context);
    await context.inTime(async (signal) => {
      if (await exists(api, name, signal)) throw badArgsPlainly(`Role ${name} already exists`);
      await api.addRole(name, signal);
    });
    await context.io.stdout.write(`Role ${name} created\n`);
  },
});

/** Who may not look is told by the server when he adds. */
async function exists(api: AuthApi, name: string, signal: AbortSignal): Promise<boolean> {
  try {
    await api.role(name, signal);
    return true;
  } catch (error) {
    if (error instanceof ApiError || error instanceof RequestError) return false;
    throw error;
  }
}

export const roleGet = defineCommand({
  flags: {},
  instead: (args) => `role get ${shown(args[0], "NAME")}`,
  async run(context, args) {
    const name = onlyName(args, "role name");
    const api = await openAuth(context);
    const { role, permissions } = await context.inTime((signal) => api.role(name, signal));
    const { read, write } = permissions.kv;
    const indented = (paths: readonly string[] | null): string =>
      (paths ?? []).map((each) => `\t${each}\n`).join("");
    await context.io.stdout.write(`Role: ${role}\nKV Read:\n${indented(read)}KV Write:\n${indented(write)}`);
  },
});

export const roleRemove = defineCommand({
  flags: {},
  instead: (args) => `role delete ${shown(args[0], "NAME")}`,
  async run(context, args) {
    const name = onlyName(args, "role name");
    const api = await openAuth(context);
    await context.inTime((signal) => api.removeRole(name, signal));
    await context.io.stdout.write(`Role ${name} removed\n`);
  },
});

export const roleGrant = rightsCommand("grant");
export const roleRevoke = rightsCommand("revoke");

function rightsCommand(change: Change) {
  return defineCommand({
    flags: {
      path: { kind: "string", about: `path to ${change}; with a star at its end all that begins with it` },
      read: { kind: "bool", about: "reading" },
      write: { kind: "bool", about: "writing" },
      readwrite: { kind: "bool", alias: "rw", about: "reading and writing" },
    },
    instead: (args, { path, read, write }) => {
      const type = change === "revoke" ? "" : `${read ? "read" : write ? "write" : "readwrite"} `;
      return `role ${change}-permission ${shown(args[0], "NAME")} ${type}${shown(path || undefined, "KEY")}`;
    },
    async run(context, args, { path, read, write, readwrite }) {
      if (path === "") throw badArgsPlainly("No path specified; please use `--path`");
      const canonical = canonicalPath(path);
      if (canonical !== path) throw badArgsPlainly(`Not canonical path; please use \`--path=${canonical}\``);
      if ([read, write, readwrite].filter(Boolean).length !== 1) {
        throw badArgsPlainly("Please specify exactly one of --read, --write or --readwrite");
      }
      const name = onlyName(args, "role name");
      const api = await openAuth(context);
      const rights = { path, read: read || readwrite, write: write || readwrite };
      const isChanged = await context.inTime(async (signal) => {
        const before = await api.role(name, signal);
        return !isSame(before, await api.changeRole(name, change, rights, signal));
      });
      const note = isChanged ? "" : `Role unchanged; already ${change === "grant" ? "granted" : "revoked"}`;
      await context.io.stdout.write(`${note}Role ${name} updated\n`);
    },
  });
}

function isSame(a: Role, b: Role): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
