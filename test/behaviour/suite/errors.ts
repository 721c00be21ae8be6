// What a request gets that cannot be done: the code and the text, which clients compare as a whole.
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
  ["etcdserver: key is not provided", InvalidArgument, "reading the empty key", (etcd) => etcd.range("")],
  ["etcdserver: key is not provided", InvalidArgument, "writing it", (etcd) => etcd.put("", "1")],
  ["etcdserver: key is not provided", InvalidArgument, "deleting it", (etcd) => etcd.del("")],
  [
    "etcdserver: key is not provided",
    InvalidArgument,
    "writing it within a txn",
    (etcd) => etcd.txn({ failure: [putOp("", "1")] }),
  ],
  [
    "etcdserver: mvcc: required revision is a future revision",
    OutOfRange,
    "reading the future",
    (etcd) => etcd.range("a", "", { revision: 9n }),
  ],
  [
    "etcdserver: value is provided",
    InvalidArgument,
    "a value that is to be ignored",
    (etcd) => etcd.put("a", "1", { ignoreValue: true }),
  ],
  [
    "etcdserver: lease is provided",
    InvalidArgument,
    "a lease that is to be ignored",
    (etcd) => etcd.put("a", "1", { ignoreLease: true, lease: 5n }),
  ],
  [
    "etcdserver: key not found",
    InvalidArgument,
    "keeping the value of no key",
    (etcd) => etcd.put("none", "", { ignoreValue: true }),
  ],
  [
    "etcdserver: key not found",
    InvalidArgument,
    "keeping the lease of no key",
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
    "granting an id twice",
    async (etcd) => {
      await etcd.grant(600n, 7n);
      await etcd.grant(600n, 7n);
    },
  ],
  [
    "etcdserver: too large lease TTL",
    OutOfRange,
    "a lease of 300 years",
    (etcd) => etcd.grant(9_500_000_000n),
  ],
  [
    "etcdserver: too many operations in txn request",
    InvalidArgument,
    "129 operations",
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

  test.each(refused)("%s (%i): %s", async (message, code, _, attempt) => {
    await expect(attempt(server.etcd)).rejects.toMatchObject({ message, code, known: true });
    expect(await server.etcd.range("\0", "\0")).toMatchObject({ count: 0n, header: { revision: 1n } });
  });

  testSince(runner, "3.7", "an unknown order is refused", async () => {
    const unknown = Object.keys(RangeRequest_SortOrder).length;
    await expect(server.etcd.range("a", "z", { sortOrder: unknown })).rejects.toMatchObject({
      message: "etcdserver: invalid sort option",
    });
  });

  test("128 operations are the most a txn may have, in each branch", async () => {
    const { succeeded } = await server.etcd.txn({ success: many(128), failure: many(128) });
    expect(succeeded).toBe(true);
    expect(await server.etcd.range("k", "l")).toMatchObject({ count: 128n });
  });
}
