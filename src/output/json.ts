// The json format: each response on one line, as Go's encoding/json writes etcd's structs. Leases and endpoints have
// separate key names. --hex changes only the IDs of the `member` commands. Go: etcdctl/ctlv3/command/printer_json.go
import { HashKVResponse, Member, ResponseHeader, StatusResponse } from "../proto/gen/etcdserverpb";
import type { WatchResponse } from "../proto/gen/etcdserverpb";
import { Event, KeyValue } from "../proto/gen/mvccpb";
import { fieldValue, isZero, type AnyMessageType, type FieldInfo, type MessageType } from "../proto/message";
import { ByteBuilder } from "./byte-builder";
import type { JsonObject, JsonValue } from "./json-value";
import { writeJson } from "./json-value";
import { sharedTextMethods, checkRangeOptions, messageMethods, simpleOnlyMethods } from "./base-printer";
import type { Printer, RangePrinter } from "./printer";
import { tookText } from "./rows";
import { hexId } from "./text";

type Header = ResponseHeader | undefined;

export function jsonPrinter(hex: boolean): Printer {
  return {
    ...messageMethods((type, message) => line(messageJson(type, message))),
    ...(hex ? hexMembers : {}),
    ...simpleOnlyMethods,

    range(options) {
      checkRangeOptions("json", options);
      return jsonRangePrinter();
    },

    leaseGrant: ({ header, ID, TTL, error }) => line({ ...headerFields(header), ID, TTL, Error: error }),
    leaseKeepAlive: ({ header, ID, TTL }) => line({ ...headerFields(header), ID, TTL }),
    leaseTimeToLive: ({ header, ID, TTL, grantedTTL, keys }) =>
      line({
        ...headerFields(header),
        id: ID,
        ttl: TTL,
        "granted-ttl": grantedTTL,
        keys: nullIfEmpty(keys),
      }),
    leaseLeases: ({ header, leases }) =>
      line({ ...headerFields(header), leases: leases.map(({ ID }) => ({ id: ID })) }),

    ...sharedTextMethods,
    /** Go prints all fields of clientv3.WatchResponse, which has no watch ID. */
    watch: (r) => line({ ...watchJson(r), CancelReason: r.cancelReason }),

    endpointHealth: (rows) =>
      list(rows, (row) => ({
        endpoint: row.endpoint,
        health: row.healthy,
        took: tookText(row),
        ...(row.error === "" ? {} : { error: row.error }),
      })),
    endpointStatus: (rows) =>
      list(rows, ({ endpoint, status }) => ({
        Endpoint: endpoint,
        Status: messageJson(StatusResponse, status),
      })),
    endpointHashKV: (rows) =>
      list(rows, ({ endpoint, response }) => ({
        Endpoint: endpoint,
        HashKV: messageJson(HashKVResponse, response),
      })),
  };
}

/** All fields but the cancel reason, which etcdctl 3.5 does not print. */
export function watchJson({ header, events, compactRevision, canceled, created }: WatchResponse) {
  return {
    Header: header === undefined ? null : messageJson(ResponseHeader, header),
    Events: nullIfEmpty(events.map((event) => messageJson(Event, event))),
    CompactRevision: compactRevision,
    Canceled: canceled,
    Created: created,
  };
}

function list<T>(items: readonly T[], json: (item: T) => JsonObject): Uint8Array {
  return line(nullIfEmpty(items.map(json)));
}

/** Go prints an empty slice as null. */
function nullIfEmpty<T extends JsonValue>(items: readonly T[]): readonly T[] | null {
  return items.length === 0 ? null : items;
}

export function line(value: JsonValue): Uint8Array {
  return writeJson(new ByteBuilder(), value).ascii("\n").take();
}

/** Go's lease structs embed the header, so its fields are on the same level. */
function headerFields(header: Header): JsonObject {
  return header === undefined ? {} : messageJson(ResponseHeader, header);
}

