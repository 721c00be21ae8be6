// Requests as text for the log, as etcd writes them: protobuf's text format on one line, in which values are only counted and
// passwords are left out. Go: api/etcdserverpb/raft_internal_stringer.go
import { quote } from "../../go/quote";
import {
  InternalRaftRequest,
  RequestOp,
  type Compare,
  type PutRequest,
  type TxnRequest,
} from "../../proto/gen/etcdserverpb";
import { Compare as CompareType } from "../../proto/gen/etcdserverpb";
import { enumName, fieldValue, isZero, type AnyMessageType, type FieldInfo } from "../../proto/message";
import type { RequestKind, RequestOf } from "./appliers";

/** The requests that etcd writes in another way than protobuf does. */
const special: { readonly [K in RequestKind]?: (request: RequestOf<K>) => string } = {
  put: putText,
  txn: txnText,
  leaseGrant: ({ ID, TTL }) => `ttl:${TTL}-second id:${leaseText(ID)}`,
  leaseRevoke: ({ ID }) => `id:${leaseText(ID)}`,
  authenticate: ({ name, simpleToken }) => `name:${name} simple_token:${simpleToken}`,
  authUserAdd: ({ name }) => `name:${name}`,
  authUserChangePassword: ({ name }) => `name:${name}`,
};

const leaseText = (id: bigint) => BigInt.asUintN(64, id).toString(16).padStart(16, "0");

/** A request of the log, by its field of InternalRaftRequest: `put:<key:"a" value_size:3 >`. */
export function raftRequestText<K extends RequestKind>(kind: K, request: RequestOf<K>): string {
  const field = InternalRaftRequest.fields.find(({ prop }) => prop === kind);
  if (field?.type === undefined) return kind;
  const write = special[kind];
  return write === undefined
    ? `${field.name}:{${messageText(field.type(), request)}}`
    : `${field.name}:<${write(request)}>`;
}

/** A request of a client. */
export function requestText(path: string, type: AnyMessageType, request: unknown): string {
  if (path === "/etcdserverpb.KV/Put") return putText(request as PutRequest);
  if (path === "/etcdserverpb.KV/Txn") return txnText(request as TxnRequest);
  return messageText(type, request as object);
}

function putText({ key, value, lease, prevKv, ignoreValue, ignoreLease }: PutRequest): string {
  const fields = [
    ["key", key.length > 0 && quote(key)],
    ["value_size", value.length],
    ["lease", lease],
    ["prev_kv", prevKv],
    ["ignore_value", ignoreValue],
    ["ignore_lease", ignoreLease],
  ] as const;
  return fields.map(([name, value]) => (value ? `${name}:${value} ` : "")).join("");
}

function txnText({ compare, success, failure }: TxnRequest): string {
  const ops = (list: readonly RequestOp[]) => list.map(opText).join(" ");
  return `compare:<${compare.map(compareText).join(" ")}> success:<${ops(success)}> failure:<${ops(failure)}>`;
}

function opText(op: RequestOp): string {
  if (op.request?.case === "requestPut") return `request_put:<${putText(op.request.value)}>`;
  if (op.request?.case === "requestTxn") return `request_txn:<${txnText(op.request.value)}>`;
  return messageText(RequestOp, op);
}

function compareText(compare: Compare): string {
  const { targetUnion, key, rangeEnd } = compare;
  if (targetUnion?.case !== "value") return messageText(CompareType, compare);
  const known = messageText(CompareType, {
    ...compare,
    key: noBytes,
    rangeEnd: noBytes,
    targetUnion: undefined,
  });
  const bytes = (name: string, value: Uint8Array) => (value.length > 0 ? [`${name}:${quote(value)}`] : []);
  const size = targetUnion.value.length > 0 ? [`value_size:${targetUnion.value.length}`] : [];
  const fields = [
    ...known.split("  ").filter(Boolean),
    ...bytes("key", key),
    ...size,
    ...bytes("range_end", rangeEnd),
  ];
  return fields.map((field) => `${field} `).join("");
}

const noBytes = new Uint8Array();

/** `key:"a"  range_end:"b"  limit:5` */
function messageText(type: AnyMessageType, message: object): string {
  return type.fields.flatMap((field) => fieldTexts(field, message)).join("  ");
}

const secrets = new Set(["password", "hashedPassword"]);

function fieldTexts(field: FieldInfo, message: object): string[] {
  const value = fieldValue(field, message);
  if (value === undefined || secrets.has(field.prop) || (isZero(value) && field.oneof === undefined))
    return [];
  const values: readonly unknown[] = field.repeated === true ? (value as unknown[]) : [value];
  return values.map((each) => `${field.name}:${valueText(field, each)}`);
}

function valueText({ kind, names, type }: FieldInfo, value: unknown): string {
  if (kind === "bytes" || kind === "string") return quote(value as Uint8Array | string);
  if (kind === "enum" && names !== undefined) return enumName(names(), Number(value));
  if (kind === "message" && type !== undefined) return `{${messageText(type(), value as object)}}`;
  return String(value);
}
