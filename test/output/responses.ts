// Responses for the tests of the printers: IDs beyond 2^53, bytes that are no text, unusual names.
import type { Permission } from "../../src/proto/gen/authpb";
import { Permission_Type } from "../../src/proto/gen/authpb";
import {
  AlarmResponse,
  AlarmType,
  AuthRoleAddResponse,
  AuthRoleDeleteResponse,
  AuthRoleGetResponse,
  AuthRoleGrantPermissionResponse,
  AuthRoleListResponse,
  AuthRoleRevokePermissionResponse,
  AuthStatusResponse,
  AuthUserAddResponse,
  AuthUserChangePasswordResponse,
  AuthUserDeleteResponse,
  AuthUserGetResponse,
  AuthUserGrantRoleResponse,
  AuthUserListResponse,
  AuthUserRevokeRoleResponse,
  DeleteRangeResponse,
  DowngradeResponse,
  HashKVResponse,
  LeaseGrantResponse,
  LeaseKeepAliveResponse,
  LeaseLeasesResponse,
  LeaseRevokeResponse,
  LeaseTimeToLiveResponse,
  MemberAddResponse,
  MemberListResponse,
  MemberPromoteResponse,
  MemberRemoveResponse,
  MemberUpdateResponse,
  MoveLeaderResponse,
  PutResponse,
  RangeResponse,
  ResponseHeader,
  StatusResponse,
  TxnResponse,
  WatchResponse,
} from "../../src/proto/gen/etcdserverpb";
import { Event_EventType, KeyValue } from "../../src/proto/gen/mvccpb";

export const header = ResponseHeader.create({
  clusterId: 14841639068965178418n,
  memberId: 10276657743932975437n,
  revision: 9007199254740993n,
  raftTerm: 2n,
});

export const plainKv = KeyValue.create({
  key: Buffer.from("foo"),
  createRevision: 2n,
  modRevision: 3n,
  version: 2n,
  value: Buffer.from("bar"),
});

export const oddKv = KeyValue.create({
  key: Buffer.from([0x00, 0xff, 0x0a]),
  createRevision: 9007199254740993n,
  modRevision: 9223372036854775807n,
  version: 1n,
  value: Buffer.from('say "é\u200b"'),
  lease: 0x694d5765fc71500bn,
});

export const range = RangeResponse.create({ header, kvs: [plainKv, oddKv], more: true, count: 7n });

const innerHeader = ResponseHeader.create({ revision: 4n });

/** etcd's responses to put, get, del and a nested transaction. */
export const txn = TxnResponse.create({
  header,
  succeeded: true,
  responses: [
    {
      response: { case: "responsePut", value: PutResponse.create({ header: innerHeader, prevKv: plainKv }) },
    },
    {
      response: {
        case: "responseRange",
        value: RangeResponse.create({ header: innerHeader, kvs: [plainKv], count: 1n }),
      },
    },
    { response: { case: "responseDeleteRange", value: DeleteRangeResponse.create({ header: innerHeader }) } },
    {
      response: {
        case: "responseTxn",
        value: TxnResponse.create({
          succeeded: true,
          responses: [{ response: { case: "responsePut", value: PutResponse.create({ prevKv: oddKv }) } }],
        }),
      },
    },
  ],
});

export const put = PutResponse.create({ header, prevKv: oddKv });
export const putOfNewKey = PutResponse.create({ header });
export const del = DeleteRangeResponse.create({ header, deleted: 2n, prevKvs: [plainKv, oddKv] });
export const emptyRange = RangeResponse.create({ header });

export const leaseGrant = LeaseGrantResponse.create({ header, ID: 0x694d5765fc71500bn, TTL: 600n });
export const leaseRevoke = LeaseRevokeResponse.create({ header });
export const leaseKeepAlive = LeaseKeepAliveResponse.create({ header, ID: 0x0123456789abcden, TTL: 600n });
export const timeToLive = LeaseTimeToLiveResponse.create({
  header,
  ID: 0x0123456789abcden,
  TTL: 599n,
  grantedTTL: 600n,
  keys: [Buffer.from("foo"), Buffer.from([0xff])],
});

export const expiredLease = LeaseTimeToLiveResponse.create({ header, ID: -5n, TTL: -1n });
export const leases = LeaseLeasesResponse.create({
  header,
  leases: [{ ID: 0x694d5765fc71500bn }, { ID: 0x0123456789abcden }],
});
export const noLeases = LeaseLeasesResponse.create({ header });

export const members = MemberListResponse.create({
  header: { ...header, revision: 0n },
  members: [
    {
      ID: 0xabcn,
      name: "m0",
      peerURLs: ["http://127.0.0.1:2380"],
      clientURLs: ["http://127.0.0.1:2379", "unix:///tmp/etcd.sock"],
      isLearner: false,
    },
    {
      ID: 10276657743932975437n,
      name: "",
      peerURLs: ["http://10.0.0.1:2380"],
      clientURLs: [],
      isLearner: true,
    },
  ],
});

export const endpoint = "127.0.0.1:24391";

