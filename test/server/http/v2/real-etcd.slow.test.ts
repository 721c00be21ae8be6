// Data dirs with keys of version 2 go from the embedded server to a real etcd and back.
import { cpSync } from "node:fs";
import path from "node:path";
import { startEmbeddedServer } from "../../../../src/server/server";
import { describeWithEtcd, startEtcd, type EtcdVersion } from "../../../support/real-etcd";
import { workFolder } from "../../../support/work-folder";
import { changeEverything, stateOf } from "./state";

const folder = workFolder();
const copyTo = (from: string, name: string) => {
  const to = path.join(folder(), name);
  cpSync(from, to, { recursive: true, filter: (file) => !file.endsWith("etcdctl.lock") });
  return to;
};
/** Real etcd publishes its attributes at each start, which raises the index. */
const withoutIndex = ({ keys, hidden, users, history }: Awaited<ReturnType<typeof stateOf>>) => ({
  keys: keys.body,
  hidden: hidden.body,
  users: users.body,
  history,
});

describe.each(["3.4", "3.5"] satisfies EtcdVersion[])("etcd %s", (version) => {
  describeWithEtcd(version, "reads our data dir", () => {
    test.each(["stopped", "crashed"])("with the keys of a server that has %s", async (end) => {
      const dataDir = path.join(folder(), "ours");
      const server = await startEmbeddedServer({ enableV2: true, dataDir });
      await changeEverything(server.endpoint);
      const before = await stateOf(server.endpoint);
      const crashed = copyTo(dataDir, "crashed");
      await server.stop();
      const group = await startEtcd(version, {
        flags: () => ["--enable-v2"],
        prepare: (member) => {
          cpSync(end === "stopped" ? dataDir : crashed, member.dataDir, { recursive: true });
          return Promise.resolve();
        },
      });
      try {
        const url = `http://${group.endpoints[0] ?? ""}`;
        expect(withoutIndex(await stateOf(url))).toEqual(withoutIndex(before));
      } finally {
        await group.stop();
      }
    });
  });

  describeWithEtcd(version, "is read by us", () => {
    test.each([
      ["its log and .snap files", "4"],
      ["its log alone", "10000"],
    ])("after it was killed, from %s", async (_, snapshotCount) => {
      const group = await startEtcd(version, {
        flags: () => ["--enable-v2", "--snapshot-count", snapshotCount],
      });
      try {
        const [member] = group.members;
        if (member === undefined) throw new Error("no member");
        const url = `http://${member.endpoint}`;
        await changeEverything(url);
        const before = await stateOf(url);
        await group.kill(member);
        await using server = await startEmbeddedServer({
          enableV2: true,
          name: member.name,
          dataDir: copyTo(member.dataDir, "real"),
          advertiseClientUrls: [url],
        });
        expect(await stateOf(server.endpoint)).toEqual(before);
      } finally {
        await group.stop();
      }
    });
  });
});
