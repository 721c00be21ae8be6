// The fields format: every field of a response on a line of its own.
// --hex shows cluster, member and lease ids in hexadecimal; neither keys and values nor the leader's id change.
// Answers to etcdctl's printer_fields.go.
import {
  AlarmType,
  type DeleteRangeResponse,
  type Member,
  type PutResponse,
  type RangeResponse,
  type ResponseHeader,
  type ResponseOp,
  type StatusResponse,
  TxnResponse,
} from "../proto/gen/etcdserverpb";
import { Event_EventType, KeyValue } from "../proto/gen/mvccpb";
import { enumName } from "../proto/message";
import { FieldLines } from "./field-lines";
import { fieldsAuth } from "./fields-auth";
import { messageText } from "./message-text";
import type { Printer } from "./printer";
import { tookText } from "./rows";
import { checkRangeOptions, unsupported } from "./unsupported";

type Header = ResponseHeader | undefined;

export function fieldsPrinter(hex: boolean): Printer {
  const lines = () => new FieldLines(hex);
  const lease = (r: { header?: Header; ID: bigint; TTL: bigint }) =>
    header(lines(), r.header).leaseId("ID", r.ID).int("TTL", r.TTL);

  return {
    ...unsupported("fields"),
    ...fieldsAuth((h) => header(lines(), h)),

    put: (r) => put(lines(), r).take(),
    del: (r) => del(lines(), r).take(),
    txn: (r) => txn(lines(), r).take(),

    range(options) {
      checkRangeOptions("fields", options);
      const out = lines();
      return {
        begin: (h) => header(out, h).take(),
        kvs: (kvs) => keyValues(out, current, kvs).take(),
        end: (total) => rangeEnd(out, total).take(),
      };
    },

    leaseGrant: (r) => lease(r).take(),
    leaseRevoke: (_id, r) => header(lines(), r.header).take(),
    leaseKeepAlive: (r) => lease(r).take(),
    leaseTimeToLive(r) {
      const out = lease(r).int("GrantedTTL", r.grantedTTL);
      for (const key of r.keys) out.quoted("Key", key);
      return out.take();
    },
    leaseLeases(r) {
      const out = header(lines(), r.header);
      for (const { ID } of r.leases) out.leaseId("ID", ID);
      return out.take();
    },

    watch(r) {
      const out = header(lines(), r.header);
      for (const { type, kv, prevKv } of r.events) {
        out.plain("Type", enumName(Event_EventType, type));
        if (prevKv !== undefined) keyValues(out, previous, [prevKv]);
        keyValues(out, current, [kv ?? KeyValue.create()]);
      }
      return out.take();
    },

    alarm(r) {
      const out = header(lines(), r.header);
      for (const { memberID, alarm } of r.alarms)
        out.id("MemberID", memberID).plain("AlarmType", enumName(AlarmType, alarm)).blank();
      return out.take();
    },
    memberList(r) {
      const out = header(lines(), r.header);
      for (const member of r.members) memberLines(out.id("ID", member.ID), member);
      return out.take();
    },

    endpointHealth(rows) {
      const out = lines();
      for (const row of rows) {
        const { endpoint, healthy, error } = row;
        out.quoted("Endpoint", endpoint).plain("Health", healthy).plain("Took", tookText(row));
        out.plain("Error", error).blank();
      }
      return out.take();
    },
    endpointStatus(rows) {
      const out = lines();
      for (const { endpoint, status } of rows) statusLines(header(out, status.header), endpoint, status);
      return out.take();
    },
    endpointHashKV(rows) {
      const out = lines();
      for (const { endpoint, response } of rows) {
        header(out, response.header).quoted("Endpoint", endpoint).plain("Hash", String(response.hash));
        out.int("HashRevision", response.hashRevision).blank();
      }
      return out.take();
    },
  };
}

