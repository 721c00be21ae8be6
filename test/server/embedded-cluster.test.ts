// The pretended cluster as clients and our own programs see it: a member list, a leader, and members that fail.
import {
  connect,
  EtcdError,
  startEmbeddedCluster,
  StatusCode,
  type ClusterMember,
  type EmbeddedCluster,
  type EtcdClient,
} from "../../src/index";
import { etcdctl } from "../support/etcdctl";
import { until } from "../support/until";

let cluster: EmbeddedCluster;
beforeEach(async () => (cluster = await startEmbeddedCluster()));
afterEach(() => cluster.stop());

const untyped = (value: unknown) => value as never;

function members(): [ClusterMember, ClusterMember, ClusterMember] {
  const [a, b, c] = cluster.members;
  if (!a || !b || !c) throw new Error("three members");
  return [a, b, c];
}

async function ctl(...words: string[]): Promise<string> {
  const { exit, stdout, stderr } = await etcdctl([`--endpoints=${cluster.endpoints.join(",")}`, ...words]);
  expect({ exit, stderr }).toEqual({ exit: 0, stderr: "" });
  return stdout;
}

test("the members have one store, one member list and one leader", async () => {
  const [a, b, c] = members();
  await a.client().put("k", "1");
  expect((await b.client().get("k"))?.string()).toBe("1");
  const { members: listed } = await c.client().cluster.memberList();
  const urls = Object.fromEntries(listed.map(({ name, clientURLs }) => [name, clientURLs]));
  expect(urls).toEqual({ m1: [a.endpoint], m2: [b.endpoint], m3: [c.endpoint] });
  for (const member of [a, b, c]) {
    const { header, leader } = await member.client().maintenance.status();
    expect([header?.memberId, header?.raftTerm, leader]).toEqual([member.id, 2n, a.id]);
  }
  expect(cluster.dump()).toEqual({ k: "1" });
  expect(cluster.leader).toBe(a);
});

test("our commands show the cluster and move its leader", async () => {
  const [a, b] = members();
  const table = await ctl("endpoint", "status", "--cluster", "-w", "table");
  expect(table.match(/│ +true │ +false │/g)).toHaveLength(1);
  expect((await ctl("endpoint", "health", "--cluster")).match(/is healthy/g)).toHaveLength(3);
  const target = b.id.toString(16);
  expect(await ctl("move-leader", target)).toBe(
    `Leadership transferred from ${a.id.toString(16)} to ${target}\n`,
  );
  expect([cluster.leader?.name, cluster.term]).toEqual(["m2", 3n]);
  expect(await ctl("member", "list")).toContain(
    `${target}, started, m2, http://127.0.0.1:2381, ${b.endpoint}, false`,
  );
}, 120_000);

test("MoveLeader is refused as in etcd", async () => {
  const [a, b, c] = members();
  const move = (member: ClusterMember, targetID: bigint) =>
    member.client().maintenance.moveLeader({ targetID });
  await expect(move(b, c.id)).rejects.toMatchObject({ desc: "etcdserver: not leader" });
  await expect(move(a, 5n)).rejects.toMatchObject({ desc: "etcdserver: bad leader transferee" });
  await c.stop();
  const late = expect(move(a, c.id)).rejects.toMatchObject({
    desc: "etcdserver: request timed out, leader transfer took too long",
  });
  await until("the request", () => a.requests.of("maintenance.moveLeader").length === 2);
  cluster.clock.advance(7000);
  await late;
  expect(() => cluster.moveLeader(c)).toThrow("m3 cannot lead");
  cluster.moveLeader(b);
  expect(b.isLeader).toBe(true);
});

