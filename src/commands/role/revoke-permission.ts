// `role revoke-permission ROLE KEY [END]`: takes a permission back; the keys must be those of the grant.
// The answer names the key as it was typed, as in Go. Answers to etcdctl's role_command.go.
import { rawBytes } from "../../goformat/raw-text";
import { AuthRoleRevokePermissionRequest } from "../../proto/gen/etcdserverpb";
import { defineCommand } from "../command";
import { badArgs } from "../key-range";
import { permissionFlags, permissionRange, type PermissionFlags } from "./permission-range";

export const command = defineCommand({
  flags: permissionFlags,
  async run(context, args, flags) {
    const request = revokeRequest(args, flags);
    const { client, printer } = await context.session();
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
