// The code and the text of errors. Clients compare whole texts.
import { StatusCode } from "../../../src/errors";
import {
  LeaseRevokeRequest,
  RangeRequest_SortOrder,
  type RequestOp,
} from "../../../src/proto/gen/etcdserverpb";
import { deleteOp, putOp, txnOp, type Requests } from "../../support/requests";
import { freshServer, testSince, type Runner } from "../runner";

type Refused = readonly [
  text: string,
  code: number,
  name: string,
  attempt: (etcd: Requests) => Promise<unknown>,
];

const { InvalidArgument, NotFound, OutOfRange, FailedPrecondition } = StatusCode;
const many = (count: number): RequestOp[] => Array.from({ length: count }, (_, at) => putOp(`k${at}`, ""));

const refused: readonly Refused[] = [
  ["etcdserver: key is not provided", InvalidArgument, "a range of the empty key", (etcd) => etcd.range("")],
  ["etcdserver: key is not provided", InvalidArgument, "a put of the empty key", (etcd) => etcd.put("", "1")],
  ["etcdserver: key is not provided", InvalidArgument, "a delete of the empty key", (etcd) => etcd.del("")],
  [
    "etcdserver: key is not provided",
    InvalidArgument,
    "a put of the empty key in a txn",
    (etcd) => etcd.txn({ failure: [putOp("", "1")] }),
  ],
  [
    "etcdserver: mvcc: required revision is a future revision",
    OutOfRange,
    "a range at a future revision",
    (etcd) => etcd.range("a", "", { revision: 9n }),
  ],
  [
    "etcdserver: value is provided",
    InvalidArgument,
    "a put with a value and ignore_value",
    (etcd) => etcd.put("a", "1", { ignoreValue: true }),
  ],
  [
    "etcdserver: lease is provided",
    InvalidArgument,
    "a put with a lease and ignore_lease",
    (etcd) => etcd.put("a", "1", { ignoreLease: true, lease: 5n }),
  ],
  [
    "etcdserver: key not found",
    InvalidArgument,
    "ignore_value for a key that does not exist",
    (etcd) => etcd.put("none", "", { ignoreValue: true }),
  ],
  [
    "etcdserver: key not found",
    InvalidArgument,
    "ignore_lease for a key that does not exist",
    (etcd) => etcd.put("none", "1", { ignoreLease: true }),
  ],
  [
    "etcdserver: requested lease not found",
    NotFound,
    "a put with an unknown lease",
    (etcd) => etcd.put("a", "1", { lease: 99n }),
  ],
  [
    "etcdserver: requested lease not found",
    NotFound,
    "revoking an unknown lease",
    (etcd) => etcd.client.lease.leaseRevoke(LeaseRevokeRequest.create({ ID: 99n })),
  ],
  [
    "etcdserver: lease already exists",
    FailedPrecondition,
    "a second grant of a lease ID",
    async (etcd) => {
      await etcd.grant(600n, 7n);
      await etcd.grant(600n, 7n);
    },
  ],
  [
    "etcdserver: too large lease TTL",
    OutOfRange,
    "a lease with a TTL of 300 years",
    (etcd) => etcd.grant(9_500_000_000n),
  ],
  [
    "etcdserver: too many operations in txn request",
    InvalidArgument,
    "a txn with 129 operations",
    (etcd) => etcd.txn({ success: many(129) }),
  ],
  [
    "etcdserver: duplicate key given in txn request",
    InvalidArgument,
    "a key put twice in a txn",
    (etcd) => etcd.txn({ success: [putOp("a", "1"), putOp("a", "2")] }),
  ],
  [
    "etcdserver: duplicate key given in txn request",
    InvalidArgument,
    "a key put and its range deleted in a txn",
    (etcd) => etcd.txn({ success: [putOp("b", "1"), deleteOp("a", "c")] }),
  ],
  [
    "etcdserver: duplicate key given in txn request",
    InvalidArgument,
    "a key put inside and outside of a nested txn",
    (etcd) => etcd.txn({ success: [putOp("a", "1"), txnOp({ success: [putOp("a", "2")] })] }),
  ],
  [
    "etcdserver: request is too large",
    InvalidArgument,
    "a value over the limit",
    (etcd) => etcd.put("a", "x".repeat(1_600_000)),
  ],
];

export function errorBehaviour(runner: Runner): void {
  const server = freshServer(runner);

  test.each(refused)("the error is %s (%i) for %s", async (message, code, _, attempt) => {
    await expect(attempt(server.etcd)).rejects.toMatchObject({ message, code, known: true });
    expect(await server.etcd.range("\0", "\0")).toMatchObject({ count: 0n, header: { revision: 1n } });
  });

  testSince(runner, "3.7", "an unknown sort order is refused", async () => {
    const unknown = Object.keys(RangeRequest_SortOrder).length;
    await expect(server.etcd.range("a", "z", { sortOrder: unknown })).rejects.toMatchObject({
      message: "etcdserver: invalid sort option",
    });
  });

  test("a txn may have up to 128 operations in each branch", async () => {
    const { succeeded } = await server.etcd.txn({ success: many(128), failure: many(128) });
    expect(succeeded).toBe(true);
    expect(await server.etcd.range("k", "l")).toMatchObject({ count: 128n });
  });
}
