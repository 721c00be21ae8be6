// `role delete ROLE`: deletes a role and takes it from all users. Answers to etcdctl's role_command.go.
import { oneCall } from "../one-call";

export const command = oneCall({
  words: 1,
  otherwise: "role delete command requires role name as its argument",
  call: ({ auth }, [role], options) => auth.roleDelete({ role }, options),
  print: (printer, response, [role]) => printer.roleDelete(role, response),
});
