// The member list of a server that is always the only running member.
import type { EmbeddedServer } from "../../../src/server/server";
import { startEmbeddedServer } from "../../../src/server/server";
import { Requests } from "../../support/requests";
import { httpRequest } from "../../support/http-request";
import { ManualClock } from "../../support/manual-clock";
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
