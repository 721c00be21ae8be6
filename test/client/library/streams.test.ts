// Watches, leases, locks and elections of the client for programs: what they do when the server misbehaves.
import {
  connect,
  EtcdError,
  startEmbeddedServer,
  StatusCode,
  WatchCanceled,
  type EmbeddedServer,
  type EtcdClient,
  type Watcher,
  type WatchEvent,
} from "../../../src/index";
import { deadEndpoint } from "../../support/ports";
import { until, withLongerDeadline } from "../../support/until";

const untyped = (value: unknown) => value as never;

let server: EmbeddedServer;
let client: EtcdClient;
beforeAll(async () => (server = await startEmbeddedServer()));
beforeEach(async () => {
  await server.reset();
  client = await connect({ endpoints: [server.endpoint] });
});
afterEach(() => client.close());
afterAll(() => server.stop());

async function take(watcher: Watcher, count: number): Promise<WatchEvent[]> {
  const events: WatchEvent[] = [];
  const iterator = watcher[Symbol.asyncIterator]();
  while (events.length < count) events.push((await iterator.next()).value as WatchEvent);
  return events;
}
const short = ({ type, key, value }: WatchEvent) => `${type} ${key} ${value?.string()}`;

test("a watch begins at once: what changes after `ready` is not missed", async () => {
  using watcher = client.watch({ prefix: "/a/", previous: true });
  await watcher.ready;
  await client.put("/a/1", "x");
  await client.put("/b", "y");
  await client.put("/a/1", "z");
  await client.delete("/a/1");
  const events = await take(watcher, 3);
  expect(events.map(short)).toEqual(["put /a/1 x", "put /a/1 z", "delete /a/1 undefined"]);
  expect(events.map(({ revision, previous }) => [revision, previous?.string()])).toEqual([
    [2n, undefined],
    [4n, "x"],
    [5n, "z"],
  ]);
});

test("a watch may begin in the past, at one key, and leave out events", async () => {
  for (const value of ["1", "2"]) await client.put("a", value);
  await client.delete("a");
  using past = client.watch({ key: "a", fromRevision: 3 });
  expect((await take(past, 2)).map(short)).toEqual(["put a 2", "delete a undefined"]);
  using deletes = client.watch({ key: "a", fromRevision: 1n, only: "delete" });
  expect((await take(deletes, 1)).map(short)).toEqual(["delete a undefined"]);
});

test("a watch survives lost connections and cut streams, without losing or repeating an event", async () => {
  const reconnects: bigint[] = [];
  using watcher = client.watch({ prefix: "", onReconnect: (_error, revision) => reconnects.push(revision) });
  await watcher.ready;
  const writer = server.client();
  for (let i = 0; i < 6; i++) {
    await writer.put(`k${i}`, "");
    if (i % 2 === 0) server.faults.dropConnections();
    else server.faults.cutWatches();
  }
  await writer.put("k6", "");
  expect((await take(watcher, 7)).map(({ key }) => key)).toEqual(["k0", "k1", "k2", "k3", "k4", "k5", "k6"]);
  expect(reconnects.length).toBeGreaterThan(0);
});

test("a compaction ends a watch, and the error says from where to read again", async () => {
  await client.put("a", "1");
  await client.put("a", "2");
  await server.faults.compact();
  const read = async () => {
    for await (const event of client.watch({ prefix: "", fromRevision: 2 })) expect(event).toBeUndefined();
  };
  const error = await read().catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(WatchCanceled);
  expect(error).toMatchObject({ code: StatusCode.OutOfRange, compactRevision: 3n });
  const { revision } = await client.getAll();
  using again = client.watch({ prefix: "", fromRevision: revision + 1n });
  await client.put("b", "3");
  expect((await take(again, 1)).map(short)).toEqual(["put b 3"]);
});

test("a watch ends by close, by leaving its loop and by its signal", async () => {
  const watcher = client.watch({ prefix: "" });
  await watcher.ready;
  const ended = (async () => {
    for await (const event of watcher) expect(event).toBeUndefined();
  })();
  watcher.close();
  await ended;
  await client.put("a", "1");
  for await (const event of client.watch({ fromRevision: 2 })) {
    expect(short(event)).toBe("put a 1");
    break;
  }
  const abort = new AbortController();
  const aborted = client.watch({ prefix: "", signal: abort.signal });
  await aborted.ready;
  abort.abort();
  await expect(aborted[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: StatusCode.Canceled });
});

test("a watch that finds no server fails after the time limit; one that has begun waits", async () => {
  const lonely = await connect({ endpoints: [await deadEndpoint()], timeoutMs: 200 });
  const watcher = lonely.watch({ prefix: "" });
  await expect(watcher.ready).rejects.toMatchObject({ code: StatusCode.DeadlineExceeded });
  await expect(watcher[Symbol.asyncIterator]().next()).rejects.toBeInstanceOf(EtcdError);
  await lonely.close();
});

