// Members and downgrades of a server that is always alone: what can be said of others, and what is refused.
import {
  DowngradeRequest_DowngradeAction as Action,
  DowngradeRequest,
} from "../../src/proto/gen/etcdserverpb";
import type { EmbeddedServer } from "../../src/server/server";
import { startEmbeddedServer } from "../../src/server/server";
import { Requests } from "../support/requests";
import { httpRequest } from "../support/http-request";
import { ManualClock } from "../support/manual-clock";
import { workFolder } from "../support/work-folder";

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

describe("members of the embedded server", () => {
  it("a learner comes, moves and goes, and is never ready to vote", async () => {
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

  it("what cannot be is refused in etcd's words", async () => {
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

  it("a second voter takes the quorum: what needs it fails at once, the rest goes on", async () => {
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

  it("learners are kept in the data dir", async () => {
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

describe("a downgrade of the embedded server", () => {
  const downgrade = (action: Action, version = "") =>
    server.client().maintenance.downgrade(DowngradeRequest.create({ action, version }));
  const versionNow = async () => (await server.client().maintenance.status({})).storageVersion;

  it("takes effect when the leader looks next, and can be given up", async () => {
    expect((await downgrade(Action.VALIDATE, "3.6.0")).version).toBe("3.7");
    await downgrade(Action.ENABLE, "3.6");
    expect(await versionNow()).toBe("3.7.0");
    clock.advance(4000);
    expect(await versionNow()).toBe("3.6.0");
    await downgrade(Action.CANCEL);
    clock.advance(4000);
    expect(await versionNow()).toBe("3.7.0");
  });

  it("is refused for other versions, a second time, and for what is none", async () => {
    const refusal = (version: string) => expect(downgrade(Action.VALIDATE, version)).rejects;
    await refusal("3.5").toMatchObject(refused("invalid downgrade target version"));
    await refusal("3.8").toMatchObject(refused("invalid downgrade target version"));
    await refusal("three").toMatchObject(refused("wrong downgrade target version format"));
    await downgrade(Action.ENABLE, "3.6");
    await refusal("3.6").toMatchObject(refused("cluster has a downgrade job in progress"));
  });
});
