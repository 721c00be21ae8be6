// `get --at TIME` and `diff @TIME`: the revision at a time, found by the renew times of Kubernetes leases in a real store.
import { startEmbeddedServer, type EmbeddedServer } from "../../src/index";
import { encodeStored } from "../../src/kubernetes/stored";
import { parseTime } from "../../src/commands/revision-at";
import { systemClock } from "../../src/clock";
import { runMain } from "../support/run-main";

const start = Date.parse("2026-11-27T20:00:00Z");
const iso = (seconds: number) => new Date(start + seconds * 1000).toISOString();

let server: EmbeddedServer;
afterEach(() => server.stop());

function lease(renewTime: string | undefined, encoding: "protobuf" | "json" = "protobuf"): Uint8Array {
  const object = {
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    metadata: { name: "node", namespace: "kube-node-lease" },
    spec: { holderIdentity: "node", ...(renewTime !== undefined && { renewTime }) },
  };
  return encodeStored(object, encoding);
}

const put = async (key: string, value: string | Uint8Array) => {
  const { revision } = (await server.client().kv.put({ key, value })).header ?? {};
  return revision as bigint;
};
const renew = (seconds: number, node = "a", encoding?: "protobuf" | "json") =>
  put(`/registry/leases/kube-node-lease/${node}`, lease(iso(seconds).replace("Z", "000Z"), encoding));

/** Two nodes renew every ten seconds, one after the other, and the key counts up in between. */
async function history(rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    await renew(round * 10, "a");
    await put("count", String(2 * round));
    await renew(round * 10 + 5, "b", "json");
    await put("count", String(2 * round + 1));
  }
}

const etcdctl = (words: readonly string[], nowSeconds = 1000) =>
  runMain(words, {
    env: { ETCDCTL_ENDPOINTS: server.endpoint },
    clock: { ...systemClock, now: () => start + nowSeconds * 1000 },
  });

const count = ["get", "count", "--print-value-only", "--at"];

describe("get --at", () => {
  beforeEach(async () => {
    server = await startEmbeddedServer({ keys: { first: "1" } });
  });

  test("reads the last revision that was written at or before the time", async () => {
    await history(20);
    const { exit, stdout, stderr } = await etcdctl([...count, iso(57)]);
    // At 55 s node b renewed, when the count was 10.
    expect({ exit, stdout }).toEqual({ exit: 0, stdout: "10\n" });
    expect(stderr).toMatch(
      new RegExp(
        `^hint: --at ${iso(57)}: revision \\d+, written at ${iso(55)} by the clocks of the nodes, and the next known time is ${iso(60)}\n$`,
      ),
    );
    for (const [time, value] of [
      [iso(60), "11"],
      [iso(64.9), "11"],
      [iso(65), "12"],
      ["2026-11-27T21:01:05+01:00", "12"],
    ] as const) {
      expect((await etcdctl([...count, time])).stdout).toBe(`${value}\n`);
    }
  });

  test("takes a duration before now, and a time shortly after the last lease", async () => {
    await history(20);
    expect((await etcdctl([...count, "2m30s"], 250)).stdout).toBe("19\n");
    expect((await etcdctl([...count, "5s"], 240)).stdout).toBe("38\n");
  });

  test("finds leases of other holders whose clock is slow, and other writes between them", async () => {
    for (let at = 0; at < 300; at += 10) {
      await renew(at, "a");
      await renew(at - 7, "slow");
      for (let i = 0; i < 5; i++) await put("count", String(at));
    }
    expect((await etcdctl([...count, iso(123)])).stdout).toBe("110\n");
  });

  test("and --rev, the future, and other texts are refused", async () => {
    for (const [words, message] of [
      [
        ["get", "a", "--at", "1m", "--rev", "3"],
        "`--at` and `--rev` cannot be set at the same time, choose one",
      ],
      [["get", "a", "--at", iso(2000)], `${iso(2000)} is in the future`],
      [["get", "a", "--at", "-5m"], "-5m is in the future"],
      [["get", "a", "--at", "noon"], "noon is no time"],
      [["get", "a", "--at", "2026-13-45"], "2026-13-45 is no time"],
    ] as const) {
      const { exit, stderr } = await etcdctl(words);
      expect({ exit, stderr }).toEqual({ exit: 128, stderr: expect.stringMatching(`^Error: ${message}\n`) });
    }
  });

  test("says why where the revision cannot be found out", async () => {
    const reason = async (...words: string[]) => {
      const { exit, stderr } = await etcdctl([...count, ...words]);
      expect(exit).toBe(1);
      return stderr.replace(/^Error: the revision at that time cannot be found: /, "").split("\n")[0];
    };
    expect(await reason("1m")).toBe(
      "no key is below /registry/leases/, where a Kubernetes keeps the times that are needed",
    );
    await put("/registry/leases/kube-node-lease/a", lease(undefined));
    expect(await reason("1m")).toBe("the leases below /registry/leases/ have no time that can be read");
    await put("/registry/leases/kube-node-lease/a", Buffer.from("k8s:enc:aescbc:v1:key1:xyz"));
    expect(await reason("1m")).toBe("the leases below /registry/leases/ are encrypted");
    await renew(10);
    expect(await reason("1m")).toBe(
      `the last lease was written at ${iso(10)}, and later changes have no known time`,
    );
  });

  test("names the begin of the history when the time is before a compaction", async () => {
    await history(20);
    const revision = await renew(200);
    await server.client().kv.compact({ revision: revision - 20n });
    const { exit, stdout, stderr } = await etcdctl([...count, iso(30)]);
    expect({ exit, stdout }).toEqual({ exit: 1, stdout: "" });
    expect(stderr).toMatch(
      /^Error: the revision at that time cannot be found: the history begins at revision \d+, written at 2026-11-27T20:02:[0-9.:]+Z\nhint: what is older is compacted/,
    );
    expect((await etcdctl([...count, iso(180)])).stdout).toBe("35\n");
  });
});

