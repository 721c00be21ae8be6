// `backup` copies the data directory of a real etcd 3.4, and a new cluster starts from the copy with the same keys.
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describeWithEtcd, etcdPrograms, startEtcd } from "../support/real-etcd";
import { ServerGroup } from "../support/server-group";
import { workFolder } from "../support/work-folder";
import { runV2 } from "./fake-cluster";

const folder = workFolder();
const logPrefix = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6} I \| /gm;
const backup = async (...args: readonly string[]) => {
  const { exit, stderr } = await runV2(["backup", ...args], undefined, { cwd: folder() });
  return { exit, stderr: stderr.replace(logPrefix, "") };
};

test("backup fails when the source is not a data directory or the target is not empty", async () => {
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

test("backup fails when no record of the log is valid", async () => {
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
  ])(
    "a new cluster starts from the backup of a member with --snapshot-count %s, made with the flags %j",
    async (snapshotCount, flags) => {
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
    },
  );
});
