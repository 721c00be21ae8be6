// `user revoke-role USER ROLE`: takes a role from a user. Answers to etcdctl's user_command.go.
import { oneCall } from "../one-call";

export const command = oneCall({
  words: 2,
  otherwise: "user revoke-role requires user name and role name as its argument",
  call: ({ auth }, [name, role], options) => auth.userRevokeRole({ name, role }, options),
  print: (printer, response, [name, role]) => printer.userRevokeRole(name, role, response),
});
