// The directory of a member of a real cluster of three, killed: without --force-new-cluster it is only read. With it, a single
// member has all its keys, takes writes, and stays one at the next start, also of the real etcd.
import { cpSync, rmSync } from "node:fs";
import path from "node:path";
import { startEmbeddedServer } from "../../src/server/server";
import { describeWithEtcd, startEtcd } from "../support/real-etcd";
import { Requests } from "../support/requests";
import { sharedFolder } from "../support/work-folder";

const base64 = (text: string) => Buffer.from(text).toString("base64");

describe.each(["3.4", "3.5"] as const)("etcd %s", (version) => {
  const folder = sharedFolder();

  describeWithEtcd(version, "members of a lost cluster", () => {
    test("one of them becomes a cluster of one", async () => {
      await using etcd = await startEtcd(version, { size: 3 });
      const [member] = etcd.members;
      if (member === undefined) throw new Error("no member");
      const call = (method: string, body: object) => etcd.gateway(member, method, JSON.stringify(body));
      await call("kv/put", { key: base64("a"), value: base64("1") });
      // The member's log learns with later entries that the put is committed. These change nothing.
      for (let i = 0; i < 3; i++) await call("kv/deleterange", { key: base64("missing") });
      for (const each of etcd.members) await etcd.kill(each);

      const dir = path.join(folder, version);
      cpSync(member.dataDir, dir, { recursive: true });
      const open = (forceNewCluster: boolean) =>
        startEmbeddedServer({ dataDir: dir, name: member.name, listenClientUrls: [], forceNewCluster });
      const reading = await open(false);
      expect(reading.isReadOnly).toBe(true);
      await reading.stop();

      await using forced = await open(true);
      const requests = new Requests(forced.client());
      expect(await requests.shown("a")).toEqual(["a=1 c2 m2 v1"]);
      await requests.puts("b=1");
      const { members } = await forced.client().cluster.memberList({ linearizable: true });
      expect(members.map(({ name }) => name)).toEqual([member.name]);
      await forced.stop();

      const again = await open(false);
      expect(again.isReadOnly).toBe(false);
      await new Requests(again.client()).puts("c=1");
      await again.stop();

      rmSync(member.dataDir, { recursive: true });
      cpSync(dir, member.dataDir, { recursive: true });
      await etcd.restart(member);
      await call("kv/put", { key: base64("d"), value: base64("1") });
      expect(await call("kv/range", { key: base64("a"), range_end: base64("e") })).toMatchObject({
        count: "4",
        header: { revision: "5" },
      });
    });
  });
});
