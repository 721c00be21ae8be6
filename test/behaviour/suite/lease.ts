// Leases: grant, keep-alive, revoke, expiry, and what happens to the attached keys.
import {
  LeaseLeasesRequest,
  LeaseRevokeRequest,
  type LeaseKeepAliveRequest,
} from "../../../src/proto/gen/etcdserverpb";
import { PushQueue } from "../../support/push-queue";
import { text } from "../../support/requests";
import { until } from "../../support/until";
import { freshServer, type Runner } from "../runner";

export function leaseBehaviour(runner: Runner): void {
  const server = freshServer(runner);
  const revoke = (ID: bigint) => server.etcd.client.lease.leaseRevoke(LeaseRevokeRequest.create({ ID }));

  test("a lease has the requested ID, or a new one", async () => {
    expect(await server.etcd.grant(600n, 0x1234n)).toMatchObject({ ID: 0x1234n, TTL: 600n, error: "" });
    const { ID } = await server.etcd.grant(600n);
    expect(ID).toBeGreaterThan(0n);
    expect(ID).not.toBe(0x1234n);
  });

  test("granting and revoking a lease without keys make no revision", async () => {
    const { ID, header } = await server.etcd.grant(600n);
    expect(header?.revision).toBe(1n);
    expect((await revoke(ID)).header?.revision).toBe(1n);
  });

  test("time-to-live returns the granted and the remaining TTL, and the keys when asked", async () => {
    const { ID } = await server.etcd.grant(600n);
    await server.etcd.put("b", "1", { lease: ID });
    await server.etcd.put("a", "1", { lease: ID });
    const { TTL, grantedTTL, keys } = await server.etcd.timeToLive(ID);
    expect(grantedTTL).toBe(600n);
    expect(TTL > 500n && TTL <= 600n).toBe(true);
    expect(keys.map(text).sort()).toEqual(["a", "b"]);
    expect((await server.etcd.timeToLive(ID, false)).keys).toEqual([]);
  });

  test("an unknown lease has a TTL of -1", async () => {
    expect(await server.etcd.timeToLive(99n)).toMatchObject({ ID: 99n, TTL: -1n, grantedTTL: 0n });
  });

  test("revoking a lease deletes all its keys in one revision", async () => {
    const { ID } = await server.etcd.grant(600n);
    await server.etcd.put("b", "1", { lease: ID });
    await server.etcd.put("a", "1", { lease: ID });
    await server.etcd.put("c", "1");
    const watch = server.etcd.watch();
    await watch.create("\0", "\0");
    await revoke(ID);
    expect(await watch.shown(2)).toEqual(["DELETE a m5", "DELETE b m5"]);
    expect(await server.etcd.keys("\0", "\0")).toBe("c");
    await watch.end();
  });

  test("a key that was deleted or moved to another lease is detached", async () => {
    const { ID: first } = await server.etcd.grant(600n);
    const { ID: second } = await server.etcd.grant(600n);
    await server.etcd.put("moved", "1", { lease: first });
    await server.etcd.put("moved", "2", { lease: second });
    await server.etcd.put("deleted", "1", { lease: first });
    await server.etcd.del("deleted");
    await server.etcd.put("deleted", "2");
    await revoke(first);
    expect(await server.etcd.keys("\0", "\0")).toBe("deleted moved");
  });

  test("all leases are listed", async () => {
    await server.etcd.grant(600n, 5n);
    await server.etcd.grant(600n, 3n);
    const { leases } = await server.etcd.client.lease.leaseLeases(LeaseLeasesRequest.create());
    expect(leases.map(({ ID }) => ID).sort()).toEqual([3n, 5n]);
  });

  test("keep-alive answers each request with the full TTL, and with 0 for an unknown lease", async () => {
    await server.etcd.grant(600n, 5n);
    const requests = new PushQueue<LeaseKeepAliveRequest>();
    const answers = server.etcd.client.lease.leaseKeepAlive(requests)[Symbol.asyncIterator]();
    for (const [ID, TTL] of [
      [5n, 600n],
      [5n, 600n],
      [9n, 0n],
    ] as const) {
      requests.push({ ID });
      expect((await answers.next()).value).toMatchObject({ ID, TTL });
    }
    requests.end();
    expect((await answers.next()).done).toBe(true);
  });

  test("a lease without keep-alives expires, which deletes its keys", async () => {
    // On a busy machine the lease may expire before the put.
    const ID = await until("a key is attached to a lease that has not expired", async () => {
      const lease = await server.etcd.grant(1n);
      expect(lease.TTL === 1n || lease.TTL === 2n).toBe(true);
      await server.etcd.put("a", "1", { lease: lease.ID });
      return lease.ID;
    });
    const watch = server.etcd.watch();
    await watch.create("a", "", { startRevision: 3n });
    expect(await watch.shown(1)).toEqual(["DELETE a m3"]);
    expect(await server.etcd.timeToLive(ID)).toMatchObject({ TTL: -1n });
    await watch.end();
  });
}
