// `user delete USER`: deletes a user. Answers to etcdctl's user_command.go.
import { oneCall } from "../one-call";

export const command = oneCall({
  words: 1,
  otherwise: "user delete command requires user name as its argument",
  call: ({ auth }, [name], options) => auth.userDelete({ name }, options),
  print: (printer, response, [name]) => printer.userDelete(name, response),
});
