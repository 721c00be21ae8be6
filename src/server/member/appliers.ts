// What each request of the raft log does to the state, by the field of InternalRaftRequest that holds it. Live requests and
// the replay of a log after a start go through this table. Must stay true: `apply` uses nothing but the request and the
// state, so that a replay repeats what the server has answered.
// Go: server/etcdserver/apply (uber_applier.go, backend.go, auth.go, capped.go, corrupt.go)
import { emptyBytes } from "../../proto/wire";
import { serverError } from "../../etcd/error-table";
import { isSteps, type Steps } from "../../storage/steps";
import type {
  AlarmMember,
  AlarmRequest,
  InternalRaftRequest,
  ResponseHeader,
} from "../../proto/gen/etcdserverpb";
import { AlarmRequest_AlarmAction as AlarmAction, AlarmType } from "../../proto/gen/etcdserverpb";
import type { Access, Rest } from "../auth/checks";
import {
  mayDelete,
  mayPut,
  mayRead,
  mayTxn,
  mayWriteLeaseKeys,
  requireAdmin,
  requireSelf,
  requireRoleOrAdmin,
} from "../auth/checks";
import { applyV2, setAttributes, setClusterVersion } from "./apply-v2";
import type { AuthStore } from "../auth/auth-store";
import { applyCompact } from "../apply/engine";
import { rangeIn } from "../apply/range";
import { applyDeleteRange, applyPut, applyTxn } from "../apply/txn";
import type { ServerState } from "./server-state";
import type { Alarms } from "./alarms";
import { leaseCostBytes, putCost, txnCost } from "./costs";

/** A request of the log by its field, such as `put`. */
export type RequestKind = Exclude<keyof InternalRaftRequest, "ID" | "header">;

export type RequestOf<K extends RequestKind> = NonNullable<InternalRaftRequest[K]>;

/** Where a request is applied. */
export interface Applying {
  readonly state: ServerState;
  /** Raft index of the entry. */
  readonly index: bigint;
}

interface WithHeader {
  header?: ResponseHeader | undefined;
}

interface Applier<I, O> {
  /**
   * The most bytes that the request can add to the database. Above 0, it must fit the quota, and NOSPACE refuses it.
   * Absent: alarms never refuse the request, as it touches neither keys nor leases.
   */
  readonly costBytes?: (request: I) => number;
  /** The request changes nothing. A read-only store answers it without an entry. */
  readonly isRead?: boolean | ((request: I) => boolean);
  readonly authorize?: (access: Access, request: I) => Rest | void;
  /** In steps if it can be long. */
  readonly apply: (where: Applying, request: I) => O | Steps<O>;
}

const free = () => 0;

