// `alarm list`: the alarms that are raised, and by whom. Answers to etcdctl's alarm_command.go.
import type { EtcdClient } from "../client/client";
import { AlarmRequest, AlarmRequest_AlarmAction, AlarmResponse } from "../proto/gen/etcdserverpb";
import type { CallOptions } from "../transport/transport";
import { oneCall } from "./command";

export const alarmList = oneCall({
  words: 0,
  otherwise: "alarm list command accepts no arguments",
  call: ({ maintenance }, _words, options) => maintenance.alarm(AlarmRequest.create(), options),
  print: (printer, response) => printer.alarm(response),
});

// `alarm disarm`: takes back every alarm there is, one by one, and prints those it took back. The answer has no header, since
// no single call gave it. Answers to etcdctl's alarm_command.go and to clientv3's AlarmDisarm.

export const alarmDisarm = oneCall({
  words: 0,
  otherwise: "alarm disarm command accepts no arguments",
  call: ({ maintenance }, _words, options) => disarmAll(maintenance, options),
  print: (printer, response) => printer.alarm(response),
});

async function disarmAll(
  maintenance: EtcdClient["maintenance"],
  options: CallOptions,
): Promise<AlarmResponse> {
  const action = AlarmRequest_AlarmAction.DEACTIVATE;
  const disarmed = AlarmResponse.create();
  for (const raised of (await maintenance.alarm(AlarmRequest.create(), options)).alarms) {
    const { alarms } = await maintenance.alarm({ action, ...raised }, options);
    disarmed.alarms.push(...alarms);
  }
  return disarmed;
}
