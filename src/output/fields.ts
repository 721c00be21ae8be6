// The fields format: one line for each field of a response. With --hex, cluster, member and lease IDs are hexadecimal;
// keys, values and the leader's ID are not. Go: etcdctl/ctlv3/command/printer_fields.go
import { needsNoEscapes, quote } from "../go/quote";
import { Permission_Type } from "../proto/gen/authpb";
import type {
  AuthRoleGetResponse,
  DeleteRangeResponse,
  Member,
  PutResponse,
  RangeResponse,
  ResponseHeader,
  ResponseOp,
  StatusResponse,
} from "../proto/gen/etcdserverpb";
import { AlarmType, TxnResponse } from "../proto/gen/etcdserverpb";
import { Event_EventType, KeyValue } from "../proto/gen/mvccpb";
import { enumName } from "../proto/message";
import { ByteBuilder } from "./byte-builder";
import { checkRangeOptions, unsupportedMethods } from "./base-printer";
import type { Printer } from "./printer";
import { tookText } from "./rows";
import { hexId, hexLeaseId, messageText } from "./text";

type Header = ResponseHeader | undefined;

export interface FieldsOptions {
  readonly hex: boolean;
  /** Whether a header's revision is printed when it is 0. */
  readonly zeroRevision?: boolean;
  /** A message as protobuf's text, which is another one in etcdctl 3.5. */
  readonly text?: typeof messageText;
}

export function fieldsPrinter(options: FieldsOptions): Printer {
  const lines = () => new FieldLines(options);
  const lease = (r: { header?: Header; ID: bigint; TTL: bigint }) =>
    header(lines(), r.header).leaseId("ID", r.ID).int("TTL", r.TTL);

  return {
    ...unsupportedMethods("fields"),
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
  const revision = h?.revision ?? 0n;
  if (revision > 0n || out.options.zeroRevision === true) out.int("Revision", revision);
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

/** Go has no format for a nested transaction, since its commands cannot make one. */
function operationResponse(out: FieldLines, response: ResponseOp["response"]): FieldLines {
  switch (response?.case) {
    case "responseRange":
      return range(out, response.value);
    case "responsePut":
      return put(out, response.value);
    case "responseDeleteRange":
      return del(out, response.value);
    case "responseTxn":
      return out.quoted(
        "Unknown",
        `&{ResponseTxn:${(out.options.text ?? messageText)(TxnResponse, response.value)}}`,
      );
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

type WriteHeader = (header: ResponseHeader | undefined) => FieldLines;

/** Users, roles and permissions. Most of these responses have only a header. */
function fieldsAuth(header: WriteHeader) {
  return {
    roleAdd: (_role, r) => header(r.header).take(),
    roleGet: (_role, r) => permissions(header(r.header), r).take(),
    roleList: (r) => header(r.header).list("Roles", r.roles).take(),
    roleDelete: (_role, r) => header(r.header).take(),
    roleGrantPermission: (_role, r) => header(r.header).take(),
    roleRevokePermission: (_role, _key, _end, r) => header(r.header).take(),
    userAdd: (_user, r) => header(r.header).take(),
    userChangePassword: (r) => header(r.header).take(),
    userGrantRole: (_user, _role, r) => header(r.header).take(),
    userRevokeRole: (_user, _role, r) => header(r.header).take(),
    userDelete: (_user, r) => header(r.header).take(),
  } as const satisfies Partial<Printer>;
}

/** Go prints the space before the type. */
function permissions(out: FieldLines, { perm }: AuthRoleGetResponse): FieldLines {
  for (const { permType, key, rangeEnd } of perm) {
    out.plain("PermType", ` ${enumName(Permission_Type, permType)}`);
    out.quoted("Key", key).quoted("RangeEnd", rangeEnd);
  }
  return out;
}

/** Lines `"Name" : value`: strings quoted as by Go's %q, IDs in decimal, or in hexadecimal with --hex. */
class FieldLines {
  private readonly out = new ByteBuilder();

  constructor(readonly options: FieldsOptions) {}

  take(): Uint8Array {
    return this.out.take();
  }

  /** A value without quotes. */
  plain(name: string, value: string | boolean): this {
    this.out.bytes(label(name)).text(String(value)).byte(newline);
    return this;
  }

  int(name: string, value: bigint): this {
    this.out.bytes(label(name)).int(value).byte(newline);
    return this;
  }

  /** ID of a cluster or a member. */
  id(name: string, value: bigint): this {
    return this.options.hex ? this.plain(name, hexId(value)) : this.int(name, value);
  }

  leaseId(name: string, value: bigint): this {
    return this.options.hex ? this.plain(name, hexLeaseId(value)) : this.int(name, value);
  }

  quoted(name: string, value: Uint8Array | string): this {
    const out = this.out.bytes(label(name));
    if (typeof value !== "string" && needsNoEscapes(value)) out.byte(quoteByte).bytes(value).byte(quoteByte);
    else out.text(quote(value));
    out.byte(newline);
    return this;
  }

  /** Quoted strings, each after a space. */
  list(name: string, values: readonly string[]): this {
    this.out.ascii(`"${name}" :`);
    for (const value of values) this.out.ascii(" ").text(quote(value));
    this.out.byte(newline);
    return this;
  }

  /** The line after a member, an endpoint or an alarm. */
  blank(): this {
    this.out.byte(newline);
    return this;
  }
}

const newline = 0x0a;
const quoteByte = 0x22;

/** Encoded once, since a large range repeats the same six names for every key. */
const labels = new Map<string, Buffer>();

function label(name: string): Buffer {
  let bytes = labels.get(name);
  if (bytes === undefined) labels.set(name, (bytes = Buffer.from(`"${name}" : `)));
  return bytes;
}
