// Users, roles and the state of auth in the buckets of a db file, for reading and writing.
// Go: server/storage/schema/auth.go, auth_users.go and auth_roles.go
//
//   auth       authEnabled: one byte, 0 or 1; authRevision: 8 bytes big endian
//   authUsers  name → authpb.User
//   authRoles  name → authpb.Role
import { Role, User } from "../../proto/gen/authpb";
import type { MessageType } from "../../proto/message";
import { decode, encode } from "../../proto/message";
import type { RawBucket } from "../../storage/contents";
import { authKey, bucketName, encodeUint64 } from "../../storage/schema";

export interface AuthState {
  /** Undefined: auth was never enabled, and the file has no entry for it. */
  enabled: boolean | undefined;
  /** Number of changes. 0: never initialized. */
  revision: bigint;
  readonly users: Map<string, User>;
  readonly roles: Map<string, Role>;
}

export const authBuckets: ReadonlySet<string> = new Set([
  bucketName.auth,
  bucketName.authUsers,
  bucketName.authRoles,
]);

export function loadAuth(buckets: readonly RawBucket[]): AuthState {
  const entriesOf = (name: string) => buckets.find((bucket) => bucket.name === name)?.entries ?? [];
  const fields = new Map(entriesOf(bucketName.auth).map(([key, value]) => [text(key), Buffer.from(value)]));
  const revision = fields.get(authKey.revision);
  return {
    enabled: fields.get(authKey.enabled)?.equals(Buffer.from([1])),
    revision: revision?.length === 8 ? revision.readBigUInt64BE() : 0n,
    users: messages(User, entriesOf(bucketName.authUsers)),
    roles: messages(Role, entriesOf(bucketName.authRoles)),
  };
}

export function dumpAuth({ enabled, revision, users, roles }: AuthState): RawBucket[] {
  const state: [Uint8Array, Uint8Array][] = [[Buffer.from(authKey.revision), encodeUint64(revision)]];
  if (enabled !== undefined) state.unshift([Buffer.from(authKey.enabled), Buffer.from([enabled ? 1 : 0])]);
  return [
    { name: bucketName.auth, entries: state },
    { name: bucketName.authUsers, entries: entries(User, users) },
    { name: bucketName.authRoles, entries: entries(Role, roles) },
  ];
}

/** Names in the order of the bucket, which compares bytes. */
export function namesInOrder(named: ReadonlyMap<string, unknown>): string[] {
  return [...named.keys()].sort(byBytes);
}

export function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function messages<T>(type: MessageType<T>, entries: RawBucket["entries"]): Map<string, T> {
  return new Map(entries.map(([key, value]) => [text(key), decode(type, value)]));
}

function entries<T>(type: MessageType<T>, named: ReadonlyMap<string, T>): RawBucket["entries"] {
  return Array.from(named, ([name, message]) => [Buffer.from(name), encode(type, message)] as const);
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString();
}
