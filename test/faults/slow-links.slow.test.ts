// Leases, locks, elections and watches over slow links and through `etcd grpc-proxy`, before a real etcd. The cases run at
// the same time, because each of them lasts longer than a TTL.
import { etcdctl, startEtcdctl } from "../support/etcdctl";
import { Child } from "../support/child";
import { freePorts } from "../support/ports";
import { describeWithEtcd, etcdPrograms, startEtcd } from "../support/real-etcd";
import { startRelay, type Relay, type RelayOptions } from "../support/relay";
import { seeded } from "../support/seeded";
import type { ServerGroup } from "../support/server-group";
import { until } from "../support/until";

let group: ServerGroup;
const relays: Relay[] = [];

async function relayed(options: RelayOptions = {}): Promise<Relay> {
  const relay = await startRelay(group.members[0]?.port ?? 0, options);
  relays.push(relay);
  return relay;
}

async function grant(ttlSeconds: number): Promise<string> {
  const { stdout } = await etcdctl(["lease", "grant", `${ttlSeconds}`], {
    endpoint: group.endpoints[0] ?? "",
  });
  return /lease (\w+) /.exec(stdout)?.[1] ?? "";
}

/** Starts the program, and stops it with Ctrl-C when it has printed the text often enough. */
async function untilPrinted(words: readonly string[], endpoint: string, text: string, times = 1) {
  const child = startEtcdctl(words, { endpoint });
  await child.printed("stdout", text, times);
  child.signal("SIGINT");
  const { stderr } = await child.ended;
  return stderr.toString();
}

const random = seeded(3);
const slowLocks: readonly [ttlSeconds: number, link: string, delayMs: () => number][] = [
  [2, "50 ms", () => 50],
  [2, "400 ms", () => 400],
  [3, "400 ms", () => 400],
  [5, "100 to 700 ms", () => 100 + random(600)],
  [5, "1 s", () => 1000],
  [10, "2 s", () => 2000],
];

async function holdLock(name: string, [ttl, link, delayMs]: (typeof slowLocks)[number]) {
  const { endpoint } = await relayed({ delayMs });
  const words = ["lock", "--ttl", `${ttl}`, name, "--", "sh", "-c", "sleep 9; echo done"];
  return [ttl, link, await etcdctl(words, { endpoint })];
}

async function holdLockWhileStreamStalls() {
  const used = await relayed();
  // The slower one is not ready yet when the stream opens.
  const spare = await relayed({ delayMs: () => 600 });
  const words = ["lock", "--ttl", "8", "stalled", "--", "sh", "-c", "echo held; sleep 14; echo done"];
  const child = startEtcdctl(words, { endpoint: `${used.endpoint},${spare.endpoint}` });
  await child.printed("stdout", "held");
  used.stall();
  const { exit, stdout, stderr } = await child.ended;
  return { exit, stdout: stdout.toString(), stderr: stderr.toString() };
}

/** elect, lease keep-alive and a watch that asks for its progress. */
async function useSlowLink() {
  const { endpoint } = await relayed({ delayMs: () => 1000 });
  const watching = startEtcdctl(["watch", "-i"], { endpoint, inputOpen: true });
  watching.write("watch k\nprogress\n");
  const outcomes = await Promise.all([
    untilPrinted(["elect", "slow", "me"], endpoint, "me\n"),
    untilPrinted(["lease", "keep-alive", await grant(5)], endpoint, "keepalived with TTL(5)", 7),
    watching.printed("stdout", "progress notify:"),
  ]);
  watching.signal("SIGINT");
  await watching.ended;
  return outcomes;
}

describeWithEtcd("3.5", "on a slow link to etcd", () => {
  beforeAll(async () => {
    group = await startEtcd("3.5");
  });
  afterAll(async () => {
    for (const relay of relays) await relay.close();
    await group.stop();
  });

  test("locks, elections, leases and the progress of a watch work, also when a stream stalls", async () => {
    const kept = { exit: 0, stdout: "done\n", stderr: "" };
    const outcomes = await Promise.all([
      Promise.all(slowLocks.map((slowLock, i) => holdLock(`slow${i}`, slowLock))),
      holdLockWhileStreamStalls(),
      useSlowLink(),
    ]);
    expect(outcomes).toEqual([
      slowLocks.map(([ttl, link]) => [ttl, link, kept]),
      { exit: 0, stdout: "held\ndone\n", stderr: "" },
      ["", "", undefined],
    ]);
  });

  describe("through etcd grpc-proxy", () => {
    let proxy: Child;
    let endpoint: string;
    beforeAll(async () => {
      const [port] = await freePorts(1);
      endpoint = `127.0.0.1:${port}`;
      // The proxy also dials the advertised address, and ends when nothing listens there.
      const addresses = ["--listen-addr", endpoint, "--advertise-client-url", endpoint];
      const flags = ["--endpoints", group.endpoints.join(","), ...addresses];
      proxy = new Child([etcdPrograms("3.5").etcd, "grpc-proxy", "start", ...flags], { cwd: group.workDir });
      await until("the proxy answers", async () => (await etcdctl(["get", "a"], { endpoint })).exit === 0);
    });
    afterAll(async () => {
      proxy.signal("SIGKILL");
      await proxy.ended;
    });

    test("lease keep-alive, lock, elect and watch work", async () => {
      const watching = untilPrinted(["watch", "w"], endpoint, "PUT\nw\n1\n");
      const [lease, kept] = [await grant(30), await grant(3)];
      let isSeen = false;
      const seen = watching.finally(() => (isSeen = true));
      expect(await etcdctl(["lease", "keep-alive", "--once", lease], { endpoint })).toEqual({
        ...{ exit: 0, stdout: `lease ${lease} keepalived with TTL(30)\n`, stderr: "" },
      });
      const [locked, ...others] = await Promise.all([
        etcdctl(["lock", "--ttl", "3", "proxied", "--", "sh", "-c", "sleep 5; echo done"], { endpoint }),
        untilPrinted(["lease", "keep-alive", kept], endpoint, "keepalived with TTL(3)", 5),
        untilPrinted(["elect", "proxied", "me"], endpoint, "me\n"),
        seen,
        until("the watch has seen a put", async () => {
          await etcdctl(["put", "w", "1"], { endpoint });
          return isSeen;
        }),
      ]);
      expect(locked).toEqual({ exit: 0, stdout: "done\n", stderr: "" });
      expect(others).toEqual(["", "", "", true]);
    });
  });
});