const event = (seconds: number) => ({
  apiVersion: "v1",
  kind: "Event",
  metadata: { name: "e", namespace: "default" },
  involvedObject: {},
  lastTimestamp: iso(seconds),
});

test("without leases that can be read, the times of events count", async () => {
  server = await startEmbeddedServer();
  await put("/registry/leases/kube-node-lease/a", Buffer.from("k8s:enc:aescbc:v1:key1:xyz"));
  for (let at = 0; at < 100; at += 10) {
    await put(`/registry/events/default/e${at % 30}`, encodeStored(event(at)));
    await put("count", String(at));
  }
  // The event of 50 s was written before the count.
  expect((await etcdctl([...count, iso(57)])).stdout).toBe("40\n");
  expect((await etcdctl([...count, "1m"])).stderr).toContain(
    `the last event was written at ${iso(90)}, and later changes have no known time`,
  );
});

test("the leases are found under any storage prefix", async () => {
  server = await startEmbeddedServer();
  await put("/clusters/one/namespaces/default", "x");
  for (let at = 0; at < 100; at += 10) {
    await put("/clusters/one/leases/kube-node-lease/a", lease(iso(at)));
    await put("count", String(at));
  }
  expect((await etcdctl([...count, iso(57)])).stdout).toBe("40\n");
});

describe("history --since", () => {
  const since = (time: string, nowSeconds?: number) =>
    etcdctl(["history", "count", "--no-values", "--since", time], nowSeconds);
  const revisions = (stdout: string) =>
    Array.from(stdout.matchAll(/^revision (\d+)/gm), ([, it]) => Number(it));

  beforeEach(async () => {
    server = await startEmbeddedServer();
    await history(20);
  });

  test("shows what changed after the time", async () => {
    const { exit, stdout, stderr } = await since(iso(180));
    expect(exit).toBe(0);
    // Revision 74 renewed the lease at 180 s.
    expect(stderr).toMatch(/^hint: --since \S+: revision 74, written at /);
    expect(revisions(stdout)).toEqual([75, 77, 79, 81]);
    expect(revisions((await since("20s", 200)).stdout)).toEqual([75, 77, 79, 81]);
  });

  test("begins with what a compaction left", async () => {
    await server.client().kv.compact({ revision: 76n, physical: true });
    const { exit, stdout, stderr } = await since(iso(30));
    expect(exit).toBe(0);
    expect(stderr).toMatch(
      /^hint: --since \S+: the history begins later, at revision 76, written at 2026-11-27T20:03:05/,
    );
    expect(revisions(stdout)).toEqual([77, 79, 81]);
  });

  test("says when nothing has changed", async () => {
    const { exit, stderr } = await since(iso(195));
    expect(exit).toBe(0);
    await renew(200);
    const later = await since(iso(200));
    expect({ exit: later.exit, stdout: later.stdout }).toEqual({ exit: 1, stdout: "" });
    expect(later.stderr).toContain(`Error: no change of "count" since ${iso(200)}\n`);
    expect(stderr).toContain("hint: --since");
  });
});

test("a date without an hour begins at midnight of this host", () => {
  expect(parseTime("2026-01-02", start)).toBe(new Date(2026, 0, 2).getTime());
});

test("diff takes a time in place of a revision", async () => {
  server = await startEmbeddedServer();
  await history(20);
  const { exit, stdout, stderr } = await etcdctl(["diff", `@${iso(57)}`, "@latest", "count", "--values"]);
  expect({ exit, stdout }).toEqual({ exit: 1, stdout: "~ count\n    -10\n    +39\n" });
  expect(stderr).toContain(`hint: @${iso(57)}: revision `);
  expect((await etcdctl(["diff", "@noon", "@latest"])).exit).toBe(2);
});
