// space reclaim on a real cluster of three that has run out of space: the command is killed after each step, and a member is
// stopped after each step. The cluster stays readable, and a run without faults finishes what is left.
import { startEtcdctl } from "../support/etcdctl";
import { describeWithEtcd, startEtcd } from "../support/real-etcd";
import { runMain } from "../support/run-main";
import type { ServerGroup } from "../support/server-group";
import { until } from "../support/until";

const quotaBytes = 8_000_000;

describeWithEtcd("3.5", "a cluster of three without space", () => {
  let group: ServerGroup;
  beforeAll(async () => {
    group = await startEtcd("3.5", { size: 3, flags: () => ["--quota-backend-bytes", `${quotaBytes}`] });
    await etcdctl("put", "small", "1");
  });
  afterAll(() => group.stop());

  const env = () => ({ ETCDCTL_ENDPOINTS: group.endpoints.join(",") });
  const etcdctl = (...words: string[]) => runMain(words, { env: env() });

  /** Old revisions of one key fill the database. */
  const fill = () =>
    until("NOSPACE", async () => {
      const { stderr } = await runMain(["put", "large"], { env: env(), stdin: Buffer.alloc(1_000_000, "x") });
      return stderr.includes("database space exceeded");
    });

  async function isReadable(): Promise<void> {
    await until(
      "a read succeeds",
      async () => (await etcdctl("get", "small", "--print-value-only")).stdout === "1\n",
    );
  }

  /** Retries: after a member is back, the cluster may elect a leader. */
  async function finishes(): Promise<void> {
    await until("space reclaim finishes", async () => {
      const { exit, stderr } = await etcdctl("space", "reclaim", "--min-free", "0");
      if (exit !== 0) throw new Error(stderr);
      return true;
    });
    await until("a write succeeds", async () => (await etcdctl("put", "probe", "1")).exit === 0);
    expect((await etcdctl("alarm", "list")).stdout).toBe("");
    await isReadable();
  }

  /** Starts the command, again if it fails before it comes so far: there may be an election. */
  const reaches = (text: string, words: readonly string[]) =>
    until(`the command prints ${text}`, async () => {
      const child = startEtcdctl(words, { env: env(), cwd: group.dir });
      await child.printed("stdout", text);
      return child;
    });

  const steps = ["1. compact", "compacted at", "defragmented m"];

  test.each(steps)("the command is killed after %j", async (text) => {
    await fill();
    const child = await reaches(text, ["space", "reclaim", "--min-free", "0"]);
    child.signal("SIGKILL");
    await child.ended;
    await isReadable();
    await finishes();
  });

  test.each(steps)("a member is stopped after %j", async (text) => {
    await fill();
    const leader = await group.leader();
    const stopped = group.members.find((member) => member !== leader);
    if (!stopped) throw new Error("no follower");
    const words = ["space", "reclaim", "--min-free", "0", "--command-timeout", "3s"];
    const child = await reaches(text, words);
    stopped.child?.signal("SIGSTOP");
    const { exit, stderr } = await child.finish();
    // It may have been past the last step already.
    if (exit !== 0) expect(stderr.toString()).toMatch(/^Error: (?:stopped: |context deadline exceeded)/);
    await isReadable();
    stopped.child?.signal("SIGCONT");
    await finishes();
  });
});
