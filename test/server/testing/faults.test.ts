// Faults that a test asks the server for: which calls they concern, what the client sees, and when they end.
import {
  connect,
  startEmbeddedServer,
  StatusCode,
  type EmbeddedServer,
  type EtcdClient,
} from "../../../src/index";
import { until } from "../../support/until";

let server: EmbeddedServer;
beforeAll(async () => (server = await startEmbeddedServer()));
beforeEach(() => server.reset({ keys: { a: "1" } }));
afterAll(() => server.stop());

const untyped = (value: unknown) => value as never;
const put = (client: EtcdClient, value = "2") => client.kv.put({ key: "a", value });

const clients: [string, () => Promise<EtcdClient>][] = [
  ["in process", () => Promise.resolve(server.client())],
  ["over gRPC", () => connect({ endpoints: [server.endpoint] })],
];

async function withClient(open: () => Promise<EtcdClient>, use: (client: EtcdClient) => Promise<void>) {
  const client = await open();
  try {
    await use(client);
  } finally {
    await client.close();
  }
}

/** Reads the responses of a watch until it ends. Resolves to what came, and the error. */
function readWatch(client: EtcdClient, requireLeader = false) {
  let created!: () => void;
  const isCreated = new Promise<void>((resolve) => (created = resolve));
  const seen: { canceled: boolean; compactRevision: bigint; events: unknown[] }[] = [];
  async function* requests() {
    yield { requestUnion: { case: "createRequest", value: { key: "a" } } } as const;
    await new Promise(() => undefined);
  }
  async function read() {
    try {
      for await (const response of client.watch.watch(requests(), { requireLeader })) {
        if (response.created) created();
        else seen.push(response);
      }
    } catch (error) {
      created();
      return { seen, error };
    }
    return { seen, error: undefined };
  }
  return { ended: read(), isCreated, seen };
}

test.each(clients)("fail concerns the chosen methods, and ends after its count: %s", async (_name, open) => {
  await withClient(open, async (client) => {
    const fault = server.faults.fail({ methods: "kv.put", error: "timeout", count: 2 });
    for (let i = 0; i < 2; i++)
      await expect(put(client)).rejects.toMatchObject({ desc: "etcdserver: request timed out" });
    await client.kv.range({ key: "a" });
    await put(client);
    expect(fault.hits).toBe(2);
    expect(server.dump()).toEqual({ a: "2" });
  });
});

test.each(clients)("with after, the call is carried out and fails all the same: %s", async (_name, open) => {
  await withClient(open, async (client) => {
    server.faults.fail({
      methods: "kv",
      error: { code: StatusCode.Internal, message: "oh" },
      when: "after",
      count: 1,
    });
    await expect(put(client)).rejects.toMatchObject({ code: StatusCode.Internal, desc: "oh" });
    server.faults.dropConnections({ methods: "kv.put", when: "after", count: 1 });
    await expect(put(client, "3")).rejects.toMatchObject({ code: StatusCode.Unavailable });
    expect(server.dump()).toEqual({ a: "3" });
  });
});

test.each(clients)("delay waits on the server's clock, and forMs ends a fault: %s", async (_name, open) => {
  await withClient(open, async (client) => {
    server.faults.delay({ methods: "kv.put", ms: 3_600_000 });
    const late = put(client);
    while (server.requests.of("kv.put").length === 0) await new Promise(setImmediate);
    expect(server.dump()).toEqual({ a: "1" });
    server.clock.advance(3_600_000);
    await late;
    server.faults.clear();
    server.faults.fail({ error: "leaderChanged", forMs: 5000 });
    await expect(put(client)).rejects.toMatchObject({ desc: "etcdserver: leader changed" });
    server.clock.advance(5000);
    await put(client);
  });
});

test("a call leaves its delay when the client cancels it", async () => {
  server.faults.delay({ ms: 3_600_000 });
  await expect(server.client().kv.range({ key: "a" }, { timeoutMs: 10 })).rejects.toMatchObject({
    code: StatusCode.DeadlineExceeded,
  });
});

test("dropConnections closes connections, once or for chosen calls", async () => {
  await withClient(
    () => connect({ endpoints: [server.endpoint] }),
    async (client) => {
      const watch = readWatch(client);
      await watch.isCreated;
      server.faults.dropConnections();
      expect((await watch.ended).error).toMatchObject({ code: StatusCode.Unavailable });
      await client.kv.range({ key: "a" });
      const fault = server.faults.dropConnections({ methods: "kv.put" });
      await expect(put(client)).rejects.toMatchObject({ code: StatusCode.Unavailable });
      fault.clear();
      await put(client);
      expect(server.dump()).toEqual({ a: "2" });
    },
  );
});

test.each(clients)(
  "cutWatches ends streams of watches, and further ones as often as wanted: %s",
  async (_name, open) => {
    await withClient(open, async (client) => {
      const first = readWatch(client);
      await first.isCreated;
      expect(server.faults.cutWatches().hits).toBe(1);
      expect(await first.ended).toMatchObject({ seen: [], error: { code: StatusCode.Unavailable } });
      server.faults.cutWatches({ count: 1 });
      expect(await readWatch(client).ended).toMatchObject({ error: { code: StatusCode.Unavailable } });
      const third = readWatch(client);
      await third.isCreated;
      server.faults.cutWatches();
      await third.ended;
    });
  },
);

