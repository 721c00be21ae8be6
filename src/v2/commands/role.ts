// role list, add, get, remove, grant and revoke. Go (etcd 3.4): etcdctl/ctlv2/command/role_commands.go
import { isDeepStrictEqual } from "node:util";
import { cleanUrlPath } from "../../go/path";
import { ApiError } from "../api/api-error";
import type { AuthApi, PermissionChange } from "../api/auth";
import { assertNoArguments, badArgsWithoutPrefix, defineCommand, shellArgument } from "../command";
import { RequestError } from "../http/errors";
import { nameArgument, openAuth } from "./auth";

export const list = defineCommand({
  flags: {},
  version3Command: () => "role list",
  async run(context, args) {
    assertNoArguments(args);
    const auth = await openAuth(context);
    const names = await context.withTotalTimeout((signal) => auth.roles(signal));
    await context.io.stdout.write(names.map((name) => `${name}\n`).join(""));
  },
});

export const add = defineCommand({
  flags: {},
  version3Command: (args) => `role add ${shellArgument(args[0], "NAME")}`,
  async run(context, args) {
    const name = nameArgument(args, "role name");
    const auth = await openAuth(context);
    await context.withTotalTimeout(async (signal) => {
      if (await roleExists(auth, name, signal)) throw badArgsWithoutPrefix(`Role ${name} already exists`);
      await auth.addRole(name, signal);
    });
    await context.io.stdout.write(`Role ${name} created\n`);
  },
});

/** Returns false when the request fails, for example without permission. The request to add the role then fails too. */
async function roleExists(auth: AuthApi, name: string, signal: AbortSignal): Promise<boolean> {
  try {
    await auth.role(name, signal);
    return true;
  } catch (error) {
    if (error instanceof ApiError || error instanceof RequestError) return false;
    throw error;
  }
}

export const get = defineCommand({
  flags: {},
  version3Command: (args) => `role get ${shellArgument(args[0], "NAME")}`,
  async run(context, args) {
    const name = nameArgument(args, "role name");
    const auth = await openAuth(context);
    const { role, permissions } = await context.withTotalTimeout((signal) => auth.role(name, signal));
    const { read, write } = permissions.kv;
    const lines = (paths: readonly string[] | null): string =>
      (paths ?? []).map((path) => `\t${path}\n`).join("");
    await context.io.stdout.write(`Role: ${role}\nKV Read:\n${lines(read)}KV Write:\n${lines(write)}`);
  },
});

export const remove = defineCommand({
  flags: {},
  version3Command: (args) => `role delete ${shellArgument(args[0], "NAME")}`,
  async run(context, args) {
    const name = nameArgument(args, "role name");
    const auth = await openAuth(context);
    await context.withTotalTimeout((signal) => auth.removeRole(name, signal));
    await context.io.stdout.write(`Role ${name} removed\n`);
  },
});

export const grant = permissionCommand("grant");
export const revoke = permissionCommand("revoke");

function permissionCommand(change: PermissionChange) {
  return defineCommand({
    flags: {
      path: {
        kind: "string",
        usage: `path to ${change}; a star at its end matches every key with that prefix`,
      },
      read: { kind: "bool", usage: `${change} read permission` },
      write: { kind: "bool", usage: `${change} write permission` },
      readwrite: { kind: "bool", alias: "rw", usage: `${change} read and write permission` },
    },
    version3Command(args, { path, read, write }) {
      const type = change === "revoke" ? "" : `${read ? "read" : write ? "write" : "readwrite"} `;
      const key = shellArgument(path || undefined, "KEY");
      return `role ${change}-permission ${shellArgument(args[0], "NAME")} ${type}${key}`;
    },
    async run(context, args, { path, read, write, readwrite }) {
      if (path === "") throw badArgsWithoutPrefix("No path specified; please use `--path`");
      const canonical = cleanUrlPath(path);
      if (canonical !== path) {
        throw badArgsWithoutPrefix(`Not canonical path; please use \`--path=${canonical}\``);
      }
      if ([read, write, readwrite].filter(Boolean).length !== 1) {
        throw badArgsWithoutPrefix("Please specify exactly one of --read, --write or --readwrite");
      }
      const name = nameArgument(args, "role name");
      const auth = await openAuth(context);
      const permission = { path, read: read || readwrite, write: write || readwrite };
      const isChanged = await context.withTotalTimeout(async (signal) => {
        const before = await auth.role(name, signal);
        const after = await auth.changeRole(name, change, permission, signal);
        return !isDeepStrictEqual(before, after);
      });
      const note = isChanged ? "" : `Role unchanged; already ${change === "grant" ? "granted" : "revoked"}`;
      await context.io.stdout.write(`${note}Role ${name} updated\n`);
    },
  });
}
