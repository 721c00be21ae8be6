// The Maintenance service: status, hashes, alarms, defragmentation and snapshots. Downgrade is not served.
// Answers to etcd's v3rpc/maintenance.go.
import {
  AlarmRequest_AlarmAction as AlarmAction,
  AlarmType,
  type AlarmMember,
  type AlarmRequest,
  type MaintenanceService,
  type SnapshotResponse,
} from "../../proto/gen/etcdserverpb";
import { serverError } from "../../transport/error-table";
import { alarmText } from "./alarms";
import { header, propose, translated, type Member } from "./member";
import { quotaBytes } from "./quota";
import type { ServerCall, ServiceHandlers } from "./routes";

export function maintenanceHandlers(member: Member): ServiceHandlers<typeof MaintenanceService> {
  const { engine, alarms, membership, raft, versions } = member;
  return {
    alarm(request, call) {
      if (request.action === AlarmAction.GET) {
        return { header: header(member), alarms: alarms.list(request.alarm) };
      }
      return propose(member, call.requestSizeBytes, () => ({
        header: header(member),
        alarms: changedAlarms(member, request),
      }));
    },

    status: () => ({
      header: header(member),
      version: versions.server,
      dbSize: BigInt(engine.store.sizeBytes),
      leader: membership.memberId,
      raftIndex: raft.index,
      raftTerm: raft.term,
      raftAppliedIndex: raft.index,
      errors: alarms.list(AlarmType.NONE).map(alarmText),
      dbSizeInUse: BigInt(engine.store.sizeInUseBytes),
      isLearner: false,
      storageVersion: versions.storage,
      dbSizeQuota: quotaBytes(member),
      downgradeInfo: { enabled: false, targetVersion: "" },
    }),

    defragment() {
      engine.store.defragment();
      return {};
    },

    hash: () => ({ header: header(member), hash: member.hashAll() }),

    hashKV({ revision }) {
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

    snapshot: (_request, call) => snapshot(member, call),

    moveLeader({ targetID }) {
      if (targetID !== membership.memberId) throw serverError("badLeaderTransferee");
      return {};
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
