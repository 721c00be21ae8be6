// `backup` of what a real etcd 3.4 wrote: a new cluster starts on the copy and has the keys; what is no data dir is refused.
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describeWithEtcd, etcdPrograms, startEtcd } from "../support/real-etcd";
import { ServerGroup } from "../support/server-group";
import { workFolder } from "../support/work-folder";
import { runV2 } from "./fake-cluster";

const folder = workFolder();
const stamped = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6} I \| /gm;
const backup = async (...words: readonly string[]) => {
  const { exit, stderr } = await runV2(["backup", ...words], undefined, { cwd: folder() });
  return { exit, stderr: stderr.replace(stamped, "") };
};

test("a folder without the files of a member is refused, with the time before the reason, as Go's log has it", async () => {
  expect(await backup("--data-dir", "none", "--backup-dir", "b1")).toEqual({
    exit: 1,
    stderr: "open none/member/snap: no such file or directory\n",
  });
  mkdirSync(path.join(folder(), "d/member/snap"), { recursive: true });
  mkdirSync(path.join(folder(), "d/member/wal"));
  expect(await backup("--data-dir", "d", "--backup-dir", "b2")).toMatchObject({
    exit: 1,
    stderr: "wal: file not found\n",
  });
  writeFileSync(path.join(folder(), "b2/member/snap/x"), "");
  expect(await backup("--data-dir", "d", "--backup-dir", "b2")).toMatchObject({
    exit: 1,
    stderr:
      'failed creating backup snapshot dir b2/member/snap: expected "b2/member/snap" to be empty, got ["x"]\n',
  });
});

test("a log of which nothing can be read is refused", async () => {
  mkdirSync(path.join(folder(), "d/member/snap"), { recursive: true });
  mkdirSync(path.join(folder(), "d/member/wal"));
  const segment = path.join(folder(), "d/member/wal/0000000000000000-0000000000000000.wal");
  writeFileSync(segment, Buffer.alloc(64, 0x11));
  const { exit, stderr } = await backup("--data-dir", "d", "--backup-dir", "b");
  expect(exit).toBe(1);
  expect(stderr).toContain("the log does not start with a metadata record");
});

describeWithEtcd("3.4", "backup of etcd 3.4", () => {
  test.each([
    ["5", []],
    ["5", ["--with-v3"]],
  ])("after snapshots every %s entries, %j", async (snapshotCount, flags) => {
    const copy = path.join(folder(), "copy");
    {
      await using source = await startEtcd("3.4", {
        flags: () => ["--enable-v2", "--snapshot-count", snapshotCount],
      });
      const [member] = source.members;
      if (!member) throw new Error("no member");
      for (let i = 0; i < 12; i++) {
        const body = `value=v${i}`;
        const headers = { "Content-Type": "application/x-www-form-urlencoded" };
        await source.request(member, { method: "PUT", path: `/v2/keys/k${i}`, headers, body });
        await source.gateway(member, "kv/put", JSON.stringify({ key: btoa(`k${i}`), value: btoa("3") }));
      }
      await source.kill(member);
      const { exit } = await backup("--data-dir", member.dataDir, "--backup-dir", copy, ...flags);
      expect(exit).toBe(0);
      const snaps = readdirSync(path.join(copy, "member/snap"));
      expect(snaps.some((name) => name.endsWith(".snap"))).toBe(snapshotCount === "5");
    }
    await using restored = await ServerGroup.start({
      command: [etcdPrograms("3.4").etcd],
      flags: () => ["--enable-v2", "--force-new-cluster", "--data-dir", copy],
    });
    const [member] = restored.members;
    if (!member) throw new Error("no member");
    const { body } = await restored.request(member, { path: "/v2/keys/k11" });
    expect(JSON.parse(body.toString())).toMatchObject({ node: { value: "v11" } });
    const range = await restored.gateway(
      member,
      "kv/range",
      JSON.stringify({ key: btoa("k"), range_end: btoa("l"), count_only: true }),
    );
    expect(range["count"]).toBe(flags.length > 0 ? "12" : undefined);
  });
});
