// The lock and election services: one holder at a time, in the order of their requests.
import type { LeaderKey } from "../../../src/proto/gen/v3electionpb";
import { until } from "../../support/until";
import { bytes, text } from "../../support/requests";
import { freshServer, type Runner } from "../runner";

export function lockBehaviour(runner: Runner): void {
  const server = freshServer(runner);
  const grant = async () => (await server.etcd.client.lease.leaseGrant({ ID: 0n, TTL: 600n })).ID;
  const keys = async (prefix: string) => (await server.etcd.keys(`${prefix}/`, `${prefix}0`)).split(" ");

  test("a lock is the key NAME/LEASE, attached to the lease", async () => {
    const lease = await grant();
    const { client } = server.etcd;
    const { key, header } = await client.lock.lock({ name: bytes("l"), lease });
    expect(text(key)).toBe(`l/${lease.toString(16)}`);
    expect(header?.revision).toBe(2n);
    // The holder gets the same key again.
    expect(text((await client.lock.lock({ name: bytes("l"), lease })).key)).toBe(text(key));
    await client.lock.unlock({ key });
    expect(await server.etcd.keys("l/", "l0")).toBe("");
  });

  test("a lock without a lease gets a lease of 60 seconds", async () => {
    const { client } = server.etcd;
    const { key } = await client.lock.lock({ name: bytes("l"), lease: 0n });
    const ID = BigInt(`0x${text(key).slice(2)}`);
    expect((await client.lease.leaseTimeToLive({ ID, keys: false })).grantedTTL).toBe(60n);
  });

  test("a second client waits until the lock is free", async () => {
    const { client } = server.etcd;
    const [first, second] = [await grant(), await grant()];
    const { key } = await client.lock.lock({ name: bytes("l"), lease: first });
    let taken = false;
    const waiting = client.lock.lock({ name: bytes("l"), lease: second }).then((lock) => {
      taken = true;
      return lock;
    });
    await until("two wait for the lock", async () => (await keys("l")).length === 2);
    expect(taken).toBe(false);
    await client.lock.unlock({ key });
    expect(text((await waiting).key)).toBe(`l/${second.toString(16)}`);
  });

  test("a waiter that cancels leaves no key", async () => {
    const { client } = server.etcd;
    await client.lock.lock({ name: bytes("l"), lease: await grant() });
    const leaving = new AbortController();
    const waiting = client.lock.lock({ name: bytes("l"), lease: await grant() }, { signal: leaving.signal });
    const refused = expect(waiting).rejects.toThrow("context canceled");
    await until("two wait for the lock", async () => (await keys("l")).length === 2);
    leaving.abort();
    await refused;
    await until("its key is gone", async () => (await keys("l")).length === 1);
  });

  test("an unknown lease is refused", async () => {
    await expect(server.etcd.client.lock.lock({ name: bytes("l"), lease: 77n })).rejects.toThrow(
      "etcdserver: requested lease not found",
    );
  });

  test("the oldest candidate leads until it resigns, and can proclaim new values", async () => {
    const { election } = server.etcd.client;
    const name = bytes("e");
    await expect(election.leader({ name })).rejects.toThrow("election: no leader");
    const { leader } = await election.campaign({ name, lease: await grant(), value: bytes("one") });
    const mine = leader as LeaderKey;
    expect(text((await election.leader({ name })).kv?.value ?? bytes(""))).toBe("one");
    const next = election.campaign({ name, lease: await grant(), value: bytes("two") });
    await election.proclaim({ leader: mine, value: bytes("uno") });
    expect(text((await election.leader({ name })).kv?.value ?? bytes(""))).toBe("uno");
    await election.resign({ leader: mine });
    await next;
    expect(text((await election.leader({ name })).kv?.value ?? bytes(""))).toBe("two");
    await expect(election.proclaim({ leader: mine, value: bytes("?") })).rejects.toThrow(
      "election: not leader",
    );
    await expect(election.resign({ leader: undefined })).rejects.toThrow('"leader" field must be provided');
  });

  test("an observer sees the leader and each of its proclamations", async () => {
    const { election } = server.etcd.client;
    const name = bytes("e");
    const leaving = new AbortController();
    const seen: string[] = [];
    const observing = (async () => {
      for await (const { kv } of election.observe({ name }, { signal: leaving.signal })) {
        seen.push(text(kv?.value ?? bytes("")));
      }
    })().catch(() => undefined);
    const { leader } = await election.campaign({ name, lease: await grant(), value: bytes("one") });
    await until("the leader is seen", () => seen.length === 1);
    await election.proclaim({ leader, value: bytes("uno") });
    await until("the proposal is seen", () => seen.length === 2);
    leaving.abort();
    await observing;
    expect(seen).toEqual(["one", "uno"]);
  });
}