test("when the leader stops, another one leads, and clients go on", async () => {
  const client = await connect({ endpoints: cluster.endpoints });
  await client.put("k", "1");
  const [a] = members();
  using watcher = client.watch({ prefix: "" });
  await watcher.ready;
  for (let round = 0; round < 3; round++) {
    const { leader } = cluster;
    await leader?.stop();
    expect(leader?.isRunning).toBe(false);
    expect(cluster.leader).not.toBe(leader);
    await until("a put", async () => client.put("k", String(round)));
    await leader?.restart();
  }
  const seen: (string | undefined)[] = [];
  for await (const { value } of watcher) {
    seen.push(value?.string());
    if (value?.string() === "2") break;
  }
  expect(new Set(seen)).toEqual(new Set(["0", "1", "2"]));
  expect(a.endpoint).toBe(cluster.endpoints[0]);
  await client.close();
});

test("a member without a leader shows a new watch the history that it has", async () => {
  const [a, b, c] = members();
  await a.client().put("k", "1");
  await Promise.all([b.stop(), c.stop()]);
  const requests = (async function* () {
    const value = { key: Buffer.from("k"), startRevision: 1n };
    yield await Promise.resolve({ requestUnion: { case: "createRequest" as const, value } });
  })();
  for await (const { events } of a.client().watch.watch(requests)) {
    if (events.length === 0) continue;
    expect(events[0]?.kv?.value.toString()).toBe("1");
    break;
  }
});

test("a member without a majority answers like etcd without a leader", async () => {
  const [a, b, c] = members();
  await a.client().put("k", "1");
  const client = await connect({ endpoints: [c.endpoint] });
  c.partition();
  expect(cluster.leader).toBe(a);
  await a.client().put("k", "2");

  // The rest of the cluster has moved on; this member has the state of before.
  const stale = await client.get("k", { serializable: true });
  expect(stale?.string()).toBe("1");
  const { leader, errors } = await client.maintenance.status();
  expect([leader, errors]).toEqual([0n, ["etcdserver: no leader"]]);
  const noLeader = { code: StatusCode.Unavailable, desc: "etcdserver: no leader" };
  await expect(c.client().kv.put({ key: "k" }, { requireLeader: true })).rejects.toMatchObject(noLeader);
  const late = expect(c.client().put("k", "3", { timeoutMs: Infinity })).rejects.toMatchObject({
    code: StatusCode.DeadlineExceeded,
    desc: "context deadline exceeded",
  });
  await until("the put", () => c.requests.of("kv.put").length === 2);
  cluster.clock.advance(7000);
  await late;
  const health = await fetch(`${c.endpoint}/health`);
  expect([health.status, await health.json()]).toMatchObject([503, { health: "false" }]);

  // A call that waits is served when the partition ends in time.
  const waiting = c.client().put("k", "4");
  await until("the put", () => c.requests.of("kv.put").length === 3);
  c.heal();
  await waiting;
  expect((await client.get("k", { serializable: true }))?.string()).toBe("4");
  expect(b.requests.length).toBe(0);
  await client.close();
});

