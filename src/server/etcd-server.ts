// The server object that all handlers share: read access to the state, and `propose`, the only way to change it.
// Go: server/etcdserver/server.go and v3_server.go, for a cluster of one member that always leads.
import type { Clock } from "../clock";
import { serverError } from "../etcd/error-table";
import type { ResponseHeader } from "../proto/gen/etcdserverpb";
import type { Steps } from "../storage/steps";
import type { ByteStream } from "../storage/write-database";
import type { ReadableEngine, WritableEngine } from "./apply/engine";
import type { AuthStore, ReadableAuth } from "./auth/auth-store";
import { Passwords } from "./auth/passwords";
import { withAttributes, type MemberAttributes, type Membership } from "./cluster/membership";
import type { ClusterVersions, ReadableVersions } from "./cluster/versions";
import type { Alarms, ReadableAlarms } from "./rpc/alarms";

/** The limits of the embedded server. Defaults as in etcd. */
export interface Limits {
  /** The largest change in bytes, counted as its entry in etcd's raft log. Default: 1572864 (1.5 MiB). */
  readonly maxRequestBytes: number;
  /** The largest number of operations in one transaction. Default: 128. */
  readonly maxTxnOps: number;
  /** The largest number of learners in the member list. Default: 1. */
  readonly maxLearners: number;
  /** The largest size of the database in bytes. 0n means the default of 2 GiB, a negative value means no limit. Default: 0n. */
  readonly quotaBytes: bigint;
}

/** etcd's default limits. Go: server/embed/config.go */
export const defaultLimits: Limits = {
  maxRequestBytes: 1.5 * 1024 * 1024,
  maxTxnOps: 128,
  maxLearners: 1,
  quotaBytes: 0n,
};

/** gRPC accepts messages larger than maxRequestBytes by this much. Go: server/config/config.go */
export const grpcOverheadBytes = 512 * 1024;

export interface AuthOptions {
  /** Cost of new bcrypt hashes, 4 to 31. A value outside means the default, as in etcd. Default: 10. */
  readonly bcryptCost?: number | undefined;
  /** Seconds until an unused token expires. 0 or less means the default, as in etcd. Default: 300. */
  readonly tokenTtlSeconds?: number | undefined;
  /** Without a token, the user is the client certificate's common name. Default: false. */
  readonly clientCertAuth?: boolean | undefined;
  /** Skips every permission check, for `--offline`: read access to the file is enough. Default: false. */
  readonly trustEverybody?: boolean | undefined;
}

/** Everything a proposal may change. Only `EtcdServer.propose` passes it on. */
export interface ServerState extends WritableEngine {
  readonly auth: AuthStore;
  readonly alarms: Alarms;
  readonly versions: ClusterVersions;
  membership: Membership;
  readonly raft: { readonly term: bigint; index: bigint };
}

/** The same state for handlers and pages: reading only. */
interface ReadableState extends ReadableEngine {
  readonly auth: ReadableAuth;
  readonly alarms: ReadableAlarms;
  readonly versions: ReadableVersions;
  readonly membership: Membership;
  readonly raft: { readonly term: bigint; readonly index: bigint };
}

interface ServerConfig {
  readonly clock: Clock;
  readonly limits: Limits;
  readonly authOptions: AuthOptions;
  /** Runs after each change and before its response. Absent: changes are not written to disk one by one. */
  readonly durable?: (() => Promise<void>) | undefined;
  /** Receives an error in work that no call waits for. */
  readonly onError?: ((error: unknown) => void) | undefined;
  /** Throws if the store is read-only. */
  readonly assertWritable?: (() => void) | undefined;
}

export class EtcdServer implements ReadableState, ServerConfig {
  readonly store: ReadableEngine["store"];
  readonly lessor: ReadableEngine["lessor"];
  readonly auth: ReadableAuth;
  readonly alarms: ReadableAlarms;
  readonly versions: ReadableVersions;
  readonly raft: { readonly term: bigint; readonly index: bigint };
  readonly clock: Clock;
  readonly limits: Limits;
  readonly authOptions: AuthOptions;
  readonly durable: ServerConfig["durable"];
  readonly onError: ServerConfig["onError"];
  readonly assertWritable: ServerConfig["assertWritable"];
  readonly passwords = new Passwords();
  readonly #state: ServerState;

