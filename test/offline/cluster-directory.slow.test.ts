// The directory of a killed member of a real cluster of three: its keys can be read, with those that are only in its log, and
// nothing is written to it.
import { cpSync, readFileSync } from "node:fs";
import path from "node:path";
import { createClient } from "../../src/client/client";
import { systemClock } from "../../src/clock";
import { openOfflineTransport } from "../../src/offline/offline-transport";
import { startEmbeddedServer } from "../../src/server/server";
import { describeWithEtcd, startEtcd } from "../support/real-etcd";
import { Requests } from "../support/requests";
import { until } from "../support/until";
import { sharedFolder } from "../support/work-folder";

const base64 = (text: string) => Buffer.from(text).toString("base64");
const names = Array.from({ length: 20 }, (_, index) => `k${String(index).padStart(2, "0")}`);

describe.each(["3.5", "3.7"] as const)("etcd %s", (version) => {
  const folder = sharedFolder();

  describeWithEtcd(version, "a member of three, killed", () => {
    const dir = path.join(folder, "member");
    const segmentsIn = () =>
      readFileSync(path.join(dir, "member", "wal", "0000000000000000-0000000000000000.wal"));

    beforeAll(async () => {
      await using cluster = await startEtcd(version, {
        size: 3,
        // The keys stay in the log alone.
        flags: () => ["--backend-batch-interval", "1h"],
      });
      const [member] = cluster.members;
      if (member === undefined) throw new Error("no member");
      const put = (key: string) =>
        cluster.gateway(member, "kv/put", JSON.stringify({ key: base64(key), value: base64(`v-${key}`) }));
      for (const name of names) await put(name);
      // When a member has applied an entry, its log has the commit of the entries before it.
      await put("last");
      const range = JSON.stringify({ key: base64("last"), serializable: true });
      await until("the member has the last key", async () => {
        const { count } = await cluster.gateway(member, "kv/range", range);
        return count === "1";
      });
      await cluster.kill(member);
      cpSync(member.dataDir, dir, { recursive: true });
    });

    test("is read offline with its log, and refuses writes with a way to go on", async () => {
      const before = segmentsIn();
      const transport = await openOfflineTransport({ path: dir, env: {}, clock: systemClock });
      const requests = new Requests(createClient(transport));
      expect(await requests.keys("k", "l")).toBe(names.join(" "));
      expect(await requests.shown("k07")).toEqual(["k07=v-k07 c9 m9 v1"]);
      expect((await requests.client.cluster.memberList({ linearizable: true })).members).toHaveLength(3);
      await expect(requests.put("a", "1")).rejects.toThrow(
        `${dir} is a member's data dir: it is only read offline, never written`,
      );
      await requests.client.close();
      expect(segmentsIn().equals(before)).toBe(true);
    });

    test("is served for reading, and refuses writes", async () => {
      const before = segmentsIn();
      await using server = await startEmbeddedServer({ dataDir: dir, listenClientUrls: [] });
      expect(server.isReadOnly).toBe(true);
      expect(server.replayedEntries).toBeGreaterThanOrEqual(names.length);
      const requests = new Requests(server.client());
      expect(await requests.keys("k", "l")).toBe(names.join(" "));
      await expect(requests.put("a", "1")).rejects.toThrow(
        `${dir} is of a cluster of several members: it is only read, never written`,
      );
      expect(segmentsIn().equals(before)).toBe(true);
    });
  });
});
