// The json format: responses as Go's encoding/json writes etcd's structs, one line each.
// Client types (leases, endpoints) have keys of their own; --hex shows the ids of `member` commands in hex, nothing else.
// Answers to etcdctl's printer_json.go.
import {
  DeleteRangeResponse,
  HashKVResponse,
  LeaseRevokeResponse,
  Member,
  MemberListResponse,
  PutResponse,
  ResponseHeader,
  StatusResponse,
  TxnResponse,
} from "../proto/gen/etcdserverpb";
import type { MessageType } from "../proto/message";
import { ByteBuilder } from "./byte-builder";
import { hexId } from "./ids";
import { messageJson } from "./json-message";
import { jsonRangePrinter } from "./json-range";
import { type JsonObject, type JsonValue, writeJson } from "./json-value";
import type { Printer } from "./printer";
import { tookText } from "./rows";
import { checkRangeOptions } from "./unsupported";

const nothing = new Uint8Array(0);

export function jsonPrinter(hex: boolean): Printer {
  return {
    put: message(PutResponse),
    del: message(DeleteRangeResponse),
    txn: message(TxnResponse),
    range(options) {
      checkRangeOptions("json", options);
      return jsonRangePrinter();
    },

    leaseGrant: ({ header, ID, TTL, error }) => line({ ...headerFields(header), ID, TTL, Error: error }),
    leaseRevoke: (_id, r) => line(messageJson(LeaseRevokeResponse, r)),
    leaseKeepAlive: ({ header, ID, TTL }) => line({ ...headerFields(header), ID, TTL }),
    leaseExpired: () => nothing,
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

    memberList: hex
      ? ({ header, members }) => line({ header: hexHeader(header), members: members.map(hexMember) })
      : message(MemberListResponse),

    endpointHealth: (rows) =>
      list(rows, (row) => ({
        endpoint: row.endpoint,
        health: row.healthy,
        took: tookText(row),
        ...(row.error === "" ? {} : { error: row.error }),
      })),
    endpointHealthErrors: () => nothing,
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

function message<T extends object>(type: MessageType<T>): (r: T) => Uint8Array {
  return (r) => line(messageJson(type, r));
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
function headerFields(header: ResponseHeader | undefined): JsonObject {
  return header === undefined ? {} : messageJson(ResponseHeader, header);
}

function hexHeader(header: ResponseHeader | undefined): JsonObject | null {
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
