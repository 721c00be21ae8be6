// etcd's default limits (server/embed/config.go).
import type { Limits } from "./member";

export const defaultLimits: Limits = {
  maxRequestBytes: 1.5 * 1024 * 1024,
  maxTxnOps: 128,
  maxLearners: 1,
  quotaBytes: 0n,
};

/** What gRPC takes in beyond the largest request. */
export const grpcOverheadBytes = 512 * 1024;
