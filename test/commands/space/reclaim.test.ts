// space reclaim and defrag --plan on a pretended cluster, stopped at each step: by Ctrl-C, by a member that is down and by a
// member that fails. A second run finishes. The members share one database, so the first defragmentation frees it for all.
import { startEmbeddedCluster, type EmbeddedCluster } from "../../../src/index";
import { loadProgram, main } from "../../../src/cli/main";
import { command as reclaimCommand } from "../../../src/commands/space/reclaim";
import {
  AlarmRequest_AlarmAction,
  AlarmType,
  Member,
  ResponseHeader,
} from "../../../src/proto/gen/etcdserverpb";
import type { Answer, Answers } from "../../support/fake-transport";
import { runCommand } from "../../support/run-command";
import { runMain } from "../../support/run-main";
import { testIo } from "../../support/test-io";

const quotaBytes = 1_000_000n;
let cluster: EmbeddedCluster;

beforeEach(async () => {
  cluster = await startEmbeddedCluster({ size: 3, limits: { quotaBytes } });
  const client = cluster.leader?.client();
  // Fills the quota with old revisions of one key.
  const fill = async () => {
    for (;;) await client?.put("a", Buffer.alloc(150_000, "x"));
  };
  await expect(fill()).rejects.toThrow("mvcc: database space exceeded");
});
afterEach(() => cluster.stop());

const env = () => ({
  ETCDCTL_ENDPOINTS: cluster.endpoints.join(","),
  ETCDCTL_COMMAND_TIMEOUT: "30s",
});
const reclaim = (...words: string[]) => runMain(["space", "reclaim", ...words], { env: env() });

async function isWritable(): Promise<boolean> {
  const { exit, stderr } = await runMain(["put", "b", "1"], { env: env() });
  expect(exit === 0 || stderr.includes("database space exceeded")).toBe(true);
  return exit === 0;
}

const steps =
  /^compacted at revision \d+\ndefragmented m\d: .* are now .*\n(?:defragmented .*\n)*disarmed the alarm NOSPACE\ndone: no alarm NOSPACE, the largest database has .*\n$/m;

test("compacts, defragments with the leader last, and disarms", async () => {
  const { exit, stdout, stderr } = await reclaim("--min-free", "0");
  expect({ exit, stderr }).toEqual({ exit: 0, stderr: "" });
  expect(stdout).toMatch(steps);
  const order = Array.from(stdout.matchAll(/^defragmented (m\d)/gm), ([, name]) => name);
  expect(order).toHaveLength(3);
  expect(order[2]).toBe(cluster.leader?.name);
  expect(await isWritable()).toBe(true);
});

test("--dry-run shows the sizes and the steps and changes nothing", async () => {
  const { exit, stdout, stderr } = await reclaim("--dry-run");
  expect(exit).toBe(0);
  expect(stdout).toMatch(/^MEMBER +ENDPOINT +ROLE/);
  expect(stdout).toMatch(
    /^1\. compact at revision \d+: the history before it is lost\n2\. .*\n3\. disarm the alarm NOSPACE$/m,
  );
  expect(stderr).toBe("hint: this was a dry run, nothing has been changed\n");
  expect(await isWritable()).toBe(false);
  const { stdout: history } = await runMain(["history", "a", "--no-values"], { env: env() });
  expect(history.split("\n").length).toBeGreaterThan(3);
});

test("each step is an object in jsonl", async () => {
  const { stdout } = await reclaim("-w", "jsonl");
  const found = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as { step: string; disarmed?: number });
  expect(new Set(found.map(({ step }) => step))).toEqual(new Set(["plan", "compact", "defragment", "done"]));
  expect(found.at(-1)).toMatchObject({ step: "done", disarmed: 1 });
});

test("stops before it changes anything while a member is down, and says how to continue", async () => {
  const [, , third] = cluster.members;
  await third?.stop();
  const stopped = await reclaim("--command-timeout=3s");
  expect(stopped).toMatchObject({ exit: 1, stdout: "" });
  expect(stopped.stderr).toContain("Error: stopped: a member is not healthy\n");
  expect(stopped.stderr).toMatch(/hint: .*does not respond/);
  expect(stopped.stderr).toContain(
    "hint: nothing has been changed; when all members are healthy, run the same command",
  );
  await third?.restart();
  expect((await reclaim()).exit).toBe(0);
  expect(await isWritable()).toBe(true);
});

test("stops when a member cannot be defragmented; the next run continues", async () => {
  const fault = cluster.members[0]?.faults.fail({ methods: "maintenance.defragment", error: "timeout" });
  const stopped = await reclaim("--min-free", "0");
  expect(stopped.exit).toBe(1);
  expect(stopped.stdout).toContain("compacted at revision");
  expect(stopped.stdout).not.toContain("disarmed");
  expect(stopped.stderr).toContain(
    "Error: stopped: m1 could not be defragmented: etcdserver: request timed out\n",
  );
  expect(await isWritable()).toBe(false);
  fault?.clear();
  expect((await reclaim("--min-free", "0")).exit).toBe(0);
  expect(await isWritable()).toBe(true);
});

