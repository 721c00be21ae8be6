// The raised alarms, stored in the db file's `alarm` bucket. quota.ts refuses changes while an alarm is raised.
// Go: server/etcdserver/api/v3alarm/alarms.go
import { AlarmMember, AlarmType } from "../../proto/gen/etcdserverpb";
import { decode, encode } from "../../proto/message";
import { emptyBytes } from "../../proto/wire";
import type { RawBucket } from "../../storage/contents";
import { bucketName } from "../../storage/schema";

export interface Alarms {
  /** The raised alarms of a type; NONE means of every type. */
  list(type: AlarmType): AlarmMember[];
  /** Raises an alarm. One that is raised already stays raised. */
  activate(memberID: bigint, alarm: AlarmType): AlarmMember;
  /** Lowers an alarm. Undefined if it was not raised. */
  deactivate(memberID: bigint, alarm: AlarmType): AlarmMember | undefined;
  dump(): RawBucket;
}

export type ReadableAlarms = Pick<Alarms, "list" | "dump">;

export function createAlarms(stored: RawBucket | undefined): Alarms {
  const raised = (stored?.entries ?? []).map(([key]) => decode(AlarmMember, key));
  const find = (memberID: bigint, alarm: AlarmType) =>
    raised.find((each) => each.memberID === memberID && each.alarm === alarm);
  return {
    list: (type) => raised.filter((each) => type === AlarmType.NONE || each.alarm === type),
    activate(memberID, alarm) {
      const present = find(memberID, alarm);
      if (present !== undefined) return present;
      const added = { memberID, alarm };
      raised.push(added);
      return added;
    },
    deactivate(memberID, alarm) {
      const present = find(memberID, alarm);
      if (present !== undefined) raised.splice(raised.indexOf(present), 1);
      return present;
    },
    dump: () => ({
      name: bucketName.alarm,
      entries: raised
        .map((each) => encode(AlarmMember, each))
        .sort((a, b) => a.compare(b))
        .map((key) => [key, emptyBytes] as const),
    }),
  };
}

/** `NOSPACE` */
export function alarmName(alarm: AlarmType): string {
  return Object.entries(AlarmType).find(([, value]) => value === alarm)?.[0] ?? String(alarm);
}

/** The alarm as etcd prints it in the errors of a status: protobuf's text form, which leaves out zeros. */
export function alarmText({ memberID, alarm }: AlarmMember): string {
  const member = memberID === 0n ? [] : [`memberID:${memberID}`];
  const kind = alarm === AlarmType.NONE ? [] : [`alarm:${alarmName(alarm)}`];
  return [...member, ...kind].join(" ");
}