function header(out: FieldLines, h: Header): FieldLines {
  out.id("ClusterID", h?.clusterId ?? 0n).id("MemberID", h?.memberId ?? 0n);
  if (h !== undefined && h.revision > 0n) out.int("Revision", h.revision);
  return out.int("RaftTerm", h?.raftTerm ?? 0n);
}

function keyValues(out: FieldLines, labels: KeyValueLabels, kvs: readonly KeyValue[]): FieldLines {
  for (const kv of kvs) {
    out
      .quoted(labels.key, kv.key)
      .int(labels.createRevision, kv.createRevision)
      .int(labels.modRevision, kv.modRevision)
      .int(labels.version, kv.version)
      .quoted(labels.value, kv.value)
      .leaseId(labels.lease, kv.lease);
  }
  return out;
}

function put(out: FieldLines, r: PutResponse): FieldLines {
  return keyValues(header(out, r.header), previous, r.prevKv === undefined ? [] : [r.prevKv]);
}

function del(out: FieldLines, r: DeleteRangeResponse): FieldLines {
  return keyValues(header(out, r.header).int("Deleted", r.deleted), previous, r.prevKvs);
}

function range(out: FieldLines, r: RangeResponse): FieldLines {
  return rangeEnd(keyValues(header(out, r.header), current, r.kvs), r);
}

function txn(out: FieldLines, r: TxnResponse): FieldLines {
  header(out, r.header).plain("Succeeded", r.succeeded);
  for (const { response } of r.responses) operationResponse(out, response);
  return out;
}

/** Go has no form for a nested transaction: its own commands cannot ask for one. */
function operationResponse(out: FieldLines, response: ResponseOp["response"]): FieldLines {
  switch (response?.case) {
    case "responseRange":
      return range(out, response.value);
    case "responsePut":
      return put(out, response.value);
    case "responseDeleteRange":
      return del(out, response.value);
    case "responseTxn":
      return out.quoted("Unknown", `&{ResponseTxn:${messageText(TxnResponse, response.value)}}`);
    case undefined:
      return out.quoted("Unknown", "<nil>");
  }
}

type KeyValueLabels = ReturnType<typeof keyValueLabels>;

function keyValueLabels(prefix: string) {
  return {
    key: `${prefix}Key`,
    createRevision: `${prefix}CreateRevision`,
    modRevision: `${prefix}ModRevision`,
    version: `${prefix}Version`,
    value: `${prefix}Value`,
    lease: `${prefix}Lease`,
  };
}

const current = keyValueLabels("");
const previous = keyValueLabels("Prev");

function rangeEnd(out: FieldLines, { more, count }: { more: boolean; count: bigint }): FieldLines {
  return out.plain("More", more).int("Count", count);
}

function memberLines(out: FieldLines, member: Member): void {
  out.quoted("Name", member.name);
  for (const url of member.peerURLs) out.quoted("PeerURL", url);
  for (const url of member.clientURLs) out.quoted("ClientURL", url);
  out.plain("IsLearner", member.isLearner).blank();
}

function statusLines(out: FieldLines, endpoint: string, status: StatusResponse): void {
  out
    .quoted("Version", status.version)
    .quoted("StorageVersion", status.storageVersion)
    .int("DBSize", status.dbSize)
    .int("DBSizeInUse", status.dbSizeInUse)
    .int("DBSizeQuota", status.dbSizeQuota)
    .int("Leader", status.leader)
    .plain("IsLearner", status.isLearner)
    .int("RaftIndex", status.raftIndex)
    .int("RaftTerm", status.raftTerm)
    .int("RaftAppliedIndex", status.raftAppliedIndex)
    .plain("Errors", `[${status.errors.join(" ")}]`)
    .quoted("Endpoint", endpoint)
    .quoted("DowngradeTargetVersion", status.downgradeInfo?.targetVersion ?? "")
    .plain("DowngradeEnabled", status.downgradeInfo?.enabled ?? false)
    .blank();
}