test.each(clients)("compact cancels watches with their compacted revision: %s", async (_name, open) => {
  await withClient(open, async (client) => {
    await put(client);
    const watch = readWatch(client);
    await watch.isCreated;
    await server.faults.compact();
    expect((await watch.ended).seen).toMatchObject([{ canceled: true, compactRevision: 3n }]);
    await expect(client.kv.range({ key: "a", revision: 2 })).rejects.toMatchObject({
      code: StatusCode.OutOfRange,
    });
    await server.faults.compact();
  });
});

test("compact works with authentication on", async () => {
  await using secured = await startEmbeddedServer({ auth: { users: { root: "r" } }, keys: { a: "1" } });
  const root = await secured.login("root", "r");
  await put(root);
  await secured.faults.compact();
  await expect(root.kv.range({ key: "a", revision: 2 })).rejects.toMatchObject({
    code: StatusCode.OutOfRange,
  });
});

test.each(clients)(
  "noLeader leaves serializable reads, and ends streams that require a leader: %s",
  async (_name, open) => {
    await withClient(open, async (client) => {
      const strict = readWatch(client, true);
      const lenient = readWatch(client);
      await Promise.all([strict.isCreated, lenient.isCreated]);
      const fault = server.faults.noLeader();
      const noLeader = { desc: "etcdserver: no leader", code: StatusCode.Unavailable };
      await expect(put(client)).rejects.toMatchObject(noLeader);
      expect((await client.kv.range({ key: "a", serializable: true })).count).toBe(1n);
      expect(
        (
          await client.kv.txn({
            success: [{ request: { case: "requestRange", value: { key: "a", serializable: true } } }],
          })
        ).succeeded,
      ).toBe(true);
      await expect(client.kv.range({ key: "a" }, { timeoutMs: 100 })).rejects.toThrow();
      expect((await strict.ended).error).toMatchObject(noLeader);
      fault.clear();
      await put(client);
      await until("an event", () => lenient.seen.length > 0);
      expect(lenient.seen).toMatchObject([{ events: [{ kv: { modRevision: 3n } }] }]);
      server.faults.cutWatches();
      await lenient.ended;
    });
  },
);

test("noLeader ends the streams of the chosen methods that require a leader, unless it is for a number of calls", async () => {
  const client = server.client();
  const watch = readWatch(client, true);
  await watch.isCreated;
  server.faults.noLeader({ methods: "kv" });
  server.faults.noLeader({ methods: "watch", count: 1 });
  server.faults.clear();
  await put(client);
  await until("an event", () => watch.seen.length > 0);
  server.faults.noLeader({ methods: "watch" });
  expect((await watch.ended).error).toMatchObject({ desc: "etcdserver: no leader" });
});

test("quotaFull refuses what needs space, and nothing else", async () => {
  const client = server.client();
  server.faults.quotaFull();
  const noSpace = { desc: "etcdserver: mvcc: database space exceeded", code: StatusCode.ResourceExhausted };
  await expect(put(client)).rejects.toMatchObject(noSpace);
  await expect(client.lease.leaseGrant({ TTL: 10 })).rejects.toMatchObject(noSpace);
  await expect(
    client.kv.txn({ success: [{ request: { case: "requestPut", value: { key: "b" } } }] }),
  ).rejects.toMatchObject(noSpace);
  await client.kv.txn({ success: [{ request: { case: "requestDeleteRange", value: { key: "b" } } }] });
  await client.kv.deleteRange({ key: "a" });
  expect(server.dump()).toEqual({});
});

test("faults concern the JSON gateway too", async () => {
  server.faults.fail({ methods: "kv.range", error: "timeout" });
  const body = JSON.stringify({ key: Buffer.from("a").toString("base64") });
  const answer = await fetch(`${server.endpoint}/v3/kv/range`, { method: "POST", body });
  expect([answer.status, await answer.json()]).toEqual([
    503,
    { code: 14, message: "etcdserver: request timed out" },
  ]);
});

test.each([
  ["fail", { method: "kv.put" }, "unknown option method of faults.fail; did you mean methods?"],
  ["fail", { methods: "kv.putt" }, "unknown method kv.putt of faults.fail; did you mean kv.put?"],
  ["fail", { methods: [1] }, "option methods of faults.fail must have strings, not a number"],
  ["fail", { error: "noleader" }, "unknown error noleader of faults.fail; did you mean noLeader?"],
  ["fail", { when: "later" }, 'option when of faults.fail must be "before" or "after", not "later"'],
  ["fail", { count: 0 }, "option count of faults.fail must be more than 0: 0"],
  [
    "fail",
    { error: { code: "x", message: "" } },
    "option error.code of faults.fail must be a number, not a string",
  ],
  ["delay", {}, "option ms of faults.delay is missing"],
  ["cutWatches", { methods: "kv" }, /^unknown option methods of faults.cutWatches; /],
] as const)("%s refuses wrong options: %j", (name, options, reason) => {
  expect(() => server.faults[name](untyped(options))).toThrow(reason);
});
