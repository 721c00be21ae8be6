// `auth status`: whether authentication is on, and the revision of users and roles. Answers to etcdctl's auth_command.go.
import { oneCall } from "../one-call";

export const command = oneCall({
  words: 0,
  otherwise: "auth status command does not accept any arguments",
  call: ({ auth }, _words, options) => auth.authStatus({}, options),
  print: (printer, response) => printer.authStatus(response),
});
