// The simple format, for people and shell scripts. Keys and values are written unchanged, or with --hex as \xNN for
// each byte. A range makes no string for its keys. Go: etcdctl/ctlv3/command/printer_simple.go
import { isOpenRangeEnd, prefixEnd } from "../etcd/keys";
import { quote } from "../go/quote";
import type { Permission } from "../proto/gen/authpb";
import { Permission_Type } from "../proto/gen/authpb";
import type { MemberAddResponse, ResponseHeader, TxnResponse } from "../proto/gen/etcdserverpb";
import { AlarmMember, ResponseOp } from "../proto/gen/etcdserverpb";
import { Event_EventType, KeyValue } from "../proto/gen/mvccpb";
import { enumName } from "../proto/message";
import { ByteBuilder } from "./byte-builder";
import { keyTreePrinter } from "./key-tree";
import { sharedTextMethods, checkRangeOptions } from "./base-printer";
import type { Printer } from "./printer";
import type { Rows } from "./rows";
import { endpointHashKVRows, endpointStatusRows, memberRows, tookText } from "./rows";
import { hexId, hexLeaseId, line, lines, messageText, paddedHexId } from "./text";

const newline = 0x0a;
const nothing = new Uint8Array(0);

export interface SimpleOptions {
  readonly hex: boolean;
  /** A message as protobuf's text, which is another one in etcdctl 3.5. */
  readonly text?: typeof messageText;
}

export function simplePrinter({ hex, text = messageText }: SimpleOptions): Printer {
  const bytes = hex
    ? (out: ByteBuilder, value: Uint8Array) => out.hexEscapes(value).byte(newline)
    : (out: ByteBuilder, value: Uint8Array) => out.bytes(value).byte(newline);

  function keyValues(out: ByteBuilder, kvs: readonly KeyValue[]): ByteBuilder {
    for (const { key, value } of kvs) {
      bytes(out, key);
      bytes(out, value);
    }
    return out;
  }

  function put(out: ByteBuilder, prevKv: KeyValue | undefined): ByteBuilder {
    return keyValues(out.ascii("OK\n"), prevKv === undefined ? [] : [prevKv]);
  }

  function del(out: ByteBuilder, deleted: bigint, prevKvs: readonly KeyValue[]): ByteBuilder {
    return keyValues(out.int(deleted).byte(newline), prevKvs);
  }

  function txn(out: ByteBuilder, { succeeded, responses }: TxnResponse): ByteBuilder {
    out.ascii(succeeded ? "SUCCESS\n" : "FAILURE\n");
    for (const operation of responses) operationResponse(out.byte(newline), operation);
    return out;
  }

  /** Go has no format for a nested transaction, since its commands cannot make one. */
  function operationResponse(out: ByteBuilder, operation: ResponseOp): ByteBuilder {
    const { response } = operation;
    switch (response?.case) {
      case "responseRange":
        return keyValues(out, response.value.kvs);
      case "responsePut":
        return put(out, response.value.prevKv);
      case "responseDeleteRange":
        return del(out, response.value.deleted, response.value.prevKvs);
      default:
        return out.text(`unexpected response ${text(ResponseOp, operation)}\n`);
    }
  }

  return {
    put: (r) => put(new ByteBuilder(), r.prevKv).take(),
    del: (r) => del(new ByteBuilder(), r.deleted, r.prevKvs).take(),
    txn: (r) => txn(new ByteBuilder(), r).take(),

    range(options) {
      checkRangeOptions("simple", options);
      if (options.tree !== undefined) return keyTreePrinter(options.tree);
      const out = new ByteBuilder();
      return {
        begin: () => nothing,
        kvs(kvs) {
          if (!options.valueOnly) return keyValues(out, kvs).take();
          for (const { value } of kvs) bytes(out, value);
          return out.take();
        },
        end: ({ count }) => (options.countOnly ? line(String(count)) : nothing),
      };
    },

    leaseGrant: (r) => line(`lease ${hexLeaseId(r.ID)} granted with TTL(${r.TTL}s)`),
    leaseRevoke: (id) => line(`lease ${hexLeaseId(id)} revoked`),
    leaseKeepAlive: (r) => line(`lease ${hexLeaseId(r.ID)} keepalived with TTL(${r.TTL})`),
    leaseExpired: (id) => line(`lease ${hexLeaseId(id)} expired or revoked.`),
    leaseTimeToLive({ ID, TTL, grantedTTL, keys }, showKeys) {
      const lease = `lease ${hexLeaseId(ID)}`;
      if (grantedTTL === 0n && TTL === -1n) return line(`${lease} already expired`);
      const out = new ByteBuilder().ascii(`${lease} granted with TTL(${grantedTTL}s), remaining(${TTL}s)`);
      if (showKeys) {
        out.ascii(", attached keys([");
        keys.forEach((key, i) => (i === 0 ? out : out.ascii(" ")).bytes(key));
        out.ascii("])");
      }
      return out.byte(newline).take();
    },
    leaseLeases(r) {
      const out = new ByteBuilder().ascii(`found ${r.leases.length} leases\n`);
      for (const { ID } of r.leases) out.ascii(`${hexLeaseId(ID)}\n`);
      return out.take();
    },

    ...sharedTextMethods,
    watch({ events }) {
      const out = new ByteBuilder();
      for (const { type, kv, prevKv } of events) {
        out.ascii(`${enumName(Event_EventType, type)}\n`);
        if (prevKv !== undefined) keyValues(out, [prevKv]);
        keyValues(out, [kv ?? KeyValue.create()]);
      }
      return out.take();
    },

    ...simpleCluster,
    alarm: (r) => lines(r.alarms, (alarm) => text(AlarmMember, alarm)),
    ...simpleAuth,

    endpointHealth: (rows) =>
      lines(
        rows.filter(({ error }) => error === ""),
        (row) => `${row.endpoint} is healthy: successfully committed proposal: took = ${tookText(row)}`,
      ),
    endpointHealthErrors: (rows) =>
      lines(
        rows.filter(({ error }) => error !== ""),
        ({ endpoint, error }) => `${endpoint} is unhealthy: failed to commit proposal: ${error}`,
      ),
    endpointStatus: (rows) => joinedRows(endpointStatusRows(rows)),
    endpointHashKV: (rows) => joinedRows(endpointHashKVRows(rows)),
  };
}

