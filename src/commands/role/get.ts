// `role get ROLE`: which keys a role may read and write. Answers to etcdctl's role_command.go.
import { oneCall } from "../one-call";

export const command = oneCall({
  words: 1,
  otherwise: "role get command requires role name as its argument",
  call: ({ auth }, [role], options) => auth.roleGet({ role }, options),
  print: (printer, response, [role]) => printer.roleGet(role, response),
});
