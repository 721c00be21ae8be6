// The fields format of users, roles and their permissions: most answers are no more than a header.
// Answers to etcdctl's printer_fields.go.
import { Permission_Type } from "../proto/gen/authpb";
import type { AuthRoleGetResponse, ResponseHeader } from "../proto/gen/etcdserverpb";
import { enumName } from "../proto/message";
import type { FieldLines } from "./field-lines";
import type { Printer } from "./printer";

type WriteHeader = (header: ResponseHeader | undefined) => FieldLines;

export function fieldsAuth(header: WriteHeader) {
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

/** The blank before the type is Go's. */
function permissions(out: FieldLines, { perm }: AuthRoleGetResponse): FieldLines {
  for (const { permType, key, rangeEnd } of perm) {
    out.plain("PermType", ` ${enumName(Permission_Type, permType)}`);
    out.quoted("Key", key).quoted("RangeEnd", rangeEnd);
  }
  return out;
}
