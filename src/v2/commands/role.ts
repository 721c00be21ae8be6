// role list, add, get, remove, grant and revoke. Answers to ctlv2/command/role_commands.go.
import type { AuthApi, Change, Role } from "../api/auth";
import { ApiError } from "../api/refusal";
import { badArgsPlainly, defineCommand } from "../command";
import { RequestError } from "../http/errors";
import { canonicalPath } from "../http/go-url";
import { shown } from "./key-command";
import { noArguments, onlyName, openAuth } from "./open-auth";

export const list = defineCommand({
  flags: {},
  instead: () => "role list",
  async run(context, args) {
    noArguments(args);
    const api = await openAuth(context);
    const names = await context.inTime((signal) => api.roles(signal));
    await context.io.stdout.write(names.map((name) => `${name}\n`).join(""));
  },
});

export const add = defineCommand({
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

export const get = defineCommand({
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

export const remove = defineCommand({
  flags: {},
  instead: (args) => `role delete ${shown(args[0], "NAME")}`,
  async run(context, args) {
    const name = onlyName(args, "role name");
    const api = await openAuth(context);
    await context.inTime((signal) => api.removeRole(name, signal));
    await context.io.stdout.write(`Role ${name} removed\n`);
  },
});

export const grant = rightsCommand("grant");
export const revoke = rightsCommand("revoke");

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
