// member replace on a pretended cluster: what it refuses, the order of its changes, and what a second run does. Added members
// never start there; test/faults/member-replace.slow.test.ts has a real cluster.
import { startEmbeddedCluster, type EmbeddedCluster } from "../../../src/index";
import { runMain } from "../../support/run-main";

let cluster: EmbeddedCluster;
beforeEach(async () => {
  cluster = await startEmbeddedCluster({ size: 3 });
});
afterEach(() => cluster.stop());

const newUrl = "http://10.0.0.9:2380";

function etcdctl(...words: string[]) {
  const running = cluster.members.filter(({ isRunning }) => isRunning).map(({ endpoint }) => endpoint);
  return runMain(words, {
    env: { ETCDCTL_ENDPOINTS: running.join(","), ETCDCTL_COMMAND_TIMEOUT: "3s" },
  });
}

const replace = (...words: string[]) => etcdctl("member", "replace", ...words);

/** Name, peer URL and whether it is a learner, of each member. */
async function members(): Promise<string[]> {
  const { stdout } = await etcdctl("member", "list");
  return stdout
    .trimEnd()
    .split("\n")
    .map((line) => {
      const [, , name, peer, , isLearner] = line.split(", ");
      return `${name} ${peer}${isLearner === "true" ? " learner" : ""}`;
    })
    .sort();
}

async function expectRefused(words: readonly string[], reason: string, hint: string): Promise<void> {
  const before = await members();
  const { exit, stdout, stderr } = await replace(...words);
  expect({ exit, stdout }).toEqual({ exit: 1, stdout: "" });
  expect(stderr).toContain(`Error: refused: ${reason}`);
  expect(stderr).toContain(`hint: ${hint}`);
  expect(stderr).toContain("hint: nothing has been changed\n");
  expect(await members()).toEqual(before);
}

