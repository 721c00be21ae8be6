// Status, hashes, alarms, snapshot, defragmentation and member list.
import { createHash } from "node:crypto";
import {
  AlarmRequest,
  DefragmentRequest,
  HashKVRequest,
  HashRequest,
  MemberListRequest,
  SnapshotRequest,
  StatusRequest,
} from "../../../src/proto/gen/etcdserverpb";
import { until } from "../../support/until";
import { freshServer, testSince, type Runner } from "../runner";

export function maintenanceBehaviour(runner: Runner): void {
  const server = freshServer(runner);
  const hashKv = (revision: bigint) =>
    server.etcd.client.maintenance.hashKV(HashKVRequest.create({ revision }));

  test("a single member is its cluster's leader", async () => {
    const status = await server.etcd.client.maintenance.status(StatusRequest.create());
    expect(status.leader).toBe(status.header?.memberId);
    expect(status).toMatchObject({ isLearner: false, errors: [], raftTerm: status.header?.raftTerm });
    expect(status.version.startsWith(`${runner.version}.`)).toBe(true);
    expect(status.dbSize).toBeGreaterThanOrEqual(status.dbSizeInUse);
    expect(status.dbSizeInUse).toBeGreaterThan(0n);
    expect(status.raftIndex).toBeGreaterThan(0n);
  });

  test("writes raise the raft index, and the db file grows", async () => {
    const before = await server.etcd.client.maintenance.status(StatusRequest.create());
    for (let at = 0; at < 20; at++) await server.etcd.put(`k${at}`, "v".repeat(50_000));
    // etcd writes to its db file in batches.
    await until("the db has grown by what was written", async () => {
      const after = await server.etcd.client.maintenance.status(StatusRequest.create());
      expect(after.raftIndex - before.raftIndex).toBeGreaterThanOrEqual(20n);
      return after.dbSize - before.dbSize > 900_000n;
    });
  });

  test("the member list contains the member", async () => {
    const { members, header } = await server.etcd.client.cluster.memberList(MemberListRequest.create());
    expect(members).toHaveLength(1);
    expect(members[0]).toMatchObject({ ID: header?.memberId, isLearner: false });
    expect(members[0]?.name).not.toBe("");
    expect(members[0]?.peerURLs).toHaveLength(1);
  });

  test("the same history has the same hash on every server", async () => {
    await server.etcd.puts("a=1", "b=2", "a=3");
    await server.etcd.del("b");
    await server.etcd.put("c", "4");
    const hashes = [await hashKv(0n), await hashKv(4n)];
    await server.etcd.compact(4n, true);
    hashes.push(await hashKv(0n));
    expect(hashes.map(({ hash, compactRevision }) => [hash, compactRevision])).toEqual([
      [2750537463, -1n],
      [2069675932, -1n],
      [2450235489, 4n],
    ]);
  });

  testSince(runner, "3.7", "a hash names its revision", async () => {
    await server.etcd.puts("a=1", "b=2");
    expect(await hashKv(0n)).toMatchObject({ hashRevision: 3n });
    expect(await hashKv(2n)).toMatchObject({ hashRevision: 2n });
  });

  test("a hash at a future or at a compacted revision is refused", async () => {
    await server.etcd.puts("a=1", "a=2", "a=3");
    await server.etcd.compact(3n, true);
    await expect(hashKv(2n)).rejects.toMatchObject({
      message: "etcdserver: mvcc: required revision has been compacted",
    });
    await expect(hashKv(9n)).rejects.toMatchObject({
      message: "etcdserver: mvcc: required revision is a future revision",
    });
  });

  test("the whole db file has a hash too", async () => {
    const { hash } = await server.etcd.client.maintenance.hash(HashRequest.create());
    expect(hash).toBeGreaterThan(0);
  });

  test("a fresh member has no alarms, and defragmenting keeps the keys", async () => {
    await server.etcd.put("a", "1");
    expect((await server.etcd.client.maintenance.alarm(AlarmRequest.create())).alarms).toEqual([]);
    await server.etcd.client.maintenance.defragment(DefragmentRequest.create());
    expect(await server.etcd.shown("a")).toEqual(["a=1 c2 m2 v1"]);
  });

  test("a snapshot is a db file followed by its SHA-256, and announces the remaining bytes", async () => {
    await server.etcd.put("a", "x".repeat(100_000));
    const blobs: Uint8Array[] = [];
    let announced: bigint | undefined;
    for await (const part of server.etcd.client.maintenance.snapshot(SnapshotRequest.create())) {
      announced ??= part.remainingBytes + BigInt(part.blob.length);
      blobs.push(part.blob);
    }
    const file = Buffer.concat(blobs);
    const db = file.subarray(0, file.length - 32);
    expect(announced).toBe(BigInt(db.length));
    expect(db.length % 4096).toBe(0);
    expect(db.readUInt32LE(16).toString(16)).toBe("ed0cdaed"); // bbolt's magic number in the first meta page
    expect(file.subarray(-32)).toEqual(createHash("sha256").update(db).digest());
    expect(db.includes("x".repeat(1000))).toBe(true);
  });
}
