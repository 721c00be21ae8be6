// member replace on a real cluster of three: the command is killed after each step that it prints, or a member is stopped after
// each step. What has been done until then costs no quorum, and the same command ends with three voters.
import path from "node:path";
import { Child } from "../support/child";
import { startEtcdctl } from "../support/etcdctl";
import { freePorts } from "../support/ports";
import { describeWithEtcd, etcdPrograms, startEtcd } from "../support/real-etcd";
import { runMain } from "../support/run-main";
import type { Member, ServerGroup } from "../support/server-group";
import { until } from "../support/until";

describeWithEtcd("3.5", "a cluster of three", () => {
  let group: ServerGroup;
  let added: Child | undefined;
  beforeEach(async () => {
    group = await startEtcd("3.5", { size: 3 });
  });
  afterEach(async () => {
    added?.signal("SIGKILL");
    await added?.ended;
    await group.stop();
  });

  /** A dead member costs a command its whole timeout. */
  const env = () => ({ ETCDCTL_ENDPOINTS: group.endpoints.join(","), ETCDCTL_COMMAND_TIMEOUT: "2s" });
  const etcdctl = (...words: string[]) => runMain(words, { env: env() });

  async function follower(): Promise<Member> {
    const leader = await group.leader();
    const found = group.members.find((member) => member !== leader);
    if (!found) throw new Error("no follower");
    return found;
  }

  const isWritable = () =>
    until("the cluster accepts a write", async () => (await etcdctl("put", "probe", "1")).exit === 0);

  /** Starts the new member with the printed environment. */
  async function startPrinted(stdout: string): Promise<void> {
    const printed = Object.fromEntries(
      Array.from(stdout.matchAll(/^(ETCD_\w+)="(.*)"$/gm), ([, name = "", value = ""]) => [name, value]),
    );
    const [port] = await freePorts(1);
    const client = `http://127.0.0.1:${port}`;
    const peer = printed["ETCD_INITIAL_ADVERTISE_PEER_URLS"] ?? "";
    added = new Child(
      [
        etcdPrograms("3.5").etcd,
        ...["--data-dir", path.join(group.dir, "added"), "--listen-client-urls", client],
        ...["--advertise-client-urls", client, "--listen-peer-urls", peer],
        ...["--heartbeat-interval", "50", "--election-timeout", "500"],
      ],
      { env: { PATH: process.env["PATH"], ...printed } },
    );
  }

  /** Runs the command until it succeeds. */
  async function finish(words: readonly string[]): Promise<string> {
    return until("member replace ends", async () => {
      const { exit, stdout, stderr } = await etcdctl(...words);
      if (exit !== 0) throw new Error(stderr);
      return stdout;
    });
  }

  async function voters(): Promise<string[]> {
    // There may be an election.
    const listed = await until("the members are listed", async () => {
      const { exit, stdout } = await etcdctl("member", "list");
      return exit === 0 && stdout;
    });
    const rows = listed
      .trimEnd()
      .split("\n")
      .map((line) => line.split(", "));
    return rows.filter(([, , , , , isLearner]) => isLearner === "false").map(([, , name = ""]) => name);
  }

  /** Starts the command, again if it fails before it comes so far. */
  const reaches = (text: string, words: readonly string[]) =>
    until(`the command prints ${text}`, async () => {
      const child = startEtcdctl(words, { env: env(), cwd: group.dir });
      await child.printed(text === "removing " ? "stderr" : "stdout", text);
      return child;
    });

  async function killedAfter(text: string, words: readonly string[]): Promise<void> {
    const child = await reaches(text, words);
    child.signal("SIGKILL");
    await child.ended;
    await isWritable();
  }

  test.each(["removed ", "start it:"])("a dead member; killed after %j", async (text) => {
    const dead = await follower();
    await group.kill(dead);
    await isWritable();
    const [port = 0] = await freePorts(1);
    const words = ["member", "replace", dead.name, "--peer-urls", `http://127.0.0.1:${port}`];
    await killedAfter(text, words);
    const shown = await finish(words);
    expect(shown).toContain(`ETCD_NAME="${dead.name}"`);
    await startPrinted(shown);
    // A learner that hangs is not promoted; the cluster does without it.
    await hasStarted(port);
    added?.signal("SIGSTOP");
    await isWritable();
    added?.signal("SIGCONT");
    expect(await finish([...words, "--wait"])).toContain("is one of 3 voters");
    expect((await voters()).sort()).toEqual(group.members.map(({ name }) => name).sort());
    await isWritable();
  });

  test("a live leader; killed after the promotion", async () => {
    const old = await group.leader();
    const [port] = await freePorts(1);
    const words = ["member", "replace", old.name, "--name=fresh", "--peer-urls", `http://127.0.0.1:${port}`];
    await startPrinted(await finish(words));
    await killedAfter("promoted ", [...words, "--wait"]);
    expect((await voters()).length).toBeGreaterThanOrEqual(3);
    expect(await finish([...words, "--wait"])).toContain("is one of 3 voters");
    const rest = group.members.filter((member) => member !== old).map(({ name }) => name);
    expect((await voters()).sort()).toEqual(["fresh", ...rest].sort());
    await isWritable();
  });

  const hasStarted = (port: number) =>
    until("the new member has started", async () =>
      (await etcdctl("member", "list")).stdout.includes(`${port}, http`),
    );

  /** Stops a process after a step, until the command has ended or the cluster has lost its quorum. */
  async function stoppedAfter(text: string, words: readonly string[], stopped: Child | undefined) {
    const child = await reaches(text, words);
    stopped?.signal("SIGSTOP");
    const canWrite = async () => (await etcdctl("put", "probe", "1")).exit === 0;
    await until("the stop has an effect", async () => child.result !== undefined || !(await canWrite()));
    return { child, resume: () => stopped?.signal("SIGCONT") };
  }

  test.each(["removing ", "removed ", "promoted "])(
    "a dead member; the leader stopped after %j",
    async (text) => {
      const dead = await follower();
      const leader = await group.leader();
      await group.kill(dead);
      await isWritable();
      const [port = 0] = await freePorts(1);
      const words = ["member", "replace", dead.name, "--peer-urls", `http://127.0.0.1:${port}`];
      if (text !== "promoted ") {
        const { child, resume } = await stoppedAfter(text, words, leader.child);
        resume();
        await child.finish();
      }
      await startPrinted(await finish(words));
      if (text === "promoted ") {
        await hasStarted(port);
        const { child, resume } = await stoppedAfter(text, [...words, "--wait"], leader.child);
        // The new member votes, so the two others are enough.
        await isWritable();
        resume();
        await child.finish();
      }
      expect(await finish([...words, "--wait"])).toContain("is one of 3 voters");
      expect((await voters()).sort()).toEqual(group.members.map(({ name }) => name).sort());
      await isWritable();
    },
  );

  test.each([
    ["promoted ", "a follower"],
    ["moved the leadership ", "a follower"],
    ["removed ", "a follower"],
    ["promoted ", "the new member"],
  ])("a live leader; after %j %s stopped", async (text, who) => {
    const old = await group.leader();
    const stopped = await follower();
    const [port = 0] = await freePorts(1);
    const words = ["member", "replace", old.name, "--name=fresh", "--peer-urls", `http://127.0.0.1:${port}`];
    await startPrinted(await finish(words));
    const hanging = who === "the new member" ? added : stopped.child;
    const { child, resume } = await stoppedAfter(text, [...words, "--wait"], hanging);
    await isWritable();
    resume();
    await child.finish();
    expect(await finish([...words, "--wait"])).toContain("is one of 3 voters");
    const rest = group.members.filter((member) => member !== old).map(({ name }) => name);
    expect((await voters()).sort()).toEqual(["fresh", ...rest].sort());
    await isWritable();
  });

  test("a live member is not touched while another one is stopped, and doctor and defrag --plan name that one", async () => {
    const [old, stopped] = [await group.leader(), await follower()];
    stopped.child?.signal("SIGSTOP");
    const words = ["member", "replace", old.name, "--name=fresh", "--peer-urls=http://127.0.0.1:1"];
    const { exit, stderr } = await etcdctl(...words, "--command-timeout=3s");
    const doctor = await etcdctl("doctor", "--skip=latency,clock,hashes");
    const plan = await etcdctl("defrag", "--cluster", "--plan");
    stopped.child?.signal("SIGCONT");
    expect(exit).toBe(1);
    expect(stderr).toMatch(/^Error: refused: /);
    expect(doctor.exit).toBe(2);
    expect(doctor.stdout).toContain(`${stopped.name} does not respond`);
    expect(plan.exit).toBe(1);
    expect(plan.stdout).toMatch(new RegExp(`^- +${stopped.name} .* no response$`, "m"));
    expect((await voters()).sort()).toEqual(group.members.map(({ name }) => name).sort());
  });
});
