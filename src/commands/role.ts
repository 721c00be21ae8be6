// Go: etcdctl/ctlv3/command/role_command.go.
import type { FlagTable, FlagValues } from "../input/flags";
import { badArgs } from "../errors";
import { firstKey, openRangeEnd, prefixEnd } from "../etcd/keys";
import { rawBytes } from "../go/raw-text";
import { Permission_Type } from "../proto/gen/authpb";
import { AuthRoleGrantPermissionRequest, AuthRoleRevokePermissionRequest } from "../proto/gen/etcdserverpb";
import { emptyBytes } from "../proto/wire";
import type { KeyRange } from "./arguments";
import { defineCommand, unaryCommand } from "./command";

export const roleAdd = unaryCommand({
  argumentCount: 1,
  usageError: "role add command requires role name as its argument",
  call: ({ auth }, [name], options) => auth.roleAdd({ name }, options),
  print: (printer, response, [name]) => printer.roleAdd(name, response),
});

export const roleDelete = unaryCommand({
  argumentCount: 1,
  usageError: "role delete command requires role name as its argument",
  call: ({ auth }, [role], options) => auth.roleDelete({ role }, options),
  print: (printer, response, [role]) => printer.roleDelete(role, response),
});

export const roleGet = unaryCommand({
  argumentCount: 1,
  usageError: "role get command requires role name as its argument",
  call: ({ auth }, [role], options) => auth.roleGet({ role }, options),
  print: (printer, response, [role]) => printer.roleGet(role, response),
});

export const roleList = unaryCommand({
  argumentCount: 0,
  usageError: "role list command requires no arguments",
  call: ({ auth }, _args, options) => auth.roleList({}, options),
  print: (printer, response) => printer.roleList(response),
});

const permissionFlags = {
  prefix: { kind: "bool", default: false, usage: "all keys that begin with KEY" },
  "from-key": { kind: "bool", default: false, usage: "KEY and all keys after it in byte order" },
} as const satisfies FlagTable;

type PermissionFlags = FlagValues<typeof permissionFlags>;

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

/** Prints the key as typed, as in Go, not the first key of the range. */
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

function revokeRequest(args: readonly string[], flags: PermissionFlags): AuthRoleRevokePermissionRequest {
  const [role, ...keys] = args;
  if (role === undefined || keys.length === 0) {
    throw badArgs("role revoke-permission command requires role name and key [endkey] as its argument");
  }
  return AuthRoleRevokePermissionRequest.create({ role, ...permissionRange(keys, flags) });
}

/** The keys of a permission. An empty key becomes the first possible key, also without a flag. Go: permRange */
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
