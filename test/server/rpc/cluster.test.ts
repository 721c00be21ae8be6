// The member list of a server that is always the only running member.
import { StatusCode } from "../../../src/errors";
import { WatchCreateRequest, type WatchRequest } from "../../../src/proto/gen/etcdserverpb";
import type { EmbeddedServer } from "../../../src/server/server";
import { startEmbeddedServer } from "../../../src/server/server";
import { Requests } from "../../support/requests";
import { httpRequest } from "../../support/http-request";
import { ManualClock } from "../../support/manual-clock";
import { PushQueue } from "../../support/push-queue";
import { workFolder } from "../../support/work-folder";

const folder = workFolder();
const clock = new ManualClock();
let server: EmbeddedServer;
beforeEach(async () => {
  server = await startEmbeddedServer({ clock });
});
afterEach(() => server.stop());

const peerURLs = ["http://127.0.0.1:12380"];
const cluster = () => server.client().cluster;
const refused = (message: string) => ({ message: expect.stringContaining(message) as string });

describe("the member list", () => {
  test("A learner can be added, updated and removed, but never promoted.", async () => {
    const { member, members } = await cluster().memberAdd({ peerURLs, isLearner: true });
    const ID = member?.ID ?? 0n;
    expect(members).toHaveLength(2);
    expect(member).toMatchObject({ name: "", peerURLs, clientURLs: [], isLearner: true });
    await expect(cluster().memberPromote({ ID })).rejects.toMatchObject(
      refused("can only promote a learner"),
    );
    const moved = ["http://127.0.0.1:12381"];
    const { members: after } = await cluster().memberUpdate({ ID, peerURLs: moved });
    expect(after.find((each) => each.ID === ID)?.peerURLs).toEqual(moved);
    expect((await cluster().memberRemove({ ID })).members).toHaveLength(1);
    await new Requests(server.client()).put("a", "1");
  });

  test("Impossible changes are refused with etcd's texts.", async () => {
    const { members } = await cluster().memberList({ linearizable: true });
    const [own] = members;
    await expect(cluster().memberRemove({ ID: 7n })).rejects.toMatchObject(refused("member not found"));
    await expect(
      cluster().memberAdd({ peerURLs: own?.peerURLs ?? [], isLearner: true }),
    ).rejects.toMatchObject(refused("Peer URLs already exists"));
    await expect(cluster().memberRemove({ ID: own?.ID ?? 0n })).rejects.toMatchObject(
      refused("not enough started members"),
    );
    await cluster().memberAdd({ peerURLs, isLearner: true });
    await expect(
      cluster().memberAdd({ peerURLs: ["http://127.0.0.1:12382"], isLearner: true }),
    ).rejects.toMatchObject(refused("too many learner members"));
  });

  test("The refusal to remove the only member has the code Unknown, as in etcd.", async () => {
    const { members } = await cluster().memberList({ linearizable: true });
    const { status, body } = await httpRequest({
      url: `${server.endpoint}/v3/cluster/member/remove`,
      method: "POST",
      body: JSON.stringify({ ID: String(members[0]?.ID) }),
    });
    expect([status, JSON.parse(body.toString())]).toMatchObject([500, { code: 2 }]);
  });

  test("A change that etcd refuses only after its proposal takes an entry of the raft log; others take none.", async () => {
    const own = (await cluster().memberList({ linearizable: true })).members[0];
    const raftIndex = async () => (await server.client().maintenance.status({})).raftIndex;
    const entriesOf = async (change: () => Promise<unknown>) => {
      const before = await raftIndex();
      await change().catch(() => undefined);
      return (await raftIndex()) - before;
    };
    const ID = own?.ID ?? 0n;
    const taken = own?.peerURLs ?? [];
    expect(await entriesOf(() => cluster().memberPromote({ ID }))).toBe(1n);
    expect(await entriesOf(() => cluster().memberPromote({ ID: 7n }))).toBe(0n);
    expect(await entriesOf(() => cluster().memberAdd({ peerURLs: taken, isLearner: false }))).toBe(1n);
    expect(await entriesOf(() => cluster().memberUpdate({ ID: 7n, peerURLs }))).toBe(1n);
    expect(await entriesOf(() => cluster().memberRemove({ ID: 7n }))).toBe(1n);
    expect(await entriesOf(() => cluster().memberRemove({ ID }))).toBe(0n);
    const { member: learner } = await cluster().memberAdd({ peerURLs, isLearner: true });
    const second = () => cluster().memberAdd({ peerURLs: ["http://127.0.0.1:12382"], isLearner: true });
    expect(await entriesOf(second)).toBe(1n);
    expect(await entriesOf(() => cluster().memberPromote({ ID: learner?.ID ?? 0n }))).toBe(0n);
  });

  test("Without a leader for three election timeouts, the streams that require one end, and no others.", async () => {
    const open = async (requireLeader: boolean) => {
      const create = { requestUnion: { case: "createRequest" as const, value: WatchCreateRequest.create() } };
      const requests = new PushQueue<WatchRequest>();
      requests.push(create);
      const responses = server.client().watch.watch(requests, { requireLeader })[Symbol.asyncIterator]();
      await responses.next();
      return { next: responses.next(), send: () => requests.push(create) };
    };
    const [strict, lenient] = await Promise.all([open(true), open(false)]);
    let hasEnded = false;
    const ended = strict.next.catch((error: unknown) => error).finally(() => (hasEnded = true));
    await cluster().memberAdd({ peerURLs, isLearner: false });
    clock.advance(2999);
    await new Promise((resolve) => setImmediate(resolve));
    expect(hasEnded).toBe(false);
    clock.advance(1);
    expect(await ended).toMatchObject({ code: StatusCode.Unavailable, desc: "etcdserver: no leader" });
    lenient.send();
    expect((await lenient.next).value).toMatchObject({ created: true });
  });

  test("The election timeout of the options counts.", async () => {
    const slow = await startEmbeddedServer({ listenClientUrls: [], clock, electionTimeoutMs: 5000 });
    try {
      const requests = new PushQueue<WatchRequest>();
      requests.push({ requestUnion: { case: "createRequest", value: WatchCreateRequest.create() } });
      const watch = slow.client().watch.watch(requests, { requireLeader: true })[Symbol.asyncIterator]();
      await watch.next();
      let hasEnded = false;
      const ended = watch
        .next()
        .catch((error: unknown) => error)
        .finally(() => (hasEnded = true));
      await slow.client().cluster.memberAdd({ peerURLs, isLearner: false });
      clock.advance(14_999);
      await new Promise((resolve) => setImmediate(resolve));
      expect(hasEnded).toBe(false);
      clock.advance(1);
      expect(await ended).toMatchObject({ desc: "etcdserver: no leader" });
    } finally {
      await slow.stop();
    }
  });

  test("After a second voter is added, requests that need a quorum fail at once and the others succeed.", async () => {
    const requests = new Requests(server.client());
    await requests.put("a", "1");
    await cluster().memberAdd({ peerURLs, isLearner: false });
    await expect(requests.put("a", "2")).rejects.toMatchObject(refused("etcdserver: no leader"));
    await expect(requests.keys("a")).rejects.toMatchObject(refused("etcdserver: no leader"));
    expect(await requests.keys("a", "", { serializable: true })).toBe("a");
    expect((await cluster().memberList({ linearizable: false })).members).toHaveLength(2);
    const { status, body } = await httpRequest({ url: `${server.endpoint}/health` });
    expect([status, body.toString()]).toEqual([503, `{"health":"false","reason":"RAFT NO LEADER"}\n`]);
  });

  test("Without a quorum leases do not expire, and the server continues.", async () => {
    const { ID } = await server.client().lease.leaseGrant({ ID: 0n, TTL: 5n });
    await cluster().memberAdd({ peerURLs, isLearner: false });
    clock.advance(20_000);
    expect((await server.client().lease.leaseLeases({})).leases).toEqual([{ ID }]);
  });

  test("The data dir keeps the learners.", async () => {
    const dataDir = folder();
    const first = await startEmbeddedServer({ listenClientUrls: [], dataDir });
    await first.client().cluster.memberAdd({ peerURLs, isLearner: true });
    const before = await first.client().cluster.memberList({ linearizable: true });
    await first.stop();
    const second = await startEmbeddedServer({ listenClientUrls: [], dataDir });
    expect((await second.client().cluster.memberList({ linearizable: true })).members).toEqual(
      before.members,
    );
    await second.stop();
  });
});