function memberCalled(name: string) {
  const found = cluster.members.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no member ${name}`);
  return found;
}

describe("a dead member", () => {
  test("is removed before the new one is added as a learner, and the start is printed", async () => {
    await memberCalled("m2").stop();
    const { exit, stdout, stderr } = await replace("m2", "--peer-urls", newUrl);
    expect(exit).toBe(0);
    expect(await members()).toEqual([
      ` ${newUrl} learner`,
      "m1 http://127.0.0.1:2380",
      "m3 http://127.0.0.1:2382",
    ]);
    expect(stdout).toMatch(/^removed m2 \([0-9a-f]+\)\nthe new member [0-9a-f]+ is in the list as a learner/);
    expect(stdout).toContain('\nETCD_NAME="m2"\n');
    const [, initial = ""] = /^ETCD_INITIAL_CLUSTER="(.*)"$/m.exec(stdout) ?? [];
    expect(initial.split(",").sort()).toEqual([
      ...["m1=http://127.0.0.1:2380", `m2=${newUrl}`, "m3=http://127.0.0.1:2382"],
    ]);
    expect(stdout).toMatch(/^etcd --name=m2 --initial-cluster=.* --initial-cluster-state=existing/m);
    expect(stderr).toMatch(
      /^hint: removing m2; if this ends before the new member is added: this command again\n/,
    );
    expect((await etcdctl("lease", "list")).stdout).toBe("found 0 leases\n");
  });

  test("is started under its name if its ID was typed", async () => {
    const id = memberCalled("m2").id.toString(16);
    await memberCalled("m2").stop();
    expect((await replace(id, "--peer-urls", newUrl)).stdout).toContain('ETCD_NAME="m2"');
    expect((await replace(id, "--peer-urls", newUrl)).stdout).toContain('ETCD_NAME="NAME"');
  });

  test("may be replaced at the same peer URLs", async () => {
    await memberCalled("m2").stop();
    const { exit } = await replace("m2", "--peer-urls", "http://127.0.0.1:2381");
    expect(exit).toBe(0);
    expect(await members()).toContain(" http://127.0.0.1:2381 learner");
  });

  test("a second run changes nothing until the new member is ready", async () => {
    await memberCalled("m2").stop();
    await replace("m2", "--peer-urls", newUrl);
    const before = await members();
    const again = await replace("m2", "--peer-urls", newUrl);
    expect(again.exit).toBe(0);
    expect(again.stdout).toContain('ETCD_NAME="m2"');
    const waited = await replace("m2", "--peer-urls", newUrl, "--wait=1ms");
    expect(waited.exit).toBe(1);
    expect(waited.stderr).toMatch(
      /Error: the learner [0-9a-f]+ is not ready to vote\nhint: .*run this command again/,
    );
    expect(await members()).toEqual(before);
  });

  test("that an interrupted run has removed is replaced by the same command, and by no other", async () => {
    await memberCalled("m2").stop();
    const faults = cluster.members.map((each) =>
      each.faults.fail({ methods: "cluster.memberAdd", error: "memberNotEnoughStarted" }),
    );
    expect((await replace("m2", "--peer-urls", newUrl)).exit).toBe(1);
    for (const fault of faults) fault.clear();
    expect(await members()).toHaveLength(2);
    for (const others of [
      ["m2x", "--peer-urls", newUrl],
      ["m2", "--peer-urls", "http://10.0.0.8:2380"],
    ]) {
      const { exit, stderr } = await replace(...others);
      expect(exit).toBe(128);
      expect(stderr).toContain("if an earlier run has removed it: etcdctl member add ");
      expect(await members()).toHaveLength(2);
    }
    const { exit, stdout } = await replace("m2", "--peer-urls", newUrl);
    expect(exit).toBe(0);
    expect(stdout).toContain('ETCD_NAME="m2"');
    expect(await members()).toContain(` ${newUrl} learner`);
    expect((await etcdctl("lease", "list")).stdout).toBe("found 0 leases\n");
  });

  test("is replaced without a note under the alarm NOSPACE; the hint names the missing step", async () => {
    await memberCalled("m2").stop();
    for (const each of cluster.members) each.faults.quotaFull();
    const { exit, stderr } = await replace("m2", "--peer-urls", newUrl);
    expect(exit).toBe(0);
    expect(stderr).toMatch(
      /^hint: removing m2; .* added: etcdctl member add m2 --learner --peer-urls=\S+, then this command again\n/,
    );
  });

  test("that was removed with member remove is added as the hint says", async () => {
    const id = memberCalled("m2").id.toString(16);
    await memberCalled("m2").stop();
    await etcdctl("member", "remove", id);
    const lost = await replace("m2", "--peer-urls", newUrl);
    expect(lost.exit).toBe(128);
    const [, command = ""] =
      /if an earlier run has removed it: etcdctl (.*), then this command again/.exec(lost.stderr) ?? [];
    expect((await etcdctl(...command.split(" "))).exit).toBe(0);
    expect((await replace("m2", "--peer-urls", newUrl)).stdout).toContain('ETCD_NAME="m2"');
  });

  test("is not removed if another member does not respond either", async () => {
    const big = await startEmbeddedCluster({ size: 5 });
    const small = cluster;
    cluster = big;
    try {
      await Promise.all([memberCalled("m2").stop(), memberCalled("m3").stop()]);
      await expectRefused(
        ["m2", "--peer-urls", newUrl],
        "m3 does not respond either, and etcd then adds no member",
        "start it again; if it is lost, first: etcdctl member remove m3",
      );
    } finally {
      await big.stop();
      cluster = small;
    }
  });
});

describe("a live member", () => {
  test("stays until the new one votes", async () => {
    const { exit, stdout } = await replace("m2", "--peer-urls", newUrl, "--name", "n2");
    expect(exit).toBe(0);
    expect(stdout).not.toContain("removed");
    expect(stdout).toContain(`n2=${newUrl}`);
    expect(await members()).toEqual([
      ` ${newUrl} learner`,
      ...["m1 http://127.0.0.1:2380", "m2 http://127.0.0.1:2381", "m3 http://127.0.0.1:2382"],
    ]);
  });

  test.each([
    [["m2", "--peer-urls", newUrl], "the name m2 is in use", "a live member keeps its name"],
    [["m2", "--peer-urls", newUrl, "--name", "m1"], "the name m1 is in use", "a live member keeps its name"],
  ])("%j is refused", async (words, reason, hint) => {
    await expectRefused(words, reason, hint);
  });
});

test("is refused while the quorum is lost", async () => {
  await Promise.all([memberCalled("m2").stop(), memberCalled("m3").stop()]);
  const { exit, stderr } = await replace("m2", "--peer-urls", newUrl);
  expect(exit).toBe(1);
  expect(stderr).toMatch(/^Error: refused: 1 of 3 voters respond, and a change needs 2\n/);
});

test("is refused while there is another learner", async () => {
  await etcdctl("member", "add", "x", "--learner", "--peer-urls=http://10.0.0.8:2380");
  await expectRefused(["m2", "--peer-urls", newUrl, "--name", "n2"], "", "etcdctl member promote ");
});

test.each([
  [[], "member replace needs a member's name or ID"],
  [["m2"], "member peer urls not provided"],
])("%j is refused with exit code 128", async (words, message) => {
  expect(await replace(...words)).toMatchObject({
    exit: 128,
    stderr: expect.stringContaining(message) as string,
  });
});