export const appliers = {
  v2: applier("v2", {
    isRead: ({ Method }) => Method === "QGET",
    apply: ({ state }, request) => ({ header: undefined, event: applyV2(state, request) }),
  }),

  range: applier("range", {
    isRead: true,
    authorize: mayRead,
    apply: ({ state }, request) => rangeIn(state.store, request),
  }),
  put: applier("put", {
    costBytes: putCost,
    authorize: mayPut,
    apply: ({ state }, request) => applyPut(state, request),
  }),
  deleteRange: applier("deleteRange", {
    costBytes: free,
    authorize: mayDelete,
    apply: ({ state }, request) => applyDeleteRange(state, request),
  }),
  txn: applier("txn", {
    costBytes: txnCost,
    authorize: mayTxn,
    apply: ({ state }, request) => applyTxn(state, request),
  }),
  compaction: applier("compaction", {
    costBytes: free,
    apply: ({ state }, request) => applyCompact(state, request),
  }),

  leaseGrant: applier("leaseGrant", {
    costBytes: () => leaseCostBytes,
    apply({ state }, { ID, TTL }) {
      const granted = state.lessor.grant(ID, TTL);
      return { header: undefined, ID: granted.id, TTL: granted.ttl, error: "" };
    },
  }),
  leaseRevoke: applier("leaseRevoke", {
    costBytes: free,
    authorize: (access, { ID }) => mayWriteLeaseKeys(access, ID),
    *apply({ state }, { ID }) {
      yield* state.lessor.revoke(ID);
      return { header: undefined };
    },
  }),
  leaseCheckpoint: applier("leaseCheckpoint", {
    apply: headerOnly(({ state }, { checkpoints }) => {
      for (const { ID, remainingTTL } of checkpoints) state.lessor.checkpoint(ID, remainingTTL);
    }),
  }),

  alarm: applier("alarm", {
    isRead: ({ action }) => action === AlarmAction.GET,
    apply: ({ state }, request) => ({
      header: undefined,
      alarms: changedAlarms(state.alarms, request),
    }),
  }),

  authenticate: applier("authenticate", {
    apply({ state, index }, { name, simpleToken }) {
      state.auth.passwordOf(name);
      const { tokens, revision } = state.auth;
      const token = tokens.assign({ user: name, revision, simplePrefix: simpleToken, raftIndex: index });
      return { header: undefined, token };
    },
  }),
  authStatus: applier("authStatus", {
    isRead: true,
    apply: ({ state: { auth } }) => ({
      header: undefined,
      enabled: auth.enabled,
      authRevision: auth.revision,
    }),
  }),
  authEnable: authApplier("authEnable", (auth) => auth.enable()),
  authDisable: authApplier("authDisable", (auth) => auth.disable()),
  authUserAdd: authApplier("authUserAdd", (auth, { name, hashedPassword, options }) =>
    auth.addUser(name, hashOf(hashedPassword) ?? emptyBytes, options),
  ),
  authUserDelete: authApplier("authUserDelete", (auth, { name }) => auth.deleteUser(name)),
  authUserChangePassword: authApplier("authUserChangePassword", (auth, { name, hashedPassword }) =>
    auth.changePassword(name, hashOf(hashedPassword)),
  ),
  authUserGrantRole: authApplier("authUserGrantRole", (auth, { user, role }) => auth.grantRole(user, role)),
  authUserRevokeRole: authApplier("authUserRevokeRole", (auth, { name, role }) =>
    auth.revokeRole(name, role),
  ),
  // Users may read about themselves and about their roles. Everything else needs the root role.
  authUserGet: applier("authUserGet", {
    isRead: true,
    authorize: (access, { name }) => requireSelf(access, name),
    apply: ({ state }, { name }) => ({
      header: undefined,
      roles: state.auth.user(name).roles,
    }),
  }),
  authUserList: applier("authUserList", {
    isRead: true,
    authorize: requireAdmin,
    apply: ({ state }) => ({
      header: undefined,
      users: state.auth.userNames(),
    }),
  }),
  authRoleAdd: authApplier("authRoleAdd", (auth, { name }) => auth.addRole(name)),
  authRoleDelete: authApplier("authRoleDelete", (auth, { role }) => auth.deleteRole(role)),
  authRoleGet: applier("authRoleGet", {
    isRead: true,
    authorize: (access, { role }) => requireRoleOrAdmin(access, role),
    apply: ({ state }, { role }) => ({
      header: undefined,
      perm: state.auth.permissionsOf(role),
    }),
  }),
  authRoleList: applier("authRoleList", {
    isRead: true,
    authorize: requireAdmin,
    apply: ({ state }) => ({
      header: undefined,
      roles: state.auth.roleNames(),
    }),
  }),
  authRoleGrantPermission: authApplier("authRoleGrantPermission", (auth, { name, perm }) =>
    auth.grantPermission(name, perm),
  ),
  authRoleRevokePermission: authApplier("authRoleRevokePermission", (auth, { role, key, rangeEnd }) =>
    auth.revokePermission(role, key, rangeEnd),
  ),

  clusterVersionSet: applier("clusterVersionSet", {
    apply: headerOnly(({ state }, { ver }) => {
      setClusterVersion(state, ver);
    }),
  }),
  clusterMemberAttrSet: applier("clusterMemberAttrSet", {
    apply: headerOnly(({ state }, { memberID, memberAttributes }) => {
      const attributes = {
        name: memberAttributes?.name ?? "",
        clientURLs: memberAttributes?.clientUrls ?? [],
      };
      setAttributes(state, memberID, attributes);
    }),
  }),
  downgradeInfoSet: applier("downgradeInfoSet", {
    apply: headerOnly(({ state }, { enabled, ver }) =>
      state.versions.setDowngrade(enabled ? ver : undefined),
    ),
  }),
  /** etcd's tests write it; it does nothing. */
  downgradeVersionTest: applier("downgradeVersionTest", { apply: headerOnly(() => undefined) }),
} satisfies { readonly [K in RequestKind]: Applier<RequestOf<K>, WithHeader> };