/** The responses of the `member` commands with --hex. */
const hexMembers: Partial<Printer> = {
  memberAdd: ({ header, member, members }) =>
    line({
      header: hexHeader(header),
      member: member === undefined ? null : hexMember(member),
      members: members.map(hexMember),
    }),
  memberRemove: (_id, r) => hexMemberList(r),
  memberUpdate: (_id, r) => hexMemberList(r),
  memberPromote: (_id, r) => hexMemberList(r),
  memberList: (r) => hexMemberList(r),
};

function hexMemberList({ header, members }: { header?: Header; members: readonly Member[] }): Uint8Array {
  return line({ header: hexHeader(header), members: members.map(hexMember) });
}

function hexHeader(header: Header): JsonObject | null {
  if (header === undefined) return null;
  const { clusterId, memberId } = header;
  return {
    cluster_id: hexId(clusterId),
    member_id: hexId(memberId),
    ...messageJson(ResponseHeader, { ...header, clusterId: 0n, memberId: 0n }),
  };
}

function hexMember(member: Member): JsonObject {
  return { ID: hexId(member.ID), ...messageJson(Member, { ...member, ID: 0n }) };
}

/**
 * Prints a range in parts, with the same bytes as messageJson of the whole response. Keys and values go directly into
 * the output, without an object for each key.
 */
function jsonRangePrinter(): RangePrinter {
  const out = new ByteBuilder();
  let hasKvs = false;
  return {
    begin: (header) => writeJson(out.ascii('{"header":'), messageJson(ResponseHeader, header)).take(),
    kvs(kvs) {
      for (const kv of kvs) {
        out.bytes(hasKvs ? text.comma : text.kvs);
        hasKvs = true;
        writeKeyValue(out, kv);
      }
      return out.take();
    },
    end({ more, count }) {
      if (hasKvs) out.ascii("]");
      if (more) out.ascii(',"more":true');
      if (count !== 0n) out.ascii(',"count":').int(count);
      return out.ascii("}\n").take();
    },
  };
}

/** The text between the values as bytes, since a copy is faster than an encoding for every key. */
const text = {
  comma: Buffer.from(","),
  kvs: Buffer.from(',"kvs":['),
  key: Buffer.from('{"key":"'),
  quote: Buffer.from('"'),
  createRevision: Buffer.from(',"create_revision":'),
  modRevision: Buffer.from(',"mod_revision":'),
  version: Buffer.from(',"version":'),
  value: Buffer.from(',"value":"'),
  lease: Buffer.from(',"lease":'),
  end: Buffer.from("}"),
};

function writeKeyValue(out: ByteBuilder, kv: KeyValue): void {
  if (kv.key.length === 0) return void writeJson(out, messageJson(KeyValue, kv));
  out.bytes(text.key).base64(kv.key).bytes(text.quote);
  if (kv.createRevision !== 0n) out.bytes(text.createRevision).int(kv.createRevision);
  if (kv.modRevision !== 0n) out.bytes(text.modRevision).int(kv.modRevision);
  if (kv.version !== 0n) out.bytes(text.version).int(kv.version);
  if (kv.value.length > 0) out.bytes(text.value).base64(kv.value).bytes(text.quote);
  if (kv.lease !== 0n) out.bytes(text.lease).int(kv.lease);
  out.bytes(text.end);
}

/**
 * A message as encoding/json prints its Go struct: keys as in the .proto files, no zero values, enums as numbers.
 * Go: api/etcdserverpb/rpc.pb.go (json tags)
 */
function messageJson<T extends object>(type: MessageType<T>, message: T): JsonObject {
  return objectOf(type, message);
}

function objectOf(type: AnyMessageType, message: object): JsonObject {
  const object: Record<string, JsonValue> = {};
  for (const field of type.fields) {
    const value = fieldValue(field, message);
    if (field.oneof !== undefined && field.oneofGoName !== undefined) {
      object[field.oneofGoName] ??= {};
      if (value !== undefined) object[field.oneofGoName] = { [field.name]: valueOf(field, value) };
    } else if (!isZero(value)) object[field.name] = valueOf(field, value);
  }
  return object;
}

function valueOf(field: FieldInfo, value: unknown): JsonValue {
  if (Array.isArray(value)) return value.map((item) => valueOf(field, item));
  return field.type === undefined ? (value as JsonValue) : objectOf(field.type(), value as object);
}
