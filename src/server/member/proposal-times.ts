// How long proposals and their appliers take, for the metrics and for the log of slow requests.
// Go: processInternalRaftRequestOnce in server/etcdserver/v3_server.go, dispatch in server/etcdserver/apply/uber_applier.go
import { performance } from "node:perf_hooks";
import type { RequestKind, RequestOf } from "./appliers";
import type { ServerMetrics } from "../metrics/server-metrics";
import type { SlowRequests } from "./slow-requests";

interface Applied {
  readonly proposedAt: number;
  /** When the applier began. */
  readonly startedAt: number;
  /** False: the applier has refused the request. */
  readonly isApplied: boolean;
  readonly response?: unknown;
  readonly error?: unknown;
}

export class ProposalTimes {
  constructor(
    private readonly metrics: ServerMetrics,
    private readonly slowRequests: SlowRequests,
  ) {}

  applied<K extends RequestKind>(kind: K, request: RequestOf<K>, applied: Applied): void {
    const { proposedAt, startedAt, isApplied, response, error } = applied;
    const now = performance.now();
    const tookMs = now - startedAt;
    this.metrics.applySeconds
      .of(`${applyName(kind, request)}\n${isApplied}\n${kind === "v2" ? "v2" : "v3"}`)
      .observe(tookMs / 1000);
    this.ended(kind, true, now - proposedAt);
    this.slowRequests.applied(kind, request, { tookMs, isApplied, response, error });
  }

  /** The proposal did not get into the log. */
  refused(kind: RequestKind, proposedAt: number): void {
    this.ended(kind, false, performance.now() - proposedAt);
  }

  /** etcd does not measure requests of version 2. */
  private ended(kind: RequestKind, isInLog: boolean, tookMs: number): void {
    if (kind === "v2") return;
    this.metrics.requestSeconds.of(`${isInLog}\n${nameOf(kind)}`).observe(tookMs / 1000);
  }
}

/** A request of version 2 by its method. */
function applyName<K extends RequestKind>(kind: K, request: RequestOf<K>): string {
  return kind === "v2" ? ((request as RequestOf<"v2">).Method ?? "") : nameOf(kind);
}

/** etcd's name of a request: `AuthUserAdd` */
function nameOf(kind: string): string {
  return kind.charAt(0).toUpperCase() + kind.slice(1);
}
