// `role add ROLE`: makes a role that may do nothing yet. Answers to etcdctl's role_command.go.
import { oneCall } from "../one-call";

export const command = oneCall({
  words: 1,
  otherwise: "role add command requires role name as its argument",
  call: ({ auth }, [name], options) => auth.roleAdd({ name }, options),
  print: (printer, response, [name]) => printer.roleAdd(name, response),
});
