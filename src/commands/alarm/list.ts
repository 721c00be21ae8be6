// `alarm list`: the alarms that are raised, and by whom. Answers to etcdctl's alarm_command.go.
import { AlarmRequest } from "../../proto/gen/etcdserverpb";
import { oneCall } from "../one-call";

export const command = oneCall({
  words: 0,
  otherwise: "alarm list command accepts no arguments",
  call: ({ maintenance }, _words, options) => maintenance.alarm(AlarmRequest.create(), options),
  print: (printer, response) => printer.alarm(response),
});