type ResultOf<R> = R extends Steps<infer O> ? O : R;

export type ResponseOf<K extends RequestKind> = ResultOf<ReturnType<(typeof appliers)[K]["apply"]>>;

/** Only gives the request its type. */
function applier<K extends RequestKind, O extends WithHeader>(
  _kind: K,
  steps: Applier<RequestOf<K>, O>,
): Applier<RequestOf<K>, O> {
  return steps;
}

/** All changes of users and roles: by users with the root role, with nothing but a header as the response. */
function authApplier<K extends RequestKind>(
  _kind: K,
  change: (auth: AuthStore, request: RequestOf<K>) => void,
): Applier<RequestOf<K>, WithHeader> {
  return { authorize: requireAdmin, apply: headerOnly(({ state }, request) => change(state.auth, request)) };
}

function headerOnly<I>(change: (where: Applying, request: I) => void) {
  return (where: Applying, request: I): WithHeader => {
    change(where, request);
    return { header: undefined };
  };
}

/** The hash of a password is in the log as base64. Undefined for other texts. */
function hashOf(hashedPassword: string): Uint8Array | undefined {
  const isBase64 = /^(?:[\w+/]{4})*(?:[\w+/]{2}==|[\w+/]{3}=)?$/.test(hashedPassword);
  return isBase64 ? Buffer.from(hashedPassword, "base64") : undefined;
}

function changedAlarms(alarms: Alarms, { action, memberID, alarm }: AlarmRequest): AlarmMember[] {
  if (action === AlarmAction.GET) return alarms.list(alarm);
  if (action === AlarmAction.ACTIVATE) {
    return alarm === AlarmType.NONE ? [] : [alarms.activate(memberID, alarm)];
  }
  const lowered = action === AlarmAction.DEACTIVATE ? alarms.deactivate(memberID, alarm) : undefined;
  return lowered === undefined ? [] : [lowered];
}

/** The request that an entry of the log holds. Undefined for a field that this version does not know. */
export function requestIn(
  request: Partial<InternalRaftRequest>,
): { kind: RequestKind; value: object } | undefined {
  for (const kind of kinds) {
    const value = request[kind];
    if (value !== undefined) return { kind, value };
  }
  return undefined;
}

const kinds = Object.keys(appliers) as RequestKind[];

/** Whether the request changes nothing. */
export function isRead<K extends RequestKind>(kind: K, request: RequestOf<K>): boolean {
  const { isRead: isIt = false } = appliers[kind] as unknown as Applier<RequestOf<K>, unknown>;
  return typeof isIt === "boolean" ? isIt : isIt(request);
}

/**
 * Checks alarms and permissions as at the time of the entry, then applies the request. Throws the engine's errors. Nothing
 * else may be applied between the steps.
 */
export function applyRequest<K extends RequestKind>(
  where: Applying,
  kind: K,
  request: RequestOf<K>,
  access: Access,
): ResponseOf<K> | Steps<ResponseOf<K>> {
  const { costBytes, authorize, apply } = appliers[kind] as unknown as Applier<RequestOf<K>, ResponseOf<K>>;
  if (costBytes !== undefined) checkAlarms(where.state.alarms, costBytes(request));
  const rest = where.state.auth.enabled ? authorize?.(access, request) : undefined;
  return rest === undefined ? apply(where, request) : applyAfter(rest, () => apply(where, request));
}

function* applyAfter<O>(rest: Steps<void>, apply: () => O | Steps<O>): Steps<O> {
  yield* rest;
  const result = apply();
  return isSteps(result) ? yield* result : result;
}

/** Raised alarms refuse a change when it is applied: CORRUPT each change, NOSPACE only one that costs space. */
function checkAlarms(alarms: Alarms, costBytes: number): void {
  if (alarms.list(AlarmType.CORRUPT).length > 0) throw serverError("corrupt");
  if (costBytes > 0 && alarms.list(AlarmType.NOSPACE).length > 0) throw serverError("noSpace");
}
