// The state of the server: everything that a proposal may change, and the same for reading only.
import type { ReadableEngine, WritableEngine } from "../apply/engine";
import type { AuthStore, ReadableAuth } from "../auth/auth-store";
import type { Membership } from "../cluster/membership";
import type { ClusterVersions, ReadableVersions } from "../cluster/versions";
import type { Alarms, ReadableAlarms } from "./alarms";
import type { ReadableV2Store, V2Store } from "../v2store/store";

/** Term and index of the last applied entry. */
export interface RaftPosition {
  term: bigint;
  index: bigint;
}

/** Everything a proposal may change. Only the appliers get it. */
export interface ServerState extends WritableEngine {
  readonly auth: AuthStore;
  readonly alarms: Alarms;
  readonly versions: ClusterVersions;
  /** Keys and users of version 2 of the API. */
  readonly v2: V2Store;
  membership: Membership;
  readonly raft: RaftPosition;
}

/** The same state for handlers and pages: reading only. */
export interface ReadableState extends ReadableEngine {
  readonly auth: ReadableAuth;
  readonly alarms: ReadableAlarms;
  readonly versions: ReadableVersions;
  readonly v2: ReadableV2Store;
  readonly membership: Membership;
  readonly raft: Readonly<RaftPosition>;
}
