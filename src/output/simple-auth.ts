// The simple format of users, roles and their permissions. Keys are written as they are, unprintable ones too.
// Answers to etcdctl's printer_simple.go.
import { prefixEnd } from "../prefix-end";
import { Permission_Type, type Permission } from "../proto/gen/authpb";
import { ByteBuilder } from "./byte-builder";
import type { Printer } from "./printer";
import { line, lines } from "./simple-lines";

export const simpleAuth = {
  authStatus: (r) => line(`Authentication Status: ${r.enabled}\nAuthRevision: ${r.authRevision}`),

  roleAdd: (role) => line(`Role ${role} created`),
  roleGet(role, { perm }) {
    const out = new ByteBuilder().text(`Role ${role}\n`);
    permissions(out.ascii("KV Read:\n"), role, perm, Permission_Type.READ);
    return permissions(out.ascii("KV Write:\n"), role, perm, Permission_Type.WRITE).take();
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

/** Those that allow one type of access. Nothing is listed for root, which may do everything. */
function permissions(out: ByteBuilder, role: string, all: readonly Permission[], type: number): ByteBuilder {
  if (role === "root" && all.length === 0) return out.ascii("\t[, <open ended>\n");
  for (const { permType, key, rangeEnd } of all) {
    if (permType !== type && permType !== Permission_Type.READWRITE) continue;
    out.ascii("\t");
    if (rangeEnd.length === 0) out.bytes(key);
    else {
      interval(out, key, rangeEnd);
      if (key.length > 0 && equal(prefixEnd(key), rangeEnd)) out.ascii(" (prefix ").bytes(key).ascii(")");
    }
    out.ascii("\n");
  }
  return out;
}

/** A range that ends at a zero byte has no end. */
function interval(out: ByteBuilder, key: Uint8Array, end: Uint8Array): ByteBuilder {
  out.ascii("[").bytes(key).ascii(", ");
  return end.length === 1 && end[0] === 0 ? out.ascii("<open ended>") : out.bytes(end).ascii(")");
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
