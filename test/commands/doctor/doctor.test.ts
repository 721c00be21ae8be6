// doctor on the embedded server and on a pretended cluster. Latency and clock are left out: a busy test machine is slow.
import { rmSync } from "node:fs";
import { startEmbeddedCluster, startEmbeddedServer } from "../../../src/index";
import { runMain } from "../../support/run-main";
import { until } from "../../support/until";
import { workFolder } from "../../support/work-folder";

interface Page {
  readonly status: string;
  readonly members: readonly Record<string, unknown>[];
  readonly checks: readonly {
    check: string;
    status: string;
    member?: string;
    finding: string;
    next: string[];
  }[];
}

const folder = workFolder();

async function doctor(endpoints: readonly string[], ...words: string[]) {
  const ran = await runMain(["doctor", "-w", "json", "--skip", "latency,clock", ...words], {
    env: { ETCDCTL_ENDPOINTS: endpoints.join(","), ETCDCTL_COMMAND_TIMEOUT: "60s" },
  });
  return { ...ran, page: ran.stdout === "" ? undefined : (JSON.parse(ran.stdout) as Page) };
}

function checked(page: Page | undefined, check: string) {
  return (page?.checks ?? []).filter((each) => each.check === check);
}

test("a healthy server is ok, with exit code 0", async () => {
  await using server = await startEmbeddedServer({ keys: { a: "1" } });
  const { exit, page, stderr } = await doctor([server.endpoint]);
  expect({ exit, stderr, status: page?.status }).toEqual({ exit: 0, stderr: "", status: "ok" });
  expect(page?.members).toEqual([
    expect.objectContaining({ name: "default", version: "3.7.1", role: "leader", revision: 2 }),
  ]);
  expect(page?.members[0]?.["clock_offset_ms"]).toHaveLength(2);
  expect([...checked(page, "latency"), ...checked(page, "clock")]).toEqual([]);
});

test("each readable format has the findings, and the others are refused", async () => {
  await using server = await startEmbeddedServer();
  const run = (format: string) =>
    runMain(["doctor", "-w", format, "--skip", "latency"], { env: { ETCDCTL_ENDPOINTS: server.endpoint } });
  expect((await run("simple")).stdout).toMatch(/^ok +alarms +no alarm$/m);
  expect((await run("table")).stdout).toMatch(/│ +alarms │ +ok │ +no alarm │/);
  expect((await run("yaml")).stdout).toMatch(/^ {2}- check: alarms\n {4}status: ok\n {4}finding: no alarm$/m);
  expect((await run("jsonl")).stdout.trimEnd().split("\n")).toHaveLength(1);
  expect(await run("fields")).toMatchObject({
    exit: 4,
    stderr: expect.stringContaining("doctor prints") as string,
  });
});

test("a member that is down makes it bad, with exit code 2; the others are still examined", async () => {
  const cluster = await startEmbeddedCluster({ size: 3 });
  try {
    const down = cluster.members.find(({ isLeader }) => !isLeader);
    const alive = cluster.members.filter((each) => each !== down);
    await down?.stop();
    const { exit, page } = await doctor(
      alive.map(({ endpoint }) => endpoint),
      "--command-timeout=3s",
    );
    expect(exit).toBe(2);
    expect(checked(page, "members")).toEqual([
      expect.objectContaining({
        status: "bad",
        member: down?.name,
        next: expect.arrayContaining([expect.stringContaining(`member replace ${down?.name}`)]) as string[],
      }),
    ]);
    for (const { name } of alive) {
      expect(page?.members).toContainEqual(expect.objectContaining({ name, responds: true }));
    }
    expect(checked(page, "leader")).toEqual([expect.objectContaining({ status: "ok" })]);
  } finally {
    await cluster.stop();
  }
});

test("another server at the address of a member is not taken for it", async () => {
  const cluster = await startEmbeddedCluster({ size: 3 });
  try {
    const down = cluster.members.find(({ isLeader }) => !isLeader);
    const alive = cluster.members.filter((each) => each !== down);
    await down?.stop();
    await using other = await startEmbeddedServer({ listenClientUrls: [down?.endpoint ?? ""] });
    const stranger = expect.stringMatching(/member [0-9a-f]+ of cluster [0-9a-f]+ responds there$/) as string;
    const missing = expect.objectContaining({
      status: "bad",
      member: down?.name,
      finding: stranger,
    }) as object;

    const asked = await doctor(alive.map(({ endpoint }) => endpoint));
    expect(asked.exit).toBe(2);
    expect(checked(asked.page, "members")).toEqual([missing]);

    const named = await doctor(cluster.members.map(({ endpoint }) => endpoint));
    expect(checked(named.page, "members")).toEqual([
      missing,
      expect.objectContaining({
        status: "bad",
        finding: expect.stringContaining(`${other.endpoint} leads to another cluster`) as string,
      }),
    ]);
  } finally {
    await cluster.stop();
  }
});

