// Go: etcdctl/ctlv3/command/auth_command.go.
import type { EtcdClient } from "../client/client";
import { isServerError } from "../etcd/error-table";
import type { CallOptions } from "../transport/transport";
import { unaryCommand } from "./command";

export const authEnable = unaryCommand({
  argumentCount: 0,
  usageError: "auth enable command does not accept any arguments",
  call: ({ auth }, _args, options) => enable(auth, options),
  print: () => "Authentication Enabled\n",
});

/** Creates role root and grants it to user root if the role is missing. User root must exist. */
async function enable(auth: EtcdClient["auth"], options: CallOptions): Promise<void> {
  try {
    await auth.authEnable({}, options);
  } catch (error) {
    if (!isServerError(error, "rootRoleNotExist")) throw error;
    await auth.roleAdd({ name: "root" }, options);
    await auth.userGrantRole({ user: "root", role: "root" }, options);
    await auth.authEnable({}, options);
  }
}

export const authDisable = unaryCommand({
  argumentCount: 0,
  usageError: "auth disable command does not accept any arguments",
  call: ({ auth }, _args, options) => auth.authDisable({}, options),
  print: () => "Authentication Disabled\n",
});

export const authStatus = unaryCommand({
  argumentCount: 0,
  usageError: "auth status command does not accept any arguments",
  call: ({ auth }, _args, options) => auth.authStatus({}, options),
  print: (printer, response) => printer.authStatus(response),
});
