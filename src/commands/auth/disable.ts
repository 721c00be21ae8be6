// `auth disable`: turns authentication off; users and roles stay. Answers to etcdctl's auth_command.go.
import { oneCall } from "../one-call";

export const command = oneCall({
  words: 0,
  otherwise: "auth disable command does not accept any arguments",
  call: ({ auth }, _words, options) => auth.authDisable({}, options),
  print: () => "Authentication Disabled\n",
});
