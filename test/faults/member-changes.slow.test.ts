// A real cluster of three gets a fourth member. It is added as a learner, started with the printed environment, promoted,
// made the leader, defragmented and removed, each time by its name.
import path from "node:path";
import { Child } from "../support/child";
import { freePorts } from "../support/ports";
import { describeWithEtcd, etcdPrograms, startEtcd } from "../support/real-etcd";
import { runMain } from "../support/run-main";
import type { ServerGroup } from "../support/server-group";
import { until } from "../support/until";

describeWithEtcd("3.5", "a cluster of three", () => {
  let group: ServerGroup;
  let fourth: Child | undefined;
  beforeAll(async () => {
    group = await startEtcd("3.5", { size: 3 });
  });
  afterAll(async () => {
    fourth?.signal("SIGKILL");
    await fourth?.ended;
    await group.stop();
  });

  const etcdctl = (endpoints: readonly string[], ...words: string[]) =>
    runMain(words, { env: { ETCDCTL_ENDPOINTS: endpoints.join(",") } });

  /** Retries until it succeeds: a new cluster refuses changes, and a learner has to catch up first. */
  const succeeds = (...words: string[]) =>
    until(words.join(" "), async () => {
      const ran = await etcdctl(group.endpoints, ...words);
      if (ran.exit !== 0) throw new Error(ran.stderr);
      return ran.stdout;
    });

  /** A failed attempt may have added the member all the same: then it is removed before the next one. */
  const adds = (name: string, peerUrl: string) =>
    until(`member add ${name}`, async () => {
      const words = ["member", "add", name, "--learner", `--peer-urls=${peerUrl}`];
      const ran = await etcdctl(group.endpoints, ...words);
      if (ran.exit === 0) return ran.stdout;
      const { stdout } = await etcdctl(group.endpoints, "member", "list");
      const [, id] = new RegExp(`^(\\w+), unstarted, , ${peerUrl},`, "m").exec(stdout) ?? [];
      if (id !== undefined) await etcdctl(group.endpoints, "member", "remove", id);
      throw new Error(ran.stderr);
    });

  test("adds a learner, promotes it and removes it by name", async () => {
    const [port = 0, peerPort = 0] = await freePorts(2);
    const added = await adds("fourth", `http://127.0.0.1:${peerPort}`);
    const printed = Object.fromEntries(
      Array.from(added.matchAll(/^(ETCD_\w+)="(.*)"$/gm), ([, name, value]) => [name, value]),
    ) as Record<string, string>;
    expect(printed["ETCD_INITIAL_CLUSTER"]?.split(",")).toHaveLength(4);
    const client = `http://127.0.0.1:${port}`;
    fourth = new Child(
      [
        etcdPrograms("3.5").etcd,
        ...["--data-dir", path.join(group.dir, "fourth"), "--listen-client-urls", client],
        ...["--advertise-client-urls", client, "--listen-peer-urls", `http://127.0.0.1:${peerPort}`],
        ...["--heartbeat-interval", "50", "--election-timeout", "500"],
      ],
      { env: { PATH: process.env["PATH"], ...printed } },
    );

    const unknown = await etcdctl(group.endpoints, "member", "promote", "fith");
    expect(unknown).toMatchObject({ exit: 128 });
    expect(unknown.stderr).toMatch(/bad member ID arg \(.*\)[^]*hint: .*m0/);

    expect(await succeeds("member", "promote", "fourth")).toMatch(/^Member +[0-9a-f]+ promoted in cluster/);
    const endpoints = [...group.endpoints, `127.0.0.1:${port}`];
    await until("the fourth member leads", async () => {
      const moved = await etcdctl(endpoints, "move-leader", "fourth");
      return moved.exit === 0 && moved.stdout.startsWith("Leadership transferred from");
    });

    const defragmented = await succeeds("defrag", "--cluster");
    expect(defragmented.match(/^Finished defragmenting etcd member/gm)).toHaveLength(4);

    await until("the fourth member is removed", async () => {
      const { exit, stdout } = await etcdctl(group.endpoints, "member", "remove", "fourth");
      if (exit === 0) expect(stdout).toMatch(/^Member +[0-9a-f]+ removed from cluster/);
      return !(await succeeds("member", "list")).includes("fourth");
    });
  });

  test("defrag --cluster defragments no member while one is unreachable", async () => {
    const [, stopped] = group.members;
    if (!stopped) throw new Error("no member");
    await group.kill(stopped);
    try {
      await succeeds("put", "probe", "1");
      const { exit, stdout, stderr } = await etcdctl(
        group.endpoints,
        "defrag",
        "--cluster",
        "--command-timeout=2s",
      );
      expect(exit).toBe(1);
      expect(stdout).toBe("");
      expect(stderr).toContain("Error: stopped before");
      expect(stderr).toContain("hint: not defragmented: ");
    } finally {
      await group.restart(stopped);
    }
  });
});