  constructor(
    state: ServerState,
    config: ServerConfig,
    private readonly images: {
      snapshot(server: EtcdServer): Steps<ByteStream>;
      hash(server: EtcdServer): Steps<number>;
    },
  ) {
    this.#state = state;
    this.store = state.store;
    this.lessor = state.lessor;
    this.auth = state.auth;
    this.alarms = state.alarms;
    this.versions = state.versions;
    this.raft = state.raft;
    this.clock = config.clock;
    this.limits = config.limits;
    this.authOptions = config.authOptions;
    this.durable = config.durable;
    this.onError = config.onError;
    this.assertWritable = config.assertWritable;
  }

  get membership(): Membership {
    return this.#state.membership;
  }

  /**
   * Applies one change and makes it durable: the only way to change keys, leases, users, alarms, members and versions.
   * Each proposal is one entry in etcd's raft log, whether `apply` succeeds or throws.
   */
  propose<T>(requestSizeBytes: number, apply: (state: ServerState) => T): T | Promise<T> {
    this.assertWritable?.();
    assertLeader(this);
    if (entryBytes(this, requestSizeBytes) > this.limits.maxRequestBytes)
      throw serverError("requestTooLarge");
    this.#state.raft.index++;
    const result = apply(this.#state);
    return this.durable === undefined ? result : this.durable().then(() => result);
  }

  /** Proposes work that no call waits for. */
  proposeAlone(apply: (state: ServerState) => unknown): void {
    const result = this.propose(0, apply);
    if (result instanceof Promise) result.catch((error: unknown) => this.onError?.(error));
  }

  /** A read that etcd sends through its raft log: it counts as an entry, but there is nothing to make durable. */
  logRead<T>(read: () => T): T {
    assertLeader(this);
    this.#state.raft.index++;
    return read();
  }

  /** Sets the name and client URLs of this member, once its listeners are open. Go: publishV3 in server.go */
  publish(attributes: MemberAttributes): void {
    this.#state.membership = withAttributes(this.membership, attributes);
  }

  /** Rewrites the records in memory without holes. Local to this member and not an entry in the log, as in etcd. */
  defragment(): void | Promise<void> {
    this.assertWritable?.();
    return this.#state.store.defragment();
  }

  /** The present state as the file that `snapshot save` writes. */
  snapshot(): ByteStream | Promise<ByteStream> {
    return this.store.turn.run(this.images.snapshot(this));
  }

  /** Hash over everything that a db file of the present state would contain. */
  hashAll(): number | Promise<number> {
    return this.store.turn.run(this.images.hash(this));
  }

  /** Stops the lease timer and the thread for passwords, and finishes compactions. The state can still be read. */
  close(): void {
    this.passwords.close();
    this.#state.lessor.close();
    this.#state.store.finish();
  }
}

/** Required before every change and every linearizable read. */
export function assertLeader({ membership }: EtcdServer): void {
  if (!membership.hasQuorum) throw serverError("noLeader");
}

/** A response header. `revision` 0n or absent means the current revision of the store. */
export function header(server: EtcdServer, revision = 0n): ResponseHeader {
  return { ...identity(server), revision: revision === 0n ? BigInt(server.store.revision) : revision };
}

/** The header of the responses that carry no revision in etcd. */
export function identity(server: EtcdServer): ResponseHeader {
  const { clusterId, memberId } = server.membership;
  return { clusterId, memberId, revision: 0n, raftTerm: server.raft.term };
}

/**
 * Size of the encoded InternalRaftRequest, which etcd's limit counts: the request as one field, and a header with the
 * request's id. The upper 16 bits of that id are the lower 16 bits of the member id.
 */
function entryBytes(server: EtcdServer, requestSizeBytes: number): number {
  const idBytes = (server.membership.memberId & 0x8000n) === 0n ? 9 : 10;
  const fieldBytes = 1 + varintBytes(requestSizeBytes) + requestSizeBytes;
  return fieldBytes + 2 + 1 + 1 + idBytes;
}

function varintBytes(value: number): number {
  return value < 128 ? 1 : 1 + varintBytes(Math.floor(value / 128));
}