// Compared with a real cluster whose other members were stopped: request, and what etcd 3.7.1 answers.
test("without a leader each kind of call is refused as in etcd", async () => {
  const [a, b, c] = members();
  await Promise.all([b.stop(), c.stop()]);
  const { kv, lease, cluster: list, maintenance, auth } = a.client();
  const options = { timeoutMs: Infinity };
  const peerURLs = ["http://127.0.0.1:9999"];
  const now: [Promise<unknown>, string][] = [
    [kv.put({}), "etcdserver: key is not provided"],
    [kv.put({ key: "k", value: Buffer.alloc(2_000_000) }), "etcdserver: request is too large"],
    [list.memberAdd({ peerURLs: ["x"] }), "etcdserver: given member URLs are invalid"],
    [list.memberAdd({ peerURLs }), "etcdserver: unhealthy cluster"],
    [list.memberAdd({ peerURLs, isLearner: true }), "etcdserver: unhealthy cluster"],
    [list.memberRemove({ ID: a.id }), "etcdserver: unhealthy cluster"],
    [maintenance.moveLeader({ targetID: b.id }), "etcdserver: not leader"],
    [maintenance.downgrade({ version: "x" }), "etcdserver: wrong downgrade target version format"],
  ];
  await Promise.all(now.map(([call, desc]) => expect(call).rejects.toMatchObject({ desc })));

  const deadline = { code: StatusCode.DeadlineExceeded, desc: "context deadline exceeded" };
  const timeout = { code: StatusCode.Unavailable, desc: "etcdserver: request timed out" };
  const noLeader = { code: StatusCode.Unavailable, desc: "etcdserver: no leader" };
  const put = { request: { case: "requestPut", value: { key: "k" } } } as const;
  const late: [Promise<unknown>, object][] = [
    [kv.txn({ success: [put] }, options), deadline],
    [lease.leaseGrant({ TTL: 5n }, options), deadline],
    [maintenance.alarm({}, options), deadline],
    [auth.userAdd({ name: "n", password: "p" }, options), deadline],
    [auth.authenticate({ name: "n", password: "p" }, options), timeout],
    [maintenance.downgrade({ version: "3.6.0" }, options), timeout],
    [list.memberPromote({ ID: 5n }, options), noLeader],
  ];
  const all = Promise.all(late.map(([call, error]) => expect(call).rejects.toMatchObject(error)));
  const stays = a.client().cluster.memberRemove({ ID: c.id }, options);
  await until("all calls wait", () => {
    cluster.clock.advance(1000);
    return a.requests.of("cluster.memberRemove").length === 2;
  });
  let isOver = false;
  const over = all.finally(() => (isOver = true));
  await until("the calls end", () => {
    cluster.clock.advance(7000);
    return isOver;
  });
  await over;
  // Changes of the member list wait for a leader as long as their client does.
  await b.restart();
  await stays;
});

test("members are not added or removed while the majority would be lost", async () => {
  const [a, b, c] = members();
  const { cluster: list } = a.client();
  const peerURLs = ["http://127.0.0.1:9999"];
  const unhealthy = { code: StatusCode.Unavailable, desc: "etcdserver: unhealthy cluster" };
  await b.stop();
  await expect(list.memberAdd({ peerURLs })).rejects.toMatchObject(unhealthy);
  await expect(list.memberAdd({ peerURLs, isLearner: true })).rejects.toMatchObject(unhealthy);
  await expect(list.memberRemove({ ID: c.id })).rejects.toMatchObject(unhealthy);
  await list.memberRemove({ ID: b.id });
  expect((await list.memberAdd({ peerURLs })).members).toHaveLength(3);
  // The new member has not started: two of three are left, and no more can be lost.
  await expect(list.memberRemove({ ID: c.id })).rejects.toMatchObject({
    desc: "etcdserver: re-configuration failed due to not enough started members",
  });
});

test("a partition ends streams that require a leader; others receive nothing until it is over", async () => {
  const [a, b, c] = members();
  async function* create() {
    yield { requestUnion: { case: "createRequest", value: { key: "k" } } } as const;
    await new Promise(() => undefined);
  }
  const open = (client: EtcdClient, requireLeader: boolean) =>
    client.watch.watch(create(), { requireLeader })[Symbol.asyncIterator]();
  const strict = open(c.client(), true);
  const lenient = open(c.client(), false);
  await Promise.all([strict.next(), lenient.next()]);
  cluster.partition([c], [a, b]);
  await expect(strict.next()).rejects.toMatchObject({ desc: "etcdserver: no leader" });
  const metrics = await (await fetch(`${c.endpoint}/metrics`)).text();
  expect(metrics).toContain(
    'grpc_server_handled_total{grpc_code="Unavailable",grpc_method="Watch",grpc_service="etcdserverpb.Watch",grpc_type="bidi_stream"} 1\n',
  );
  await a.client().put("k", "1");
  let hasEvent = false;
  const event = lenient.next().then((result) => ((hasEvent = true), result));
  await b.client().get("k");
  expect(hasEvent).toBe(false);
  cluster.heal();
  expect((await event).value).toMatchObject({ events: [{ kv: { modRevision: 2n } }] });
});

