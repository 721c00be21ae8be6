// The formats as etcdctl 3.5 printed them, for `--compat 3.5`: this file has every difference to 3.7. yaml and jsonl, which
// are only ours, have none. Go: etcdctl/ctlv3/command/printer*.go of etcd 3.5
import { CliError, ExitCode } from "../errors";
import type { MemberListResponse } from "../proto/gen/etcdserverpb";
import { ResponseHeader } from "../proto/gen/etcdserverpb";
import type { AnyMessageType, FieldInfo } from "../proto/message";
import { enumName, fieldValue, isZero } from "../proto/message";
import type { EndpointHashKV, EndpointStatus, FormatName, Printer, TableStyle } from "./printer";
import type { Rows } from "./rows";
import { endpointHashKVRows, endpointHealthRows, endpointStatusRows, memberRows } from "./rows";
import { hexId, line, messageText, paddedHexId } from "./text";

export async function etcd35Printer(format: FormatName, hex: boolean, style: TableStyle): Promise<Printer> {
  return formats[format](hex, style);
}

const formats: Readonly<Record<FormatName, (hex: boolean, style: TableStyle) => Promise<Printer>>> = {
  async simple(hex) {
    const { joinedRows, simplePrinter, simpleRole } = await import("./simple");
    return {
      ...simplePrinter({ hex, text: gogoText }),
      memberAdd: ({ header, member }) =>
        line(
          `Member ${paddedHexId(member?.ID ?? 0n)} added to cluster ${paddedHexId(header?.clusterId ?? 0n)}`,
        ),
      roleGet: (role, { perm }) => simpleRole(role, perm, () => true),
      endpointStatus: (rows) => joinedRows(statusRows(rows)),
      endpointHashKV: (rows) => joinedRows(hashKVRows(rows)),
    };
  },

  /** --hex has no effect. */
  async fields() {
    const { fieldsPrinter } = await import("./fields");
    const printer = fieldsPrinter({ hex: false, zeroRevision: true, text: gogoText });
    return {
      ...printer,
      endpointStatus: (rows) => withoutNewFields(printer.endpointStatus(rows)),
      endpointHashKV: (rows) => withoutNewFields(printer.endpointHashKV(rows)),
    };
  },

  async json(hex) {
    const json = await import("./json");
    const printer = json.jsonPrinter(false);
    return {
      ...printer,
      ...(hex && { memberList: hexMemberList }),
      watch(r) {
        const fields = json.watchJson(r);
        return json.line({ ...fields, Events: fields.Events ?? [] });
      },
      endpointStatus: (rows) =>
        rows.length === 0 ? json.line([]) : printer.endpointStatus(rows.map(withoutNewStatus)),
      endpointHashKV: (rows) =>
        rows.length === 0 ? json.line([]) : printer.endpointHashKV(rows.map(withoutRevision)),
    };
  },

  async protobuf() {
    const { protobufPrinter } = await import("./protobuf");
    return {
      ...protobufPrinter(),
      leaseRevoke(_id, { header }) {
        const text = header === undefined ? "<nil>" : `${messageText(ResponseHeader, header)}  {} [] 0`;
        throw new CliError(
          ExitCode.badFeature,
          `marshal unsupported for type clientv3.LeaseRevokeResponse ({${text}})`,
        );
      },
    };
  },

  async table(_hex, style) {
    const { tableDrawer, tablePrinter } = await import("./table");
    const draw = tableDrawer(style);
    return {
      ...tablePrinter(style),
      memberList: (r) => draw(memberRows(r)),
      endpointHealth: (rows) => draw(endpointHealthRows(rows)),
      endpointStatus: (rows) => draw(statusRows(rows)),
      endpointHashKV: (rows) => draw(hashKVRows(rows)),
    };
  },

  yaml: async () => (await import("./readable/printer")).yamlPrinter(),
  jsonl: async () => (await import("./readable/printer")).jsonlPrinter(),
};

