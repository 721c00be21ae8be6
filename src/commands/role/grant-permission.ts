// `role grant-permission ROLE read|write|readwrite KEY [END]`: lets a role read or write keys; granting the same keys again
// changes what it may do with them. Answers to etcdctl's role_command.go.
import { Permission_Type } from "../../proto/gen/authpb";
import { AuthRoleGrantPermissionRequest } from "../../proto/gen/etcdserverpb";
import { defineCommand } from "../command";
import { badArgs } from "../key-range";
import { permissionFlags, permissionRange, type PermissionFlags } from "./permission-range";

export const command = defineCommand({
  flags: permissionFlags,
  async run(context, args, flags) {
    const request = grantRequest(args, flags);
    const { client, printer } = await context.session();
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
