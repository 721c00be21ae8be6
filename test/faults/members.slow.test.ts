// A real cluster of three loses one member at a time, killed or stopped. put and get succeed within the command timeout for
// every order of the endpoints, and nothing is written twice.
import { createClient } from "../../src/client/client";
import { systemClock } from "../../src/clock";
import { openTransport } from "../../src/transport/open";
import { putRequest, rangeRequest } from "../support/requests";
import { describeWithEtcd, startEtcd } from "../support/real-etcd";
import { runMain } from "../support/run-main";
import type { Member, ServerGroup } from "../support/server-group";
import { until } from "../support/until";

const orders = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
] as const;

interface Fault {
  readonly name: string;
  strike(group: ServerGroup, member: Member): Promise<void>;
  heal(group: ServerGroup, member: Member): Promise<void>;
}

const faults: readonly Fault[] = [
  {
    name: "killed (-9)",
    strike: (group, member) => group.kill(member),
    heal: (group, member) => group.restart(member),
  },
  {
    name: "stopped (SIGSTOP)",
    strike: async (_, member) => member.child?.signal("SIGSTOP"),
    heal: async (_, member) => member.child?.signal("SIGCONT"),
  },
];

describeWithEtcd("3.5", "a cluster of three", () => {
  let group: ServerGroup;
  beforeAll(async () => {
    group = await startEtcd("3.5", { size: 3 });
  });
  afterAll(() => group.stop());

  async function etcdctl(endpoints: readonly string[], ...words: string[]): Promise<string> {
    const { exit, stdout, stderr } = await runMain(words, {
      env: { ETCDCTL_ENDPOINTS: endpoints.join(",") },
    });
    if (exit !== 0) throw new Error(`${words.join(" ")}: exit ${exit}: ${stderr}`);
    return stdout;
  }

  /** Waits until the other members have a leader that accepts writes. */
  const electLeader = (survivors: readonly string[]) =>
    until("the others have a leader", () => etcdctl(survivors, "put", "probe", "1"));

  const cases = faults.flatMap((fault) => [0, 1, 2].map((index) => ({ fault, index, name: fault.name })));

  test.each(cases)(
    "put and get succeed for every order of endpoints while member $index is $name",
    async ({ fault, index }) => {
      const member = group.members[index];
      if (!member) throw new Error(`no member ${index}`);
      await group.leader();
      await fault.strike(group, member);
      try {
        await electLeader(group.endpoints.filter((endpoint) => endpoint !== member.endpoint));
        for (const order of orders) {
          const endpoints = order.map((at) => group.endpoints[at] ?? "");
          const key = `${fault.name} ${index} ${order.join("")}`;
          expect(await etcdctl(endpoints, "put", key, "value")).toBe("OK\n");
          expect(await etcdctl(endpoints, "get", key, "-w", "fields")).toMatch(
            /"Version" : 1\n"Value" : "value"/,
          );
        }
      } finally {
        await fault.heal(group, member);
        await group.leader();
      }
    },
  );

  test("writes that are in flight when the leader is killed are applied once or not at all", async () => {
    const leader = await group.leader();
    const transport = await openTransport({ endpoints: group.endpoints, clock: systemClock });
    const client = createClient(transport);
    const failed = new Set<string>();
    let done = 0;
    const put = async (key: string) => {
      const request = putRequest(key, "value");
      await client.kv.put(request, { deadlineAt: Date.now() + 10_000 }).catch(() => failed.add(key));
      done++;
    };
    const keys = Array.from({ length: 600 }, (_, at) => `write-${String(at).padStart(3, "0")}`);
    const writer = async (mine: readonly string[]) => {
      for (const key of mine) await put(key);
    };
    const writers = Array.from({ length: 6 }, (_, at) => writer(keys.slice(at * 100, at * 100 + 100)));
    await until("some writes are done", () => done > 60);
    await group.kill(leader);
    await Promise.all(writers);

    const { kvs } = await client.kv.range(rangeRequest("write-", "write."));
    const versions = new Map(kvs.map((kv) => [Buffer.from(kv.key).toString(), kv.version]));
    for (const key of keys) {
      const version = versions.get(key) ?? 0n;
      // A failed write may have been applied, but never twice.
      expect([key, version]).toEqual([key, failed.has(key) && version === 0n ? 0n : 1n]);
    }
    await client.close();
    await group.restart(leader);
  });

  test("keep-alive works through the other members while the leader is stopped", async () => {
    const leader = await group.leader();
    const granted = await etcdctl(group.endpoints, "lease", "grant", "600");
    const id = /lease (\w+) granted/.exec(granted)?.[1] ?? "";
    leader.child?.signal("SIGSTOP");
    try {
      await electLeader(group.endpoints.filter((endpoint) => endpoint !== leader.endpoint));
      expect(await etcdctl(group.endpoints, "lease", "keep-alive", "--once", id)).toContain(
        "keepalived with TTL(600)",
      );
    } finally {
      leader.child?.signal("SIGCONT");
    }
  });
});
