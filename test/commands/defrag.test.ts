import { command as defrag } from "../../src/commands/defrag";
import { EtcdError, StatusCode } from "../../src/errors";
import { Member } from "../../src/proto/gen/etcdserverpb";
import type { Answers } from "../support/fake-transport";
import { runCommand } from "../support/run-command";
import { testIo } from "../support/test-io";

const late = () => {
  throw new EtcdError(StatusCode.DeadlineExceeded, "context deadline exceeded", true);
};
const withoutTimes = (text: string) => text.replaceAll(/took \S+?s\b/g, "took T");
const finished = (endpoint: string) => `Finished defragmenting etcd member[${endpoint}]. took T\n`;

test("defrag continues with the next endpoint after a failure", async () => {
  const endpoints = { a: { Defragment: () => ({}) }, b: { Defragment: late }, c: { Defragment: () => ({}) } };
  const { exitCode, stdout, stderr } = await runCommand(defrag, ["surplus"], { endpoints });
  expect(withoutTimes(stdout)).toBe(finished("a") + finished("c"));
  expect(withoutTimes(stderr)).toBe(
    "Failed to defragment etcd member[b]. took T. (context deadline exceeded)\n",
  );
  expect(exitCode).toBe(1);
});

describe("defrag --cluster", () => {
  interface FakeMember {
    readonly name: string;
    readonly isLearner?: boolean;
    /** Whether its linearizable reads succeed; called for each read. */
    readonly healthy?: (done: readonly string[]) => boolean;
  }

  /** Member number n has ID n + 1; its endpoint is its name. */
  async function run(members: readonly FakeMember[], leader: number) {
    const order: string[] = [];
    const list = members.map(({ name, isLearner = false }, at) => {
      return Member.create({ ID: BigInt(at + 1), name, isLearner, clientURLs: [name] });
    });
    const endpoints: Record<string, Answers> = {};
    for (const { name, healthy = () => true } of members) {
      endpoints[name] = {
        Range: () => (healthy(order) ? {} : late()),
        Defragment: () => (healthy(order) ? void order.push(name) : late()) ?? {},
      };
    }
    const answers: Answers = {
      MemberList: () => ({ members: list }),
      Status: () => ({ leader: BigInt(leader + 1) }),
    };
    let io = testIo();
    const options = { answers, endpoints, before: (made: typeof io) => (io = made) };
    const failure = await runCommand(defrag, ["--cluster"], options).then(
      ({ exitCode }) => exitCode,
      (error: unknown) => error,
    );
    return { order, failure, stdout: withoutTimes(io.stdout.text), stderr: withoutTimes(io.stderr.text) };
  }

  test("defragments the leader last and prints in the order of the members", async () => {
    const { order, stdout, failure } = await run([{ name: "a" }, { name: "b" }, { name: "c" }], 0);
    expect(order).toEqual(["b", "c", "a"]);
    expect(stdout).toBe(finished("a") + finished("b") + finished("c"));
    expect(failure).toBe(0);
  });

  test("defragments a cluster of one or two members, which has no safer way", async () => {
    expect((await run([{ name: "a" }], 0)).order).toEqual(["a"]);
    expect((await run([{ name: "a" }, { name: "b" }], 1)).order).toEqual(["a", "b"]);
  });

  test("stops before a member that the quorum needs, and lists the members left out", async () => {
    const down = () => false;
    const { order, failure, stdout, stderr } = await run(
      [{ name: "a" }, { name: "b", healthy: down }, { name: "c" }],
      0,
    );
    expect(order).toEqual([]);
    expect(stdout).toBe("");
    expect(stderr).toContain("Failed to defragment etcd member[b]");
    expect(failure).toMatchObject({
      exitCode: 1,
      message: "stopped before c: too few of the other members are healthy",
      hints: [
        "b (b) does not answer: context deadline exceeded",
        "not defragmented: a, c",
        "to defragment one member anyway: etcdctl defrag --endpoints=c",
      ],
    });
  });

  test("continues if one of five members fails, and reports the failure", async () => {
    const members = ["a", "b", "c", "d", "e"].map((name) => ({ name, healthy: () => name !== "b" }));
    const { order, failure, stderr } = await run(members, 0);
    expect(order).toEqual(["c", "d", "e", "a"]);
    expect(stderr).toContain("member[b]");
    expect(failure).toBe(1);
  });

  test("stops if a member does not come back after it was defragmented", async () => {
    const b = { name: "b", healthy: (done: readonly string[]) => !done.includes("b") };
    const members = [{ name: "a" }, b, { name: "c" }, { name: "d" }, { name: "e" }];
    const { order, failure } = await run(members, 0);
    expect(order).toEqual(["b"]);
    expect(failure).toMatchObject({ message: expect.stringContaining("stopped before") as string });
  });

  test("does not count a learner as a voter", async () => {
    const down = () => false;
    const { order } = await run([{ name: "a" }, { name: "l", isLearner: true, healthy: down }], 0);
    expect(order).toEqual(["a"]);
  });
});