test("without a majority no member leads, and leases do not end", async () => {
  const [a, b, c] = members();
  const { ID } = await a.client().lease.leaseGrant({ TTL: 10 });
  await a.client().kv.put({ key: "k", lease: ID });
  await b.stop();
  await c.stop();
  expect([cluster.leader, a.isLeader]).toEqual([undefined, false]);
  cluster.clock.advance(60_000);
  expect(cluster.dump()).toEqual({ k: "" });
  await b.restart();
  expect(cluster.leader).toBeDefined();
  cluster.clock.advance(10_000);
  expect(cluster.dump()).toEqual({});
});

test("a paused member answers nothing until it is resumed, and another one leads", async () => {
  const [a, b] = members();
  a.pause();
  expect(cluster.leader).toBe(b);
  let isAnswered = false;
  const answer = a
    .client()
    .get("k", { serializable: true })
    .then(() => (isAnswered = true));
  await until("the request", () => a.requests.of("kv.range").length === 1);
  await b.client().put("k", "1");
  expect(isAnswered).toBe(false);
  a.resume();
  await answer;
  a.pause();
  await expect(a.client().get("k", { timeoutMs: 20 })).rejects.toBeInstanceOf(EtcdError);
});

test("a lock passes to the next client when its holder's member stops and its lease ends", async () => {
  const [a] = members();
  const first = await a.client().lock("l", { ttlSeconds: 5 });
  const client = await connect({ endpoints: cluster.endpoints });
  const second = client.lock("l");
  await until("the second waits", async () => (await client.getAll({ prefix: "l/" })).size === 2);
  await a.stop();
  cluster.clock.advance(5000);
  const held = await second;
  expect(held.key).not.toBe(first.key);
  await held.unlock();
  await client.close();
});

test("members can be added and removed", async () => {
  const [a, , c] = members();
  const { member } = await a.client().cluster.memberAdd({ peerURLs: ["http://127.0.0.1:9999"] });
  await a.client().put("k", "still three of four");
  await a.client().cluster.memberRemove({ ID: member?.ID ?? 0n });
  await a.client().cluster.memberRemove({ ID: c.id });
  await until("the removed member stops", () => !c.isRunning);
  expect((await a.client().cluster.memberList()).members).toHaveLength(2);
  await a.client().put("k", "two of two");
});

test("users, certificates and faults work as for one server", async () => {
  await using secured = await startEmbeddedCluster({
    tls: true,
    keys: { a: "1" },
    auth: { users: { root: "r" } },
  });
  const options = { tls: secured.certificates.clientTls, credentials: { user: "root", password: "r" } };
  const client = await connect({ endpoints: secured.endpoints, ...options });
  expect((await client.get("a"))?.string()).toBe("1");
  for (const { faults } of secured.members) faults.fail({ methods: "kv.put", error: "noSpace" });
  await expect(client.put("a", "2")).rejects.toMatchObject({ code: StatusCode.ResourceExhausted });
  await client.close();
});

test("a member does not start after the end of its cluster, and groups of a partition are checked", async () => {
  const stopped = await startEmbeddedCluster();
  const [first] = stopped.members;
  expect(() => stopped.moveLeader(untyped({}))).toThrow(TypeError);
  expect(() => stopped.partition(untyped("m1"))).toThrow("each group of partition must be an array");
  expect(() => stopped.partition(untyped([first]), untyped([first]))).toThrow(
    "m1 is in two groups of partition",
  );
  await stopped.stop();
  await expect(first?.restart()).rejects.toThrow("m1 cannot start: its cluster has stopped");
});

test.each([
  [{ members: 3 }, /^unknown option members of startEmbeddedCluster; /],
  [{ size: 0 }, "option size of startEmbeddedCluster must be an integer from 1 to 9: 0"],
])("wrong options are refused: %j", async (options, reason) => {
  await expect(startEmbeddedCluster(untyped(options))).rejects.toThrow(reason);
});
