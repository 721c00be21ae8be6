// save → status → restore → real etcd: a member and a cluster of three start on restored files and have all data. The restored
// files are compared with those of etcd's etcdutl.
import path from "node:path";
import { committedSnapshots, readLog } from "../../src/storage/wal/log-reader";
import { Child } from "../support/child";
import { describeWithEtcd, etcdPrograms, startEtcd } from "../support/real-etcd";
import type { Member } from "../support/server-group";
import { workFolder } from "../support/work-folder";
import { contentsOf, ctl, fill, saved, type Get } from "./filled-etcd";
import { bucketsOf, logOf, snapOf } from "./member-files";
import { etcdutl, runProgram } from "./run-etcdutl";

const folder = workFolder();
const snapshot = () => path.join(folder(), "snap.db");

describe.each(["3.4", "3.5"] as const)("a snapshot of etcd %s", (version) => {
  describeWithEtcd(version, "restored", () => {
    test("a restored member has its keys, revisions, leases and users", async () => {
      const before = await saved(version, fill, snapshot());
      const group = await startEtcd(version, { prepare: restoreMember });
      try {
        expect(await contentsOf(version, group.members[0] as Member)).toEqual(before);
        await ctl(version, group.members[0] as Member, "put", "after", "1");
      } finally {
        await group.stop();
      }
    });

    test("each member of a restored cluster of three has all data", async () => {
      const before = await saved(version, fill, snapshot());
      const group = await startEtcd(version, { size: 3, prepare: restoreMember });
      try {
        for (const member of group.members) expect(await contentsOf(version, member)).toEqual(before);
        await ctl(version, group.members[1] as Member, "put", "after", "1");
      } finally {
        await group.stop();
      }
    });

    test("with --bump-revision, the store continues at a higher revision and earlier ones are compacted", async () => {
      const before = await saved(version, fill, snapshot());
      const bump = ["--bump-revision", "1000000", "--mark-compacted"];
      const group = await startEtcd(version, {
        prepare: (member, flags) => restoreMember(member, [...flags, ...bump]),
      });
      try {
        const member = group.members[0] as Member;
        const read = JSON.parse(await ctl(version, member, "get", "--prefix", "/app/", "-w", "json")) as Get;
        expect(read.count).toBe(299);
        expect(read.header.revision).toBe(before.revision + 1_000_000);
        await expect(ctl(version, member, "get", "x", "--rev", `${before.revision}`)).rejects.toThrow(
          "compacted",
        );
      } finally {
        await group.stop();
      }
    });
  });
});

describeWithEtcd("3.5", "the files of etcdutl 3.5", () => {
  const flagSets: Record<string, string[]> = {
    "a member alone": [],
    "a higher revision": ["--bump-revision", "500", "--mark-compacted"],
    "one of three": [
      ...[
        "--name",
        "b",
        "--initial-cluster",
        "a=http://127.0.0.1:1,b=http://127.0.0.1:2,c=http://127.0.0.1:3",
      ],
      ...["--initial-advertise-peer-urls", "http://127.0.0.1:2", "--initial-cluster-token", "word"],
    ],
  };

  test.each(["one key", "many keys"])("restore writes the same files: %s", async (size) => {
    await saved("3.5", size === "one key" ? putOne : fill, snapshot());
    for (const format of ["simple", "fields", "json", "table"]) {
      const words = ["snapshot", "status", snapshot(), "-w", format];
      expect((await runProgram("etcdctl", words)).stdout).toBe(await realEtcdutl(...words));
    }
    for (const [name, flags] of Object.entries(flagSets)) {
      const [theirs, ours] = ["theirs", "ours"].map((who) => path.join(folder(), `${who} ${name}`)) as [
        string,
        string,
      ];
      await realEtcdutl("snapshot", "restore", snapshot(), "--data-dir", theirs, ...flags);
      expect((await etcdutl(["snapshot", "restore", snapshot(), "--data-dir", ours, ...flags])).exit).toBe(0);
      expect(bucketsOf(ours)).toEqual(bucketsOf(theirs));
      expect(logOf(ours)).toEqual(logOf(theirs));
      expect(snapOf(ours)).toEqual(snapOf(theirs));
    }
  });

  test("the reader finds every change in the log of a member", async () => {
    const group = await startEtcd("3.5");
    try {
      const member = group.members[0] as Member;
      await fill(member);
      await group.kill(member);
      const items = [...readLog(path.join(member.dataDir, "member", "wal"))];
      expect(items.filter(({ kind }) => kind === "entry").length).toBeGreaterThan(30);
      expect(committedSnapshots(path.join(member.dataDir, "member", "wal"))).toHaveLength(1);
    } finally {
      await group.stop();
    }
  });
});

async function putOne(member: Member): Promise<void> {
  await ctl("3.5", member, "put", "k", "v");
}

async function restoreMember(_member: Member, flags: readonly string[]): Promise<void> {
  const { exit, stderr } = await etcdutl(["snapshot", "restore", snapshot(), ...flags]);
  if (exit !== 0) throw new Error(stderr);
}

async function realEtcdutl(...words: string[]): Promise<string> {
  const { exit, stdout, stderr } = await new Child([etcdPrograms("3.5").etcdutl, ...words]).finish();
  if (exit !== 0) throw new Error(stderr.toString());
  return stdout.toString();
}
