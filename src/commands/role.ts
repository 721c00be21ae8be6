// `role add ROLE`: makes a role that may do nothing yet. Answers to etcdctl's role_command.go.
import type { FlagTable, FlagValues } from "../cli/flags";
import { badArgs } from "../errors";
import { firstKey, openRangeEnd, prefixEnd } from "../etcd/keys";
import { rawBytes } from "../go/raw-text";
import { Permission_Type } from "../proto/gen/authpb";
import { AuthRoleGrantPermissionRequest, AuthRoleRevokePermissionRequest } from "../proto/gen/etcdserverpb";
import { emptyBytes } from "../proto/wire";
import type { KeyRange } from "./arguments";
import { defineCommand, oneCall } from "./command";

export const roleAdd = oneCall({
  words: 1,
  otherwise: "role add command requires role name as its argument",
  call: ({ auth }, [name], options) => auth.roleAdd({ name }, options),
  print: (printer, response, [name]) => printer.roleAdd(name, response),
});

// `role delete ROLE`: deletes a role and takes it from all users. Answers to etcdctl's role_command.go.

export const roleDelete = oneCall({
  words: 1,
  otherwise: "role delete command requires role name as its argument",
  call: ({ auth }, [role], options) => auth.roleDelete({ role }, options),
  print: (printer, response, [role]) => printer.roleDelete(role, response),
});

// `role get ROLE`: which keys a role may read and write. Answers to etcdctl's role_command.go.

export const roleGet = oneCall({
  words: 1,
  otherwise: "role get command requires role name as its argument",
  call: ({ auth }, [role], options) => auth.roleGet({ role }, options),
  print: (printer, response, [role]) => printer.roleGet(role, response),
});

// `role list`: the names of all roles. Answers to etcdctl's role_command.go.

export const roleList = oneCall({
  words: 0,
  otherwise: "role list command requires no arguments",
  call: ({ auth }, _words, options) => auth.roleList({}, options),
  print: (printer, response) => printer.roleList(response),
});

export const permissionFlags = {
  prefix: { kind: "bool", default: false, usage: "the keys that begin with KEY" },
  "from-key": { kind: "bool", default: false, usage: "KEY and all keys after it in byte order" },
} as const satisfies FlagTable;

// `role grant-permission ROLE read|write|readwrite KEY [END]`: lets a role read or write keys; granting the same keys again
// changes what it may do with them. Answers to etcdctl's role_command.go.

export const roleGrantPermission = defineCommand({
  flags: permissionFlags,
  async run(context, args, flags) {
    const request = grantRequest(args, flags);
    const { client, printer } = await context.connect();
    const response = await client.auth.roleGrantPermission(request, context.call());
    await context.io.stdout.write(printer.roleGrantPermission(request.name, response));
  },
});

export function grantRequest(
  args: readonly string[],
  flags: PermissionFlags,
): AuthRoleGrantPermissionRequest {
  const [name, type, ...keys] = args;
  if (name === undefined || type === undefined || keys.length === 0) {
    throw badArgs("role grant command requires role name, permission type, and key [endkey] as its argument");
  }
  const permType = permissionType(type);
  return AuthRoleGrantPermissionRequest.create({ name, perm: { permType, ...permissionRange(keys, flags) } });
}

function permissionType(text: string): number {
  const name = text.toUpperCase();
  if (Object.hasOwn(Permission_Type, name)) return Permission_Type[name as keyof typeof Permission_Type];
  throw badArgs(`invalid permission type: ${text}`);
}

// `role revoke-permission ROLE KEY [END]`: takes a permission back; the keys must be those of the grant.
// The answer names the key as it was typed, as in Go. Answers to etcdctl's role_command.go.

export const roleRevokePermission = defineCommand({
  flags: permissionFlags,
  async run(context, args, flags) {
    const request = revokeRequest(args, flags);
    const { client, printer } = await context.connect();
    const response = await client.auth.roleRevokePermission(request, context.call());
    const typedKey = rawBytes(args[1] ?? "");
    await context.io.stdout.write(
      printer.roleRevokePermission(request.role, typedKey, request.rangeEnd, response),
    );
  },
});

export function revokeRequest(
  args: readonly string[],
  flags: PermissionFlags,
): AuthRoleRevokePermissionRequest {
  const [role, ...keys] = args;
  if (role === undefined || keys.length === 0) {
    throw badArgs("role revoke-permission command requires role name and key [endkey] as its argument");
  }
  return AuthRoleRevokePermissionRequest.create({ role, ...permissionRange(keys, flags) });
}

// The keys of a permission, as grant-permission and revoke-permission take them. An empty key stands for the first possible
// one, also where only one key is meant; a range that ends with a zero byte is open ended.
// Answers to permRange in etcdctl's role_command.go, the order of its checks included.

export type PermissionFlags = FlagValues<typeof permissionFlags>;

export function permissionRange(
  [key = "", end]: readonly string[],
  { prefix, "from-key": fromKey }: PermissionFlags,
): KeyRange {
  if (prefix && fromKey && (key === "" || end === undefined)) {
    throw badArgs("--from-key and --prefix flags are mutually exclusive");
  }
  if (key === "") return { key: firstKey, rangeEnd: prefix || fromKey ? openRangeEnd : emptyBytes };
  if (end !== undefined && prefix) throw badArgs("unexpected endkey argument with --prefix flag");
  if (end !== undefined && fromKey) throw badArgs("unexpected endkey argument with --from-key flag");
  const bytes = rawBytes(key);
  if (prefix) return { key: bytes, rangeEnd: prefixEnd(bytes) };
  if (fromKey) return { key: bytes, rangeEnd: openRangeEnd };
  return { key: bytes, rangeEnd: end === undefined ? emptyBytes : rawBytes(end) };
}
