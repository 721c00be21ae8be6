// Go: etcdctl/ctlv3/command/alarm_command.go.
import type { EtcdClient } from "../client/client";
import { AlarmRequest, AlarmRequest_AlarmAction, AlarmResponse } from "../proto/gen/etcdserverpb";
import type { CallOptions } from "../transport/transport";
import { unaryCommand } from "./command";

export const alarmList = unaryCommand({
  argumentCount: 0,
  usageError: "alarm list command accepts no arguments",
  call: ({ maintenance }, _args, options) => maintenance.alarm(AlarmRequest.create(), options),
  print: (printer, response) => printer.alarm(response),
});

export const alarmDisarm = unaryCommand({
  argumentCount: 0,
  usageError: "alarm disarm command accepts no arguments",
  call: ({ maintenance }, _args, options) => disarmAll(maintenance, options),
  print: (printer, response) => printer.alarm(response),
});

/** Deactivates each raised alarm with one call. The response has no header, as in Go (AlarmDisarm in client/v3/maintenance.go). */
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
