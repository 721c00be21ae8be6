// The Maintenance service: status, hashes, alarms, defragmentation and snapshots.
// Answers to etcd's v3rpc/maintenance.go.
import { EtcdError, StatusCode } from "../../errors";
import { serverError, serverErrors } from "../../etcd/error-table";
import type {
  AlarmMember,
  AlarmRequest,
  DowngradeRequest,
  DowngradeResponse,
  MaintenanceService,
  SnapshotResponse,
  StatusResponse,
} from "../../proto/gen/etcdserverpb";
import {
  DowngradeRequest_DowngradeAction as Action,
  AlarmRequest_AlarmAction as AlarmAction,
  AlarmType,
} from "../../proto/gen/etcdserverpb";
import { enumName } from "../../proto/message";
import type { EtcdServer } from "../etcd-server";
import { header, translated } from "../etcd-server";
import { alarmText } from "./alarms";
import { authorizeAdmin, authorizeUser, proposeFor } from "./authorize";
import { quotaBytes } from "./quota";
import type { ServerCall, ServiceHandlers } from "./routes";

export function maintenanceHandlers(member: EtcdServer): ServiceHandlers<typeof MaintenanceService> {
  const { engine, alarms } = member;
  return {
    alarm(request, call) {
      if (request.action === AlarmAction.GET) {
        authorizeUser(member, call);
        return { header: header(member), alarms: alarms.list(request.alarm) };
      }
      authorizeAdmin(member, call);
      return proposeFor(member, call, () => ({
        header: header(member),
        alarms: changedAlarms(member, request),
      }));
    },

    status(_request, call) {
      authorizeUser(member, call);
      return status(member);
    },

    defragment(_request, call) {
      authorizeAdmin(member, call);
      member.assertWritable?.();
      engine.store.defragment();
      return {};
    },

    hash(_request, call) {
      authorizeAdmin(member, call);
      return { header: header(member), hash: member.hashAll() };
    },

    hashKV({ revision }, call) {
      authorizeAdmin(member, call);
      const {
        hash,
        compactRevision,
        revision: hashRevision,
      } = translated(() => engine.store.hash(Number(revision)));
      return {
        header: header(member),
        hash,
        compactRevision: BigInt(compactRevision),
        hashRevision: BigInt(hashRevision),
      };
    },

    snapshot(_request, call) {
      authorizeAdmin(member, call);
      return snapshot(member, call);
    },

    downgrade(request, call) {
      authorizeAdmin(member, call);
      return downgrade(member, request, call);
    },

    moveLeader({ targetID }, call) {
      authorizeAdmin(member, call);
      if (!member.membership.hasQuorum) throw serverError("notLeader");
      if (targetID !== member.membership.memberId) throw serverError("badLeaderTransferee");
      return {};
    },
  };
}

function status(member: EtcdServer): StatusResponse {
  const { engine, alarms, membership, raft, versions } = member;
  return {
    header: header(member),
    version: versions.server,
    dbSize: BigInt(engine.store.sizeBytes),
    leader: membership.hasQuorum ? membership.memberId : 0n,
    raftIndex: raft.index,
    raftTerm: raft.term,
    raftAppliedIndex: raft.index,
    errors: [
      ...(membership.hasQuorum ? [] : [serverErrors.noLeader.text]),
      ...alarms.list(AlarmType.NONE).map(alarmText),
    ],
    dbSizeInUse: BigInt(engine.store.sizeInUseBytes),
    isLearner: false,
    storageVersion: versions.storage,
    dbSizeQuota: quotaBytes(member),
    downgradeInfo: {
      enabled: versions.downgradeTarget !== undefined,
      targetVersion: versions.downgradeTarget ?? "",
    },
  };
}

function changedAlarms({ alarms }: EtcdServer, { action, memberID, alarm }: AlarmRequest): AlarmMember[] {
  if (action === AlarmAction.ACTIVATE) {
    return alarm === AlarmType.NONE ? [] : [alarms.activate(memberID, alarm)];
  }
  const gone = action === AlarmAction.DEACTIVATE ? alarms.deactivate(memberID, alarm) : undefined;
  return gone === undefined ? [] : [gone];
}

async function* snapshot(member: EtcdServer, call: ServerCall): AsyncGenerator<SnapshotResponse> {
  const { sizeBytes, chunks } = member.snapshot();
  // The hash that follows the db is not part of the size that etcd tells.
  let remaining = sizeBytes - hashBytes;
  for (const blob of chunks) {
    if (call.signal.aborted) return;
    remaining = Math.max(0, remaining - blob.length);
    yield { remainingBytes: BigInt(remaining), blob, version: member.versions.storage };
  }
}

const hashBytes = 32;

// Downgrades: asked about, begun and given up. Answers to Downgrade of etcd's v3rpc/maintenance.go and v3_server.go.

export function downgrade(
  member: EtcdServer,
  { action, version }: DowngradeRequest,
  call: ServerCall,
): DowngradeResponse | Promise<DowngradeResponse> {
  const { versions } = member;
  if (enumName(Action, action) === `${action}`) {
    throw new EtcdError(StatusCode.Unknown, "etcdserver: unknown method", false);
  }
  if (action !== Action.CANCEL) {
    const refusal = versions.refusal(targetVersion(version));
    if (refusal !== undefined) throw serverError(refusal);
  }
  const answer = () => ({ header: header(member), version: versions.cluster.replace(/\.\d+$/, "") });
  // To give up what is not under way is no error here.
  if (action === Action.VALIDATE || (action === Action.CANCEL && versions.downgradeTarget === undefined)) {
    return answer();
  }
  return proposeFor(member, call, () => {
    versions.setDowngrade(action === Action.ENABLE ? targetVersion(version) : undefined);
    return answer();
  });
}

/** `3.6`, or any `3.6.1`: the patch does not count. */
function targetVersion(text: string): string {
  const [, major, minor] = /^(\d+)\.(\d+)(?:\.\d+(?:[-+].*)?)?$/.exec(text) ?? [];
  if (major === undefined || minor === undefined) throw serverError("wrongDowngradeVersionFormat");
  return `${major}.${minor}.0`;
}
