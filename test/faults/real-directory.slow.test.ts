// The directory of a real member, killed, is continued by our server, killed again, and continued by the real one: the
// same keys, and each one's writes are there.
import { cpSync, rmSync } from "node:fs";
import path from "node:path";
import { startEmbeddedServer } from "../../src/server/server";
import { describeWithEtcd, startEtcd } from "../support/real-etcd";
import { Requests } from "../support/requests";
import { sharedFolder } from "../support/work-folder";

const base64 = (text: string) => Buffer.from(text).toString("base64");

describe.each(["3.4", "3.5"] as const)("etcd %s", (version) => {
  const folder = sharedFolder();

  describeWithEtcd(version, "and our server in turn on one directory", () => {
    test("each finds what the other has acknowledged, after kills", async () => {
      await using etcd = await startEtcd(version);
      const [member] = etcd.members;
      if (member === undefined) throw new Error("no member");
      const call = (method: string, body: object) => etcd.gateway(member, method, JSON.stringify(body));
      await call("kv/put", { key: base64("a"), value: base64("1") });
      await etcd.kill(member);

      const dir = path.join(folder, version);
      cpSync(member.dataDir, dir, { recursive: true });
      const { name } = member;
      const first = await startEmbeddedServer({ dataDir: dir, name, listenClientUrls: [] });
      const requests = new Requests(first.client());
      expect(await requests.shown("a")).toEqual(["a=1 c2 m2 v1"]);
      await requests.puts("a=2", "b=1");
      await first.stop();
      const second = await startEmbeddedServer({ dataDir: dir, name, listenClientUrls: [] });
      await new Requests(second.client()).puts("b=2");

      // A copy of the files of a server that still runs is what a kill would leave.
      rmSync(member.dataDir, { recursive: true });
      cpSync(dir, member.dataDir, { recursive: true });
      await second.stop();
      rmSync(path.join(member.dataDir, "etcdctl.lock"));
      await etcd.restart(member);
      const found = await call("kv/range", { key: base64("a"), range_end: base64("c") });
      expect(JSON.stringify(found)).toContain(`"value":"${base64("2")}"`);
      expect(found).toMatchObject({ count: "2", header: { revision: "5" } });
      expect(await call("kv/put", { key: base64("c"), value: base64("1") })).toMatchObject({
        header: { revision: "6" },
      });
    });
  });
});