export const status = {
  endpoint,
  status: StatusResponse.create({
    header,
    version: "3.7.1",
    dbSize: 28672n,
    leader: 10276657743932975437n,
    raftIndex: 8n,
    raftTerm: 2n,
    raftAppliedIndex: 8n,
    errors: ["memberID:10276657743932975437 alarm:NOSPACE"],
    dbSizeInUse: 16384n,
    storageVersion: "3.7.0",
    dbSizeQuota: 2147483648n,
    downgradeInfo: { enabled: false, targetVersion: "" },
  }),
};

export const hashKV = {
  endpoint,
  response: HashKVResponse.create({ header, hash: 4084519789, hashRevision: 4n }),
};

const { PUT, DELETE } = Event_EventType;
const deletion = KeyValue.create({ key: plainKv.key, modRevision: 9007199254740993n });

export const watch = WatchResponse.create({
  header,
  events: [
    { type: PUT, kv: plainKv },
    { type: 7 },
    { type: PUT, kv: oddKv, prevKv: plainKv },
    { type: DELETE, kv: deletion, prevKv: oddKv },
  ],
});
export const watchProgress = WatchResponse.create({ header });
/** The response to a watch from a compacted revision. */
export const watchCompacted = WatchResponse.create({
  header: { ...header, revision: 0n },
  canceled: true,
  compactRevision: 9007199254740993n,
  cancelReason: "etcdserver: mvcc: required revision has been compacted",
});

const memberHeader = ResponseHeader.create({ ...header, clusterId: 0xdefn, revision: 0n });
const newMember = {
  ID: 0xabcn,
  name: "",
  peerURLs: ["http://a:1", "http://b:2"],
  clientURLs: [],
  isLearner: false,
};
const oldMember = { ...newMember, ID: header.memberId, name: "m0", clientURLs: ["http://a:3"] };

export const memberAdd = MemberAddResponse.create({
  header,
  member: newMember,
  members: [newMember, oldMember],
});
export const memberAddLearner = MemberAddResponse.create({
  header: memberHeader,
  member: { ...newMember, ID: 0xabcdef0123456789n, isLearner: true },
  members: [oldMember, { ...newMember, ID: 0xabcdef0123456789n, isLearner: true }],
});
export const memberRemove = MemberRemoveResponse.create({ header: memberHeader, members: [oldMember] });
export const memberUpdate = MemberUpdateResponse.create({ header, members: [oldMember, newMember] });
export const memberPromote = MemberPromoteResponse.create({ header: memberHeader });
export const moveLeader = MoveLeaderResponse.create({ header });

export const alarm = AlarmResponse.create({
  header,
  alarms: [
    { memberID: header.memberId, alarm: AlarmType.NOSPACE },
    { memberID: 0xabcn, alarm: AlarmType.CORRUPT },
    { memberID: 0n, alarm: AlarmType.NONE },
    { memberID: 1n, alarm: 9 },
  ],
});
export const noAlarm = AlarmResponse.create({});
export const downgrade = DowngradeResponse.create({ header, version: "3.7.0" });

export const authStatus = AuthStatusResponse.create({
  header,
  enabled: true,
  authRevision: 9007199254740993n,
});
export const authOff = AuthStatusResponse.create({ header });
export const roleAdd = AuthRoleAddResponse.create({ header });

function permission(permType: number, key: string, rangeEnd: string): Permission {
  return { permType, key: Buffer.from(key, "latin1"), rangeEnd: Buffer.from(rangeEnd, "latin1") };
}

const { READ, WRITE, READWRITE } = Permission_Type;
export const roleGet = AuthRoleGetResponse.create({
  header,
  perm: [
    permission(READ, "a", ""),
    permission(WRITE, "\xff\0", "b"),
    permission(READWRITE, "pre", "prf"),
    permission(READWRITE, "\xff\xff", "\0"),
    permission(READ, "from", "\0"),
    permission(READWRITE, "", "\0"),
    permission(7, "odd", ""),
  ],
});
export const roleGetEmpty = AuthRoleGetResponse.create({ header });
export const roleList = AuthRoleListResponse.create({ header, roles: ["root", 'r "é"\u200b'] });
export const roleListEmpty = AuthRoleListResponse.create({ header });
export const roleDelete = AuthRoleDeleteResponse.create({ header });
export const roleGrantPermission = AuthRoleGrantPermissionResponse.create({ header });
export const roleRevokePermission = AuthRoleRevokePermissionResponse.create({ header });

export const userAdd = AuthUserAddResponse.create({ header });
export const userGet = AuthUserGetResponse.create({ header, roles: ["r1", "r 2"] });
export const userGetEmpty = AuthUserGetResponse.create({ header });
export const userList = AuthUserListResponse.create({ header, users: ["root", "alice"] });
export const userChangePassword = AuthUserChangePasswordResponse.create({ header });
export const userGrantRole = AuthUserGrantRoleResponse.create({ header });
export const userRevokeRole = AuthUserRevokeRoleResponse.create({ header });
export const userDelete = AuthUserDeleteResponse.create({ header });
