// The Maintenance service: status, hashes, alarms, defragmentation, snapshots and downgrades.
// Go: server/etcdserver/api/v3rpc/maintenance.go
import { performance } from "node:perf_hooks";
import { EtcdError, StatusCode } from "../../errors";
import { serverError, serverErrors } from "../../etcd/error-table";
import { parseVersion } from "../../etcd/versions";
import type {
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
import { requireAdmin, requireUser } from "../auth/checks";
import type { EtcdServer } from "../member/etcd-server";
import { alarmText } from "../member/alarms";
import { assertReadIndex, change, changeAs, read, stream } from "./pipeline";
import { quotaBytes } from "./quota";
import type { ServerCall, ServiceHandlers } from "./routes";

export function maintenanceHandlers(server: EtcdServer): ServiceHandlers<typeof MaintenanceService> {
  const { store } = server;
  // As in etcd, the list is an entry of the log too.
  const listAlarms = change(server, "alarm", { admit: requireUser });
  const changeAlarms = change(server, "alarm", { admit: requireAdmin });

  return {
    alarm: (request, call) => (request.action === AlarmAction.GET ? listAlarms : changeAlarms)(request, call),

    status: read(server, { authorize: requireUser, run: () => status(server) }),

    // Local to this member and no proposal, as in etcd.
    defragment: read(server, {
      authorize: requireAdmin,
      async run() {
        await server.defragment();
        return { header: undefined };
      },
      header: noHeader,
    }),

    hash: read(server, {
      authorize: requireAdmin,
      run: async () => ({ header: undefined, hash: await server.hashAll() }),
    }),

    hashKV: read(server, {
      authorize: requireAdmin,
      async run(request) {
        const { hash, compactRevision, revision } = await store.hashInTurns(Number(request.revision));
        return {
          header: undefined,
          hash,
          compactRevision: BigInt(compactRevision),
          hashRevision: BigInt(revision),
        };
      },
    }),

    snapshot: stream(server, {
      authorize: requireAdmin,
      run: (_request, call) => snapshot(server, call),
    }),

    downgrade: downgrade(server),

    moveLeader: read(server, {
      authorize: requireAdmin,
      run({ targetID }) {
        if (!server.membership.hasQuorum) throw serverError("notLeader");
        if (targetID !== server.membership.memberId) throw serverError("badLeaderTransferee");
        return { header: undefined };
      },
      header: noHeader,
    }),
  };
}

/** etcd leaves the header out of these responses. */
function noHeader(): undefined {
  return undefined;
}

function status(server: EtcdServer): StatusResponse {
  const { store, alarms, membership, raft, versions } = server;
  return {
    header: undefined,
    version: versions.server,
    dbSize: BigInt(store.sizeBytes),
    leader: membership.hasQuorum ? membership.memberId : 0n,
    raftIndex: raft.index,
    raftTerm: raft.term,
    raftAppliedIndex: raft.index,
    errors: [
      ...(membership.hasQuorum ? [] : [serverErrors.noLeader.text]),
      ...alarms.list(AlarmType.NONE).map(alarmText),
    ],
    dbSizeInUse: BigInt(store.sizeInUseBytes),
    isLearner: false,
    storageVersion: versions.storage,
    dbSizeQuota: quotaBytes(server),
    downgradeInfo: {
      enabled: versions.downgradeTarget !== undefined,
      targetVersion: versions.downgradeTarget ?? "",
    },
  };
}

async function* snapshot(server: EtcdServer, call: ServerCall): AsyncGenerator<SnapshotResponse> {
  const { turn } = server.store;
  const startedAt = performance.now();
  const { sizeBytes, chunks } = await server.snapshot();
  // etcd does not count the hash at the end of the file.
  let remaining = sizeBytes - hashBytes;
  for (const blob of chunks) {
    if (call.signal.aborted) return;
    turn.spend(blob.length / bytesPerUnit);
    if (turn.isSpent) await turn.rest();
    remaining = Math.max(0, remaining - blob.length);
    yield { remainingBytes: BigInt(remaining), blob, version: server.versions.storage };
  }
  server.metrics.snapshotSeconds.observe((performance.now() - startedAt) / 1000);
}

const hashBytes = 32;
/** Of a snapshot, packed and hashed. */
const bytesPerUnit = 128;

/** Go: Downgrade in server/etcdserver/api/v3rpc/maintenance.go and server/etcdserver/v3_server.go */
function downgrade(
  server: EtcdServer,
): (request: DowngradeRequest, call: ServerCall) => DowngradeResponse | Promise<DowngradeResponse> {
  const { versions } = server;
  const response = (): DowngradeResponse => ({
    header: undefined,
    version: versions.cluster.replace(/\.\d+$/, ""),
  });
  const check = ({ action, version }: DowngradeRequest) => {
    if (enumName(Action, action) === `${action}`) {
      throw new EtcdError(StatusCode.Unknown, "etcdserver: unknown method", false);
    }
    if (action === Action.CANCEL) return;
    const obstacle = versions.obstacleTo(targetVersion(version));
    if (obstacle !== undefined) throw serverError(obstacle);
  };
  const changeTarget = changeAs(server, "downgradeInfoSet", {
    admit: requireAdmin,
    precondition: check,
    request({ action, version }: DowngradeRequest) {
      const enabled = action === Action.ENABLE;
      return { enabled, ver: enabled ? targetVersion(version) : "" };
    },
    response,
  });
  const validate = read(server, {
    authorize: requireAdmin,
    run(request: DowngradeRequest, call: ServerCall): DowngradeResponse {
      if (request.action === Action.VALIDATE) {
        targetVersion(request.version);
        assertReadIndex(server, call);
      }
      check(request);
      return response();
    },
  });
  return (request, call) => {
    // Canceling a downgrade that does not exist is not an error here, and changes nothing.
    const isUseless = request.action === Action.CANCEL && versions.downgradeTarget === undefined;
    return (request.action === Action.VALIDATE || isUseless ? validate : changeTarget)(request, call);
  };
}

/** Accepts `3.6` and any `3.6.1`: the patch version does not count. Go: convertToClusterVersion */
function targetVersion(text: string): string {
  const exact = parseVersion(text);
  const version = typeof exact === "string" ? parseVersion(`${text}.0`) : exact;
  if (typeof version === "string") throw serverError("wrongDowngradeVersionFormat");
  return `${version.major}.${version.minor}.0`;
}
