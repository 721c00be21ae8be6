// The alarms raised on this member, kept in the db file's `alarm` bucket. Answers to etcd's v3alarm/alarms.go and to
// the appliers that refuse writes while one is raised (apply/capped.go, apply/corrupt.go).
import { AlarmMember, AlarmType } from "../../proto/gen/etcdserverpb";
import { decode, encode } from "../../proto/message";
import { emptyBytes } from "../../proto/wire";
import type { RawBucket } from "../../storage/contents";

export const alarmBucket = "alarm";

export interface Alarms {
  /** NONE: all of them. */
  list(type: AlarmType): AlarmMember[];
  /** An alarm already raised stays as it is. */
  activate(memberID: bigint, alarm: AlarmType): AlarmMember;
  /** Undefined when it was not raised. */
  deactivate(memberID: bigint, alarm: AlarmType): AlarmMember | undefined;
  dump(): RawBucket;
}

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
      name: alarmBucket,
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

/** As etcd prints the message in the errors of a status. */
export function alarmText(alarm: AlarmMember): string {
  return `memberID:${alarm.memberID} alarm:${alarmName(alarm.alarm)}`;
}
