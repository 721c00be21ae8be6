// Settings of the embedded server that bound what it accepts, and those of users and tokens.

/** The limits of the embedded server as a program gives them. Defaults as in etcd. */
export interface LimitOptions {
  /** The largest change in bytes, counted as its entry in etcd's raft log. Default: 1572864 (1.5 MiB). */
  readonly maxRequestBytes?: number | undefined;
  /** The largest number of operations in one transaction. Default: 128. */
  readonly maxTxnOps?: number | undefined;
  /** The largest number of learners in the member list. Default: 1. */
  readonly maxLearners?: number | undefined;
  /** The largest size of the database in bytes. 0 means the default of 2 GiB, a negative value means no limit. Default: 0. */
  readonly quotaBytes?: bigint | number | undefined;
}

export interface Limits {
  readonly maxRequestBytes: number;
  readonly maxTxnOps: number;
  readonly maxLearners: number;
  readonly quotaBytes: bigint;
}

/** What each of them must be. */
export const limitsTable = {
  maxRequestBytes: "count",
  maxTxnOps: "count",
  maxLearners: "count",
  quotaBytes: "int64",
} as const;

/** Go: server/embed/config.go */
export function limitsOf({
  maxRequestBytes = 1.5 * 1024 * 1024,
  maxTxnOps = 128,
  maxLearners = 1,
  quotaBytes = 0,
}: LimitOptions = {}): Limits {
  return { maxRequestBytes, maxTxnOps, maxLearners, quotaBytes: BigInt(quotaBytes) };
}

/** Of etcd's --election-timeout. */
export const defaultElectionTimeoutMs = 1000;

/** gRPC accepts messages larger than maxRequestBytes by this much. Go: server/config/config.go */
export const grpcOverheadBytes = 512 * 1024;

export interface AuthOptions {
  /** Cost of new bcrypt hashes, 4 to 31. A value outside means the default, as in etcd. Default: 10. */
  readonly bcryptCost?: number | undefined;
  /** Seconds until an unused token expires. 0 or less means the default, as in etcd. Default: 300. */
  readonly tokenTtlSeconds?: number | undefined;
  /**
   * The type of tokens, as etcd's --auth-token: `simple`, or `jwt` with options, such as
   * `jwt,sign-method=RS256,priv-key=FILE,pub-key=FILE,ttl=5m`. Default: `simple`.
   */
  readonly token?: string | undefined;
  /** Without a token, the user is the client certificate's common name. Default: false. */
  readonly clientCertAuth?: boolean | undefined;
  /** Skips every permission check, for `--offline`: read access to the file is enough. Default: false. */
  readonly trustEverybody?: boolean | undefined;
}

/** The quota of the database if none is given. Go: DefaultQuotaBytes in server/storage/quota.go */
export const defaultQuotaBytes = 2n << 30n;
