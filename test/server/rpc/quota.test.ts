// Refusals by the server's limits, with etcd's texts.
import { AlarmRequest, AlarmRequest_AlarmAction, AlarmType } from "../../../src/proto/gen/etcdserverpb";
import type { Limits } from "../../../src/server/member/limits";
import type { EmbeddedServer } from "../../../src/server/server";
import { startEmbeddedServer } from "../../../src/server/server";
import { Requests, putRequest } from "../../support/requests";

let server: EmbeddedServer;
afterEach(() => server.stop());

async function limited(limits: Partial<Limits>): Promise<Requests> {
  server = await startEmbeddedServer({ listenClientUrls: [], limits });
  return new Requests(server.client());
}

const noSpace = "etcdserver: mvcc: database space exceeded";

describe("the size limit of requests", () => {
  test("The size limit counts the request's entry in the raft log.", async () => {
    const requests = await limited({});
    // Recorded from an etcd with the same member id.
    await requests.put("b", "x".repeat(1572840));
    await expect(requests.put("b", "x".repeat(1572841))).rejects.toThrow("etcdserver: request is too large");
    expect(await requests.keys("a", "\0")).toBe("b");
  });

  test("With auth, the entry has the user's name and the revision of the users too.", async () => {
    const { auth } = (await limited({})).client;
    await auth.userAdd({ name: "root", password: "r", options: undefined, hashedPassword: "" });
    await auth.roleAdd({ name: "root" });
    await auth.userGrantRole({ user: "root", role: "root" });
    await auth.authEnable({});
    const root = new Requests(await server.login("root", "r"));
    // Eight bytes less: "root" and a revision, each with what comes before it.
    await root.put("b", "x".repeat(1572832));
    await expect(root.put("b", "x".repeat(1572833))).rejects.toThrow("etcdserver: request is too large");
  });
});

describe("the quota", () => {
  const alarm = (client: Requests["client"], action: number) =>
    client.maintenance.alarm(
      AlarmRequest.create({ action, alarm: AlarmType.NOSPACE, memberID: 10276657743932975437n }),
    );

  test("A full quota raises NOSPACE, which refuses only changes that need space.", async () => {
    const requests = await limited({ quotaBytes: 100_000n });
    const { client } = requests;
    await expect(requests.put("a", "x".repeat(200_000))).rejects.toThrow(noSpace);
    expect((await alarm(client, AlarmRequest_AlarmAction.GET)).alarms).toEqual([
      { memberID: 10276657743932975437n, alarm: AlarmType.NOSPACE },
    ]);
    await expect(requests.put("a", "1")).rejects.toThrow(noSpace);
    await expect(client.lease.leaseGrant({ ID: 0n, TTL: 60n })).rejects.toThrow(noSpace);
    expect((await requests.del("a")).deleted).toBe(0n);
    const { errors, dbSizeQuota } = await client.maintenance.status({});
    expect(errors).toEqual(["memberID:10276657743932975437 alarm:NOSPACE"]);
    expect(dbSizeQuota).toBe(100_000n);

    await alarm(client, AlarmRequest_AlarmAction.DEACTIVATE);
    await requests.put("a", "1");
  });

  test("A negative quota means no limit.", async () => {
    const requests = await limited({ quotaBytes: -1n });
    await requests.put("a", "x".repeat(100_000));
  });
});

describe("a corruption alarm", () => {
  test("CORRUPT refuses every change.", async () => {
    const requests = await limited({});
    const action = AlarmRequest_AlarmAction.ACTIVATE;
    await requests.client.maintenance.alarm(
      AlarmRequest.create({ action, alarm: AlarmType.CORRUPT, memberID: 1n }),
    );
    await expect(requests.put("a", "1")).rejects.toThrow("etcdserver: corrupt cluster");
    await expect(requests.client.kv.put(putRequest("", ""))).rejects.toThrow(
      "etcdserver: key is not provided",
    );
    expect(await requests.keys("a")).toBe("");
  });
});