export function joinedRows({ body }: Rows): Uint8Array {
  return lines(body, (cells) => cells.join(", "));
}

/** Users, roles and permissions. Keys are written unchanged, also with unprintable bytes. */
const simpleAuth = {
  authStatus: (r) => line(`Authentication Status: ${r.enabled}\nAuthRevision: ${r.authRevision}`),

  roleAdd: (role) => line(`Role ${role} created`),
  roleGet(role, { perm }) {
    return simpleRole(role, role === "root" && perm.length === 0 ? [allKeys] : perm, (key) => key.length > 0);
  },
  roleList: (r) => lines(r.roles, (role) => role),
  roleDelete: (role) => line(`Role ${role} deleted`),
  roleGrantPermission: (role) => line(`Role ${role} updated`),
  roleRevokePermission(role, key, end) {
    const out = new ByteBuilder().ascii("Permission of ");
    if (end.length === 0) out.ascii("key ").bytes(key);
    else interval(out.ascii("range "), key, end);
    return out.text(` is revoked from role ${role}\n`).take();
  },

  userAdd: (user) => line(`User ${user} created`),
  userGet: (user, { roles }) => line(`User: ${user}\nRoles:${roles.map((role) => ` ${role}`).join("")}`),
  userList: (r) => lines(r.users, (user) => user),
  userChangePassword: () => line("Password updated"),
  userGrantRole: (user, role) => line(`Role ${role} is granted to user ${user}`),
  userRevokeRole: (user, role) => line(`Role ${role} is revoked from user ${user}`),
  userDelete: (user) => line(`User ${user} deleted`),
} as const satisfies Partial<Printer>;

