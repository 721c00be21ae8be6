// The json format: responses as Go's encoding/json writes etcd's structs, one line each.
// Client types (leases, endpoints) have keys of their own; --hex shows the ids of `member` commands in hex, nothing else.
// Answers to etcdctl's printer_json.go.
import { Event } from "../proto/gen/mvccpb";
import { HashKVResponse, Member, ResponseHeader, StatusResponse } from "../proto/gen/etcdserverpb";
import { ByteBuilder } from "./byte-builder";
import { hexId } from "./ids";
import { messageJson } from "./json-message";
import { jsonRangePrinter } from "./json-range";
import { type JsonObject, type JsonValue, writeJson } from "./json-value";
import { printMessages } from "./message-methods";
import type { Printer } from "./printer";
import { tookText } from "./rows";
import { beside, checkRangeOptions, silent } from "./unsupported";

type Header = ResponseHeader | undefined;

export function jsonPrinter(hex: boolean): Printer {
  return {
    ...printMessages((type, message) => line(messageJson(type, message))),
    ...(hex ? hexMembers : {}),
    ...silent,

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

    ...beside,
    /** Go's own struct: all of it, and no watch id. */
    watch: ({ header, events, compactRevision, canceled, created, cancelReason }) =>
      line({
        Header: header === undefined ? null : messageJson(ResponseHeader, header),
        Events: nullIfEmpty(events.map((event) => messageJson(Event, event))),
        CompactRevision: compactRevision,
        Canceled: canceled,
        Created: created,
        CancelReason: cancelReason,
      }),

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

function list<T>(items: readonly T[], json: (item: T) => JsonObject): Uint8Array {
  return line(nullIfEmpty(items.map(json)));
}

/** How Go writes a list that nothing was ever added to. */
function nullIfEmpty<T extends JsonValue>(items: readonly T[]): readonly T[] | null {
  return items.length === 0 ? null : items;
}

function line(value: JsonValue): Uint8Array {
  return writeJson(new ByteBuilder(), value).ascii("\n").take();
}

/** Go's lease structs embed the header: its fields stand beside theirs. */
function headerFields(header: Header): JsonObject {
  return header === undefined ? {} : messageJson(ResponseHeader, header);
}

/** The `member` commands' responses with --hex. */
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
