// `user grant-role USER ROLE`: gives a role to a user. Answers to etcdctl's user_command.go.
import { oneCall } from "../one-call";

export const command = oneCall({
  words: 2,
  otherwise: "user grant command requires user name and role name as its argument",
  call: ({ auth }, [user, role], options) => auth.userGrantRole({ user, role }, options),
  print: (printer, response, [user, role]) => printer.userGrantRole(user, role, response),
});
