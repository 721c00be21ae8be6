// `user list`: the names of all users. Answers to etcdctl's user_command.go.
import { oneCall } from "../one-call";

export const command = oneCall({
  words: 0,
  otherwise: "user list command requires no arguments",
  call: ({ auth }, _words, options) => auth.userList({}, options),
  print: (printer, response) => printer.userList(response),
});