test("without a quorum it says so, and which members know no leader", async () => {
  const cluster = await startEmbeddedCluster({ size: 3, requestTimeoutMs: 50 });
  try {
    const [first, ...others] = cluster.members;
    await Promise.all(others.map((member) => member.stop()));
    const { exit, page } = await doctor([first?.endpoint ?? ""], "--command-timeout=3s");
    expect(exit).toBe(2);
    expect(checked(page, "members")[0]?.finding).toMatch(/^1 of 3 voters respond, and the quorum is 2/);
    expect(checked(page, "leader")[0]?.finding).toBe("no member leads the cluster");
  } finally {
    await cluster.stop();
  }
});

test("a cluster that does not respond is bad, with the reason", async () => {
  const { exit, stderr } = await doctor(["127.0.0.1:1"], "--command-timeout=1s");
  expect(exit).toBe(2);
  expect(stderr).toContain("connection refused");
});

test("the dates of certificates are those of the server and of our own files", async () => {
  await using server = await startEmbeddedServer({ tls: true });
  const { clientTls } = server.certificates;
  const { page, stderr } = await doctor(
    [server.endpoint],
    ...["--cacert", clientTls.cacert ?? "", "--cert", clientTls.cert ?? "", "--key", clientTls.key ?? ""],
  );
  expect(stderr).toBe("");
  const ends = Date.parse(String(page?.members[0]?.["certificate_ends"]));
  expect(ends).toBeGreaterThan(Date.now());
  // They end in 30 days or a moment less, which is a warning.
  const date = new Date(ends).toISOString().slice(0, 10);
  const text = checked(page, "certificates").map(({ finding }) => finding);
  for (const what of ["its certificate", "client.pem", "ca.pem"]) {
    expect(text).toContainEqual(expect.stringMatching(new RegExp(`${what}.* ends on ${date}$`)));
  }
});

test("what a user may not ask is unknown, with exit code 3", async () => {
  const cluster = await startEmbeddedCluster({
    size: 3,
    auth: { users: { root: "r", bob: "b" }, roles: { r: [] } },
  });
  try {
    const { exit, page } = await doctor(
      cluster.members.map(({ endpoint }) => endpoint),
      ...["--user", "bob:b"],
    );
    const refused = { status: "unknown", finding: expect.stringContaining("the role root") as string };
    expect(checked(page, "hashes")).toEqual(
      cluster.members.map(() => expect.objectContaining(refused) as object),
    );
    expect(exit).toBe(3);
  } finally {
    await cluster.stop();
  }
});

test("--offline examines the data of one member", async () => {
  const env = { ETCDCTL_OFFLINE: `${folder()}/data` };
  await runMain(["put", "a", "1"], { env });
  const { exit, stdout } = await runMain(["doctor", "-w", "json"], { env });
  rmSync(`${folder()}/data`, { recursive: true });
  expect(exit).toBe(0);
  expect((JSON.parse(stdout) as Page).checks.map(({ check }) => check)).toEqual([
    ...["members", "revisions", "space", "alarms"],
  ]);
});

test("--watch repeats until Ctrl-C, and clears a terminal before each page", async () => {
  await using server = await startEmbeddedServer();
  const words = ["doctor", "--watch=1ms", "--skip", "latency", "--endpoints", server.endpoint];
  const { testIo } = await import("../../support/test-io");
  const { main, loadProgram } = await import("../../../src/cli/main");
  const io = testIo({ terminal: true });
  const ended = main(words, io, await loadProgram("etcdctl"));
  await until("three pages", () => io.stdout.text.split("\x1b[H\x1b[2Jcluster ").length > 3);
  io.sendSignal("SIGINT");
  expect(await ended).toBe(130);
});

test.each([
  [["doctor", "--watch", "5s"], "write --watch=5s"],
  [["doctor", "--skip", "hash"], "choose members, leader"],
])("%j is refused with exit code 128 and a hint", async (words, hint) => {
  const { exit, stderr } = await runMain(words);
  expect(exit).toBe(128);
  expect(stderr).toContain(`hint: ${hint}`);
});