/** root has access to all keys without a permission. */
const allKeys: Permission = {
  permType: Permission_Type.READWRITE,
  key: new Uint8Array(0),
  rangeEnd: Uint8Array.of(0),
};

/** `isPrefix`: whether a key is shown as a prefix when the range has all keys that begin with it. */
export function simpleRole(
  role: string,
  all: readonly Permission[],
  isPrefix: (key: Uint8Array) => boolean,
): Uint8Array {
  const out = new ByteBuilder().text(`Role ${role}\n`);
  permissions(out.ascii("KV Read:\n"), all, Permission_Type.READ, isPrefix);
  return permissions(out.ascii("KV Write:\n"), all, Permission_Type.WRITE, isPrefix).take();
}

/** The permissions for one type of access. */
function permissions(
  out: ByteBuilder,
  all: readonly Permission[],
  type: number,
  isPrefix: (key: Uint8Array) => boolean,
): ByteBuilder {
  for (const { permType, key, rangeEnd } of all) {
    if (permType !== type && permType !== Permission_Type.READWRITE) continue;
    out.ascii("\t");
    if (rangeEnd.length === 0) out.bytes(key);
    else {
      interval(out, key, rangeEnd);
      if (isPrefix(key) && equal(prefixEnd(key), rangeEnd)) out.ascii(" (prefix ").bytes(key).ascii(")");
    }
    out.ascii("\n");
  }
  return out;
}

/** A range end of one zero byte means no end. */
function interval(out: ByteBuilder, key: Uint8Array, end: Uint8Array): ByteBuilder {
  out.ascii("[").bytes(key).ascii(", ");
  return isOpenRangeEnd(end) ? out.ascii("<open ended>") : out.bytes(end).ascii(")");
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

/** Members, leadership, alarms and downgrades. Go: also member_command.go, for the ETCD_ lines */
const simpleCluster = {
  memberAdd({ header, member }) {
    const added = member?.isLearner === true ? "added as learner to" : "added to";
    return line(`Member ${paddedHexId(member?.ID ?? 0n)} ${added} cluster ${clusterId(header)}`);
  },
  memberEnvironment: (name, peerURLs, r) =>
    Buffer.from(`
ETCD_NAME=${quote(name)}
ETCD_INITIAL_CLUSTER=${quote(initialCluster(name, r))}
ETCD_INITIAL_ADVERTISE_PEER_URLS=${quote(peerURLs)}
ETCD_INITIAL_CLUSTER_STATE="existing"
`),
  memberRemove: (id, r) => line(`Member ${paddedHexId(id)} removed from cluster ${clusterId(r.header)}`),
  memberUpdate: (id, r) => line(`Member ${paddedHexId(id)} updated in cluster ${clusterId(r.header)}`),
  memberPromote: (id, r) => line(`Member ${paddedHexId(id)} promoted in cluster ${clusterId(r.header)}`),
  memberList: (r) => lines(memberRows(r).body, (cells) => cells.join(", ")),
  moveLeader: (leader, target) => line(`Leadership transferred from ${hexId(leader)} to ${hexId(target)}`),

  downgradeValidate: (r) => line(`Downgrade validate success, cluster version ${r.version}`),
  downgradeEnable: (r) => line(`Downgrade enable success, cluster version ${r.version}`),
  downgradeCancel: (r) => line(`Downgrade cancel success, cluster version ${r.version}`),
} as const satisfies Partial<Printer>;

function clusterId(header: ResponseHeader | undefined): string {
  return paddedHexId(header?.clusterId ?? 0n);
}

/** In the response, a new member has no name until it starts. */
function initialCluster(newName: string, { member, members }: MemberAddResponse): string {
  return members
    .flatMap(({ ID, name, peerURLs }) =>
      peerURLs.map((url) => `${ID === member?.ID ? newName : name}=${url}`),
    )
    .join(",");
}
