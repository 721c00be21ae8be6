// The Maintenance service: status, hashes, alarms, defragmentation and snapshots.
// Answers to etcd's v3rpc/maintenance.go.
import {
  AlarmRequest_AlarmAction as AlarmAction,
  AlarmType,
  type AlarmMember,
  type AlarmRequest,
  type MaintenanceService,
  type SnapshotResponse,
  type StatusResponse,
} from "../../proto/gen/etcdserverpb";
import { serverError, serverErrors } from "../../transport/error-table";
import { allowAdmin, allowUsers, proposeFor } from "./access";
import { alarmText } from "./alarms";
import { downgrade } from "./downgrade";
import { header, translated, type Member } from "./member";
import { quotaBytes } from "./quota";
import type { ServerCall, ServiceHandlers } from "./routes";

export function maintenanceHandlers(member: Member): ServiceHandlers<typeof MaintenanceService> {
  const { engine, alarms } = member;
  return {
    alarm(request, call) {
      if (request.action === AlarmAction.GET) {
        allowUsers(member, call);
        return { header: header(member), alarms: alarms.list(request.alarm) };
      }
      allowAdmin(member, call);
      return proposeFor(member, call, () => ({
        header: header(member),
        alarms: changedAlarms(member, request),
      }));
    },

    status(_request, call) {
      allowUsers(member, call);
      return status(member);
    },

    defragment(_request, call) {
      allowAdmin(member, call);
      member.assertWritable?.();
      engine.store.defragment();
      return {};
    },

    hash(_request, call) {
      allowAdmin(member, call);
      return { header: header(member), hash: member.hashAll() };
    },

    hashKV({ revision }, call) {
      allowAdmin(member, call);
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
      allowAdmin(member, call);
      return snapshot(member, call);
    },

    downgrade(request, call) {
      allowAdmin(member, call);
      return downgrade(member, request, call);
    },

    moveLeader({ targetID }, call) {
      allowAdmin(member, call);
      if (!member.membership.hasQuorum) throw serverError("notLeader");
      if (targetID !== member.membership.memberId) throw serverError("badLeaderTransferee");
      return {};
    },
  };
}

function status(member: Member): StatusResponse {
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

function changedAlarms({ alarms }: Member, { action, memberID, alarm }: AlarmRequest): AlarmMember[] {
  if (action === AlarmAction.ACTIVATE) {
    return alarm === AlarmType.NONE ? [] : [alarms.activate(memberID, alarm)];
  }
  const gone = action === AlarmAction.DEACTIVATE ? alarms.deactivate(memberID, alarm) : undefined;
  return gone === undefined ? [] : [gone];
}

async function* snapshot(member: Member, call: ServerCall): AsyncGenerator<SnapshotResponse> {
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
