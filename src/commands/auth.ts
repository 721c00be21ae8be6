// `auth enable`: turns authentication on. User root must be there; its role is made and given to it where that is missing.
// Answers to etcdctl's auth_command.go.
import type { EtcdClient } from "../client/client";
import { isServerError } from "../etcd/error-table";
import type { CallOptions } from "../transport/transport";
import { oneCall } from "./command";

export const authEnable = oneCall({
  words: 0,
  otherwise: "auth enable command does not accept any arguments",
  call: ({ auth }, _words, options) => enable(auth, options),
  print: () => "Authentication Enabled\n",
});

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

// `auth disable`: turns authentication off; users and roles stay. Answers to etcdctl's auth_command.go.

export const authDisable = oneCall({
  words: 0,
  otherwise: "auth disable command does not accept any arguments",
  call: ({ auth }, _words, options) => auth.authDisable({}, options),
  print: () => "Authentication Disabled\n",
});

// `auth status`: whether authentication is on, and the revision of users and roles. Answers to etcdctl's auth_command.go.

export const authStatus = oneCall({
  words: 0,
  otherwise: "auth status command does not accept any arguments",
  call: ({ auth }, _words, options) => auth.authStatus({}, options),
  print: (printer, response) => printer.authStatus(response),
});
