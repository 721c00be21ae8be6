// What all handlers share: the engine, who this member is, its limits and alarms, and the one door for changes.
// Must stay true: nothing changes the engine but through propose(), which counts, checks and makes it durable.
// Answers to etcd's EtcdServer as its v3rpc handlers see it, of a cluster of one that always leads.
import type { Clock } from "../clock";
import { serverError } from "../etcd/error-table";
import type { ResponseHeader } from "../proto/gen/etcdserverpb";
import type { ByteStream } from "../storage/write-database";
import type { Engine } from "./apply/engine";
import type { AuthStore } from "./auth/auth-store";
import type { Membership } from "./cluster/membership";
import type { ClusterVersions } from "./cluster/versions";
import type { Alarms } from "./rpc/alarms";
import { toServerError } from "./rpc/errors";

export interface Limits {
  /** Of a change, as the raft log would hold it. */
  readonly maxRequestBytes: number;
  readonly maxTxnOps: number;
  readonly maxLearners: number;
  /** As given: 0 is the default, below 0 is none. */
  readonly quotaBytes: bigint;
}

export interface AuthOptions {
  /** Absent: 10. */
  readonly bcryptCost?: number | undefined;
  /** Absent: 300. */
  readonly tokenTtlSeconds?: number | undefined;
  /** Who has no token is the user that the common name of the client's certificate names. */
  readonly clientCertAuth?: boolean | undefined;
  /** Everybody may do everything: who holds the file needs no password for it. */
  readonly trustEverybody?: boolean | undefined;
}

export interface EtcdServer {
  readonly clock: Clock;
  readonly engine: Engine;
  /** Its client URLs are known when the listeners are open; the Cluster service changes it. */
  membership: Membership;
  readonly versions: ClusterVersions;
  readonly limits: Limits;
  readonly alarms: Alarms;
  readonly auth: AuthStore;
  readonly authOptions: AuthOptions;
  readonly raft: { readonly term: bigint; index: bigint };
  /** The store as it is now, as the file that `snapshot save` writes. */
  snapshot(): ByteStream;
  /** Hash over all that a db file of this store would hold. */
  hashAll(): number;
  /** Called after each change and before its answer; absent where nothing outlives the process. */
  readonly durable?: (() => Promise<void>) | undefined;
  /** Throws where the store may only be read. */
  readonly assertWritable?: (() => void) | undefined;
}

/** Carries out a change: one entry of the raft log, whether it succeeds or not. */
export function propose<T>(member: EtcdServer, requestSizeBytes: number, apply: () => T): T | Promise<T> {
  member.assertWritable?.();
  assertLeader(member);
  if (entryBytes(member, requestSizeBytes) > member.limits.maxRequestBytes)
    throw serverError("requestTooLarge");
  member.raft.index++;
  const result = translated(apply);
  return member.durable === undefined ? result : member.durable().then(() => result);
}

/** A read that has an entry in etcd's log: counted like a change, but there is nothing to be made durable. */
export function proposeRead<T>(member: EtcdServer, read: () => T): T {
  assertLeader(member);
  member.raft.index++;
  return translated(read);
}

/** Asked before every change, and before every read that may not be out of date. */
export function assertLeader({ membership }: EtcdServer): void {
  if (!membership.hasQuorum) throw serverError("noLeader");
}

/** Runs `work`; what the engine refuses comes out in etcd's words. */
export function translated<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw toServerError(error);
  }
}

/** `revision` absent or 0: that of the store now. */
export function header(member: EtcdServer, revision = 0n): ResponseHeader {
  return { ...identity(member), revision: revision === 0n ? BigInt(member.engine.store.revision) : revision };
}

/** With what the engine left in the header; it knows no ids. */
export function withHeader<T extends { header?: ResponseHeader | undefined }>(
  member: EtcdServer,
  response: T,
): T {
  response.header = header(member, response.header?.revision);
  return response;
}

/** Some answers of etcd carry no revision. */
export function identity(member: EtcdServer): ResponseHeader {
  const { clusterId, memberId } = member.membership;
  return { clusterId, memberId, revision: 0n, raftTerm: member.raft.term };
}

/**
 * The limit counts the encoded InternalRaftRequest: the request as one field of it, and a header that holds the
 * request's id, whose upper 16 bits are the lower ones of the member's id.
 */
function entryBytes(member: EtcdServer, requestSizeBytes: number): number {
  const idBytes = (member.membership.memberId & 0x8000n) === 0n ? 9 : 10;
  const fieldBytes = 1 + varintBytes(requestSizeBytes) + requestSizeBytes;
  return fieldBytes + 2 + 1 + 1 + idBytes;
}

function varintBytes(value: number): number {
  return value < 128 ? 1 : 1 + varintBytes(Math.floor(value / 128));
}

// etcd's default limits (server/embed/config.go).

export const defaultLimits: Limits = {
  maxRequestBytes: 1.5 * 1024 * 1024,
  maxTxnOps: 128,
  maxLearners: 1,
  quotaBytes: 0n,
};

/** What gRPC takes in beyond the largest request. */
export const grpcOverheadBytes = 512 * 1024;
