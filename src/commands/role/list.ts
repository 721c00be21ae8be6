// `role list`: the names of all roles. Answers to etcdctl's role_command.go.
import { oneCall } from "../one-call";

export const command = oneCall({
  words: 0,
  otherwise: "role list command requires no arguments",
  call: ({ auth }, _words, options) => auth.roleList({}, options),
  print: (printer, response) => printer.roleList(response),
});