test.each(["1. compact at", "compacted at", "defragmented m", "disarmed the"])(
  "after Ctrl-C at %j, the next run finishes",
  async (text) => {
    const io = testIo({ env: env() });
    const write = io.stdout.write.bind(io.stdout);
    io.stdout.write = async (chunk) => {
      await write(chunk);
      if (Buffer.from(chunk).includes(text)) io.sendSignal("SIGINT");
    };
    expect(await main(["space", "reclaim"], io, await loadProgram("etcdctl"))).toBe(
      text.startsWith("disarmed") ? 0 : 130,
    );
    expect((await reclaim()).exit).toBe(0);
    expect(await isWritable()).toBe(true);
  },
);

test("--keep says at which revision it will compact, and waits", async () => {
  const { exit, stdout, stderr } = await reclaim("--keep", "1ms");
  expect(exit).toBe(0);
  const [, revision] = /1\. compact at revision (\d+) after 1ms/.exec(stdout) ?? [];
  expect(stderr).toBe(
    `hint: waiting 1ms, since no member knows when a revision was written; to continue sooner: --rev ${revision}\n`,
  );
  expect(stdout).toContain(`compacted at revision ${revision}\n`);
});

test("--rev keeps the history from that revision on", async () => {
  await reclaim("--rev", "4");
  const { stderr } = await runMain(["get", "a", "--rev", "3"], { env: env() });
  expect(stderr).toContain("required revision has been compacted");
  expect((await runMain(["get", "a", "--rev", "4", "--keys-only"], { env: env() })).exit).toBe(0);
});

test("leaves the alarm raised if the data itself fills the quota", async () => {
  const header = ResponseHeader.create({ memberId: 1n, revision: 7n });
  const answers: Answers = {
    MemberList: () => ({ header, members: [Member.create({ ID: 1n, name: "m1", clientURLs: ["m1"] })] }),
    Status: () => ({ header, leader: 1n, dbSize: 100n, dbSizeInUse: 99n, dbSizeQuota: 100n }),
    Alarm: () => ({ alarms: [{ memberID: 1n, alarm: AlarmType.NOSPACE }] }),
    Range: () => ({ header }),
    Compact: () => ({ header }),
    Defragment: () => ({ header }),
  };
  const methods: string[] = [];
  const seen = Object.fromEntries(
    Object.entries(answers).map(([name, answer]): [string, Answer] => [
      name,
      (request: { action?: number }, options) => {
        methods.push(`${name}${request.action === AlarmRequest_AlarmAction.DEACTIVATE ? " deactivate" : ""}`);
        return answer(request, options) as unknown;
      },
    ]),
  );
  await expect(
    runCommand(reclaimCommand, [], { answers: seen, endpoints: { m1: seen } }),
  ).rejects.toMatchObject({
    message: "stopped: the data of m1 still fills the quota",
    hints: [
      expect.stringContaining("delete keys"),
      expect.stringContaining("--quota-backend-bytes"),
    ] as string[],
  });
  expect(methods).toContain("Defragment");
  expect(methods).not.toContain("Alarm deactivate");
});

describe("defrag --plan", () => {
  const plan = (...words: string[]) => runMain(["defrag", "--plan", ...words], { env: env() });

  test("shows the members in their order, with the leader last, and defragments none", async () => {
    await runMain(["compaction", "current", "--physical"], { env: env() });
    const { exit, stdout } = await plan("--cluster");
    expect(exit).toBe(0);
    const rows = stdout.trimEnd().split("\n").slice(1);
    expect(rows.map((row) => row.replace(/ {2,}/g, " ").split(" ")[0])).toEqual(["1", "2", "3"]);
    expect(rows[2]).toContain(` ${cluster.leader?.name} `);
    const again = await plan("--cluster");
    expect(again.stdout).toBe(stdout);
  });

  test("--min-free leaves members out, and says so", async () => {
    const { stdout } = await plan("--cluster", "--min-free", "99", "-w", "jsonl");
    const rows = stdout.trimEnd().split("\n");
    expect(rows.map((row) => (JSON.parse(row) as { action: string }).action)).toEqual([
      "skip",
      "skip",
      "skip",
    ]);
    const { exit, stdout: lines } = await runMain(["defrag", "--min-free", "99"], { env: env() });
    expect(exit).toBe(0);
    expect(lines.match(/^Skipped etcd member\[.*\]\. \d+% of its database is free$/gm)).toHaveLength(3);
  });

  test("a member that does not respond is in the plan, and the exit code is 1", async () => {
    await cluster.members[1]?.stop();
    const { exit, stdout } = await plan("--cluster", "--command-timeout=3s");
    expect(exit).toBe(1);
    expect(stdout).toMatch(/^- .*no response$/m);
  });
});

test.each([
  [["space", "reclaim", "x"], "space reclaim takes no arguments"],
  [["space", "reclaim", "--keep", "1m", "--rev", "5"], "--rev and --keep cannot be set at the same time"],
  [["space", "reclaim", "--min-free", "200"], "--min-free is a percentage"],
  [["defrag", "--min-free", "101"], "--min-free is a percentage"],
])("%j is refused", async (words, message) => {
  expect(await runMain(words)).toMatchObject({
    exit: 128,
    stderr: expect.stringContaining(message) as string,
  });
});