/** The JSON has no fields with zero values. */
function withoutNewStatus({ endpoint, status }: EndpointStatus): EndpointStatus {
  const unknown = { storageVersion: "", dbSizeQuota: 0n, downgradeInfo: undefined };
  return { endpoint, status: { ...status, ...unknown } };
}

function withoutRevision({ endpoint, response }: EndpointHashKV): EndpointHashKV {
  return { endpoint, response: { ...response, hashRevision: 0n } };
}

const newColumns: ReadonlySet<string> = new Set([
  "storage version",
  "in use",
  "percentage not in use",
  "quota",
  "downgrade target version",
  "downgrade enabled",
  "hash_revision",
]);

function withoutNewColumns({ head, body }: Rows): Rows {
  const remains = (_: string, column: number) => !newColumns.has(head[column] ?? "");
  return { head: head.filter(remains), body: body.map((cells) => cells.filter(remains)) };
}

function statusRows(rows: readonly EndpointStatus[]): Rows {
  return withoutNewColumns(endpointStatusRows(rows));
}

function hashKVRows(rows: readonly EndpointHashKV[]): Rows {
  return withoutNewColumns(endpointHashKVRows(rows));
}

const newField =
  /^"(?:StorageVersion|DBSizeInUse|DBSizeQuota|DowngradeTargetVersion|DowngradeEnabled|HashRevision)" : .*\n/gm;

function withoutNewFields(printed: Uint8Array): Uint8Array {
  return Buffer.from(Buffer.from(printed).toString().replace(newField, ""));
}

/** etcd 3.5 writes this JSON without an encoder: a name with a quote breaks it. */
function hexMemberList({ header, members }: MemberListResponse): Uint8Array {
  const { clusterId = 0n, memberId = 0n, raftTerm = 0n } = header ?? {};
  const head = `"cluster_id":"${hexId(clusterId)}","member_id":"${hexId(memberId)}","raft_term":${raftTerm}`;
  const list = members.map(
    ({ ID, name, peerURLs, clientURLs }) =>
      `{"ID":"${hexId(ID)}","name":"${name}","peerURLs":${urls(peerURLs)},"clientURLS":${urls(clientURLs)}}`,
  );
  return line(`{"header":{${head}}${list.length === 0 ? "" : `,"members":[${list.join(",")}]`}}`);
}

function urls(list: readonly string[]): string {
  return list.length === 0 ? "null" : JSON.stringify(list);
}

/** A message as the text of gogo/protobuf: a blank after each field, messages in <>. */
function gogoText(type: AnyMessageType, message: object): string {
  return type.fields.flatMap((field) => gogoFields(field, fieldValue(field, message))).join("");
}

function gogoFields(field: FieldInfo, value: unknown): string[] {
  if (Array.isArray(value)) return value.map((item) => gogoField(field, item));
  if (value === undefined || (field.oneof === undefined && isZero(value))) return [];
  return [gogoField(field, value)];
}

function gogoField({ name, type, names }: FieldInfo, value: unknown): string {
  if (type !== undefined) return `${name}:<${gogoText(type(), value as object)}> `;
  if (names !== undefined) return `${name}:${enumName(names(), value as number)} `;
  const isText = typeof value === "string" || value instanceof Uint8Array;
  return `${name}:${isText ? gogoQuoted(Buffer.from(value as string)) : String(value)} `;
}

const shortEscapes = new Map([
  [0x0a, "\\n"],
  [0x0d, "\\r"],
  [0x09, "\\t"],
  [0x22, '\\"'],
  [0x5c, "\\\\"],
]);

function gogoQuoted(bytes: Uint8Array): string {
  const chars = Array.from(bytes, (byte) => {
    if (byte >= 0x20 && byte < 0x7f) return shortEscapes.get(byte) ?? String.fromCharCode(byte);
    return shortEscapes.get(byte) ?? `\\${byte.toString(8).padStart(3, "0")}`;
  });
  return `"${chars.join("")}"`;
}
