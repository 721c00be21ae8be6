// Responses for the printers' tests: ids beyond 2^53, bytes that are no text, unusual names.
import {
  DeleteRangeResponse,
  HashKVResponse,
  LeaseGrantResponse,
  LeaseKeepAliveResponse,
  LeaseLeasesResponse,
  LeaseRevokeResponse,
  LeaseTimeToLiveResponse,
  MemberListResponse,
  PutResponse,
  RangeResponse,
  ResponseHeader,
  StatusResponse,
  TxnResponse,
} from "../../src/proto/gen/etcdserverpb";
import { KeyValue } from "../../src/proto/gen/mvccpb";

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

/** What etcd answers to put, get, del and a transaction inside a transaction. */
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
