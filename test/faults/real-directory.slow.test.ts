// The directory of a real member, killed, is continued by our server, killed again, and continued by the real one: the
// same keys, and each one's writes are there. While one of them runs, the other is kept out.
import { cpSync, readdirSync, readlinkSync, rmSync } from "node:fs";
import path from "node:path";
import { connect } from "../../src/client/library/client";
import { startEmbeddedServer } from "../../src/server/server";
import { Child } from "../support/child";
import { program } from "../support/etcdctl";
import { describeWithEtcd, startEtcd } from "../support/real-etcd";
import { Requests } from "../support/requests";
import { notLinux, testUnless } from "../support/skip";
import { until } from "../support/until";
import { sharedFolder } from "../support/work-folder";

const base64 = (text: string) => Buffer.from(text).toString("base64");

/** Whether a process has the file open. */
function hasOpen(pid: number, file: string): boolean {
  const descriptors = `/proc/${pid}/fd`;
  return readdirSync(descriptors).some((name) => readlinkSync(path.join(descriptors, name)) === file);
}

describe.each(["3.4", "3.5", "3.7"] as const)("etcd %s", (version) => {
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

    test("etcd continues a directory whose stop began a new segment of the log", async () => {
      await using etcd = await startEtcd(version);
      const [member] = etcd.members;
      if (member === undefined) throw new Error("no member");
      await etcd.kill(member);
      const { name, dataDir } = member;
      const server = await startEmbeddedServer({ dataDir, name, listenClientUrls: [] });
      const requests = new Requests(server.client());
      for (const key of ["a", "b", "c"]) await requests.put(key, key.repeat(1024 * 1024));
      await server.stop();
      const segments = readdirSync(path.join(dataDir, "member", "wal")).filter((file) =>
        file.endsWith(".wal"),
      );
      expect(segments).toHaveLength(2);
      await etcd.restart(member);
      const range = { key: base64("a"), range_end: base64("z"), keys_only: true };
      const read = () => etcd.gateway(member, "kv/range", JSON.stringify(range));
      expect(await read()).toMatchObject({ count: "3", header: { revision: "4" } });
      await etcd.gateway(member, "kv/put", JSON.stringify({ key: base64("d"), value: base64("1") }));
      await etcd.kill(member);
      await etcd.restart(member);
      expect(await read()).toMatchObject({ count: "4", header: { revision: "5" } });
    });

    testUnless(
      notLinux,
      "an etcd beside our server waits until it has ended, and then has all its writes",
      async () => {
        await using etcd = await startEtcd(version);
        const [member] = etcd.members;
        if (member === undefined) throw new Error("no member");
        await expect(startEmbeddedServer({ dataDir: member.dataDir })).rejects.toThrow(
          /is in use: process \d+ has its db file locked$/,
        );
        await etcd.kill(member);

        const flags = ["--listen-client-urls", "http://127.0.0.1:0", "--data-dir", member.dataDir];
        const ours = new Child([...program, "serve", ...flags, "--name", member.name]);
        let restarted: Promise<void>;
        try {
          await ours.printed("stdout", "serving on ");
          const [, endpoint = ""] = /^serving on (\S+)/.exec(ours.stdout.toString()) ?? [];
          const client = await connect({ endpoints: [endpoint] });
          try {
            await client.put("a", "1");
            restarted = etcd.restart(member);
            const database = path.join(member.dataDir, "member", "snap", "db");
            await until("etcd has the db file open", () => hasOpen(member.child?.pid ?? 0, database));
            await client.put("b", "2");
          } finally {
            await client.close();
          }
        } finally {
          ours.signal("SIGKILL");
          await ours.ended;
        }
        await restarted;
        const found = await etcd.gateway(
          member,
          "kv/range",
          JSON.stringify({ key: base64("a"), range_end: base64("c") }),
        );
        expect(found).toMatchObject({ count: "2", header: { revision: "3" } });
      },
    );
  });
});