test.each([
  [{ prefix: "a", key: "b" }, "option key of watch excludes prefix, from and to"],
  [{ formRevision: 1 }, "unknown option formRevision of watch; did you mean fromRevision?"],
  [{ only: "puts" }, 'option only of watch must be "put" or "delete", not "puts"'],
])("watch refuses %j", (options, reason) => {
  expect(() => client.watch(untyped(options))).toThrow(reason);
});

test("a lease is kept alive, gives its id to keys, and deletes them when it is revoked", async () => {
  const lease = await client.lease(1);
  expect(lease.ttlSeconds).toBe(2);
  await client.put("a", "1", { lease });
  expect((await client.get("a"))?.lease).toBe(lease.id);
  await until("renewals", () => server.requests.of("lease.leaseKeepAlive").length >= 2);
  expect(await lease.secondsLeft()).toBeGreaterThan(0);
  expect(lease.lost.aborted).toBe(false);
  await lease.revoke();
  await lease.revoke();
  expect(await lease.secondsLeft()).toBe(0);
  expect(await client.get("a")).toBeUndefined();
});

test("a lease that the server ends is lost, and revoking it is no error", async () => {
  await using lease = await client.lease(10);
  await client.put("a", "1", { lease });
  server.clock.advance(10_000);
  expect(await client.get("a")).toBeUndefined();
  await until("the loss", () => lease.lost.aborted);
  expect(String(lease.lost.reason)).toMatch(/the server has ended it/);
});

const leases = async () => (await server.client().lease.leaseLeases()).leases.map(({ ID }) => ID);

test("a lock belongs to one client at a time, and its end wakes the next", async () => {
  const first = await client.lock("l");
  expect(first.key).toMatch(/^l\/[0-9a-f]+$/);
  // The server may grant a lease at the moment when the client gives up: that one stays until its TTL ends.
  await withLongerDeadline(100, async (timeoutMs) => {
    const before = await leases();
    await expect(client.lock("l", { timeoutMs })).rejects.toMatchObject({
      code: StatusCode.DeadlineExceeded,
    });
    expect(await leases()).toEqual(before);
  });
  const second = client.lock("l", { ttlSeconds: 5 });
  await until("the second waits", async () => (await client.getAll({ prefix: "l/" })).size === 2);
  await first.unlock();
  await first.unlock();
  const held = await second;
  expect((await client.getAll({ prefix: "l/" })).has(held.key)).toBe(true);
  await held.unlock();
  expect((await client.getAll({ prefix: "" })).size).toBe(0);
  const ended = [first.lease.id, held.lease.id];
  expect((await leases()).filter((id) => ended.includes(id))).toEqual([]);
});

test("a lock whose lease ends is lost, and another client gets it", async () => {
  await using first = await client.lock("l", { ttlSeconds: 10 });
  const second = server.client().lock("l");
  await until("the second waits", async () => (await client.getAll({ prefix: "l/" })).size === 2);
  await server.client().lease.leaseRevoke({ ID: first.lease.id });
  await using held = await second;
  await until("the loss", () => first.lost.aborted);
  expect(held.lost.aborted).toBe(false);
});

test("a client that leaves the queue of a lock leaves no key there", async () => {
  await using first = await client.lock("l");
  const abort = new AbortController();
  const second = client.lock("l", { signal: abort.signal });
  await until("the second waits", async () => (await client.getAll({ prefix: "l/" })).size === 2);
  abort.abort();
  await expect(second).rejects.toMatchObject({ code: StatusCode.Canceled });
  expect([...(await client.getAll({ prefix: "l/" })).keys()]).toEqual([first.key]);
});

test("one of the candidates leads; the others see what it proclaims", async () => {
  const election = client.election("e");
  expect(await election.leader()).toBeUndefined();
  const seen: string[] = [];
  const watching = new AbortController();
  const observed = (async () => {
    for await (const value of election.observe({ signal: watching.signal })) seen.push(value.string());
  })();
  const first = await election.campaign("one");
  const second = server.client().election("e").campaign("two");
  await until("the second waits", async () => (await client.getAll({ prefix: "e/" })).size === 2);
  expect((await election.leader())?.string()).toBe("one");
  await until("one is seen", () => seen.includes("one"));
  await first.proclaim("uno");
  await until("uno is seen", () => seen.includes("uno"));
  await first.resign();
  await using leadership = await second;
  expect((await election.leader())?.key).toBe(leadership.key);
  await until("two is seen", () => seen.at(-1) === "two");
  await expect(first.proclaim("late")).rejects.toMatchObject({ code: StatusCode.Aborted });
  watching.abort();
  await expect(observed).rejects.toMatchObject({ code: StatusCode.Canceled });
});

test("the methods of gRPC stay under the functions of the same name", async () => {
  const { ID } = await client.lease.leaseGrant({ TTL: 10 });
  const { key } = await client.lock.lock({ name: "l", lease: ID });
  await client.lock.unlock({ key });
  expect(Object.keys(client.watch)).toEqual(["watch"]);
  await expect(client.election.leader({ name: "e" })).rejects.toMatchObject({ code: StatusCode.Unknown });
});
