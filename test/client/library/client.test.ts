// The client for programs, in process and over gRPC: keys, transactions, snapshots and errors.
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import {
  connect,
  ConnectionDiagnosis,
  EtcdError,
  serverErrorName,
  startEmbeddedServer,
  StatusCode,
  type Compare,
  type Condition,
  type EmbeddedServer,
  type EtcdClient,
  type Input,
} from "../../../src/index";
import { deadEndpoint } from "../../support/ports";
import { until, withLongerDeadline } from "../../support/until";
import { workFolder } from "../../support/work-folder";

const folder = workFolder();
/** For what the types refuse: programs in JavaScript do it all the same. */
const untyped = (value: unknown) => value as never;

let server: EmbeddedServer;
beforeAll(async () => (server = await startEmbeddedServer()));
afterAll(() => server.stop());

describe.each([
  ["in process", () => Promise.resolve(server.client())],
  ["over gRPC", () => connect({ endpoints: [server.endpoint] })],
])("%s", (_name, open: () => Promise<EtcdClient>) => {
  let client: EtcdClient;
  beforeEach(async () => {
    await server.reset();
    client = await open();
  });
  afterEach(() => client.close());

  test("put and get take and return values with their revisions", async () => {
    expect(await client.get("häß")).toBeUndefined();
    const { revision, previous } = await client.put("häß", "grün");
    expect([revision, previous]).toEqual([2n, undefined]);
    const value = await client.get("häß");
    expect([value?.string(), `${value}`, value?.bytes, value?.key]).toEqual([
      "grün",
      "grün",
      Buffer.from("grün"),
      "häß",
    ]);
    expect(value).toMatchObject({ revision: 2n, createRevision: 2n, version: 1n, lease: 0n });
    const again = await client.put("häß", Buffer.from([0xff]), { previous: true });
    expect(again.previous?.string()).toBe("grün");
    expect((await client.get("häß", { revision: 2 }))?.string()).toBe("grün");
    expect((await client.get("häß", { serializable: true }))?.bytes).toEqual(Buffer.from([0xff]));
    await client.put("json", '{"a":[1]}');
    expect((await client.get("json"))?.json()).toEqual({ a: [1] });
    const broken = await client.get("häß");
    expect(() => broken?.json()).toThrow(/^the value of häß is not JSON: /);
  });

  test("getAll is like a Map of a range, all from one revision", async () => {
    for (const key of ["/a/2", "/a/1", "/b/1"]) await client.put(key, `value of ${key}`);
    const all = await client.getAll({ prefix: "/a/" });
    expect([...all.keys()]).toEqual(["/a/1", "/a/2"]);
    expect([...all].map(([key, value]) => [key, value.string()])).toEqual([
      ["/a/1", "value of /a/1"],
      ["/a/2", "value of /a/2"],
    ]);
    expect([all.size, all.count, all.more, all.revision]).toEqual([2, 2, false, 4n]);
    expect([all.get("/a/1")?.revision, all.get(Buffer.from("/a/1"))?.version]).toEqual([3n, 1n]);
    expect([all.has("/a/2"), all.has("/b/1"), all.get("/c")]).toEqual([true, false, undefined]);
    expect([...all.values()].map(String)).toEqual(["value of /a/1", "value of /a/2"]);
    const seen: string[] = [];
    all.forEach((value, key) => seen.push(`${key}=${value}`));
    expect(seen).toHaveLength(2);

    expect([...(await client.getAll()).keys()]).toEqual(["/a/1", "/a/2", "/b/1"]);
    expect([...(await client.getAll({ prefix: "" })).keys()]).toHaveLength(3);
    expect([...(await client.getAll({ from: "/a/2", to: "/b/1" })).keys()]).toEqual(["/a/2"]);
    const newest = await client.getAll({ sortBy: "modify", order: "descend", limit: 1 });
    expect([[...newest.keys()], newest.more, newest.count]).toEqual([["/b/1"], true, 3]);
    const old = await client.getAll({ revision: 2n, keysOnly: true });
    expect([...old].map(([key, value]) => [key, value.string()])).toEqual([["/a/2", ""]]);
  });

  test("getAll reads a range of many pages, with a limit for the whole call if one is asked for", async () => {
    for (let from = 0; from < 1000; from += 100) {
      const steps = Array.from({ length: 100 }, (_, i) => ({
        put: { key: `k${from + i}`, value: "v".repeat(500) },
      }));
      await client.txn().then(...steps);
    }
    expect((await client.getAll({ prefix: "k", timeoutMs: 60_000 })).size).toBe(1000);
    expect((await client.getAll({ prefix: "k", limit: 300 })).size).toBe(300);
  });

  test("keys that are not UTF-8 stay apart", async () => {
    await client.put(Buffer.from([0xff]), "1");
    await client.put(Buffer.from([0xfe]), "2");
    const all = await client.getAll();
    expect(all.size).toBe(2);
    expect(all.get(Buffer.from([0xff]))?.string()).toBe("1");
    expect([...all.values()].map(({ keyBytes }) => [...keyBytes])).toEqual([[0xfe], [0xff]]);
  });

  test("delete deletes a key or a range, and never everything by mistake", async () => {
    for (const key of ["a", "b1", "b2", "c"]) await client.put(key, key);
    expect(await client.delete("x")).toMatchObject({ deleted: 0, previous: [] });
    const { deleted, previous } = await client.delete({ prefix: "b" }, { previous: true });
    expect([deleted, previous.map(String)]).toEqual([2, ["b1", "b2"]]);
    for (const target of [{}, { prefix: undefined }, "", undefined, null, { prefx: "a" }, 5])
      await expect(client.delete(untyped(target))).rejects.toThrow(TypeError);
    expect([...(await client.getAll()).keys()]).toEqual(["a", "c"]);
    expect((await client.delete({ prefix: "" })).deleted).toBe(2);
  });

  test("a transaction is sent by await, once", async () => {
    const txn = client
      .txn()
      .if({ key: "owner", exists: false })
      .then({ put: { key: "owner", value: "me" } }, { getAll: { prefix: "own" } })
      .else({ get: "owner" }, { delete: { prefix: "own" } });
    const first = await txn;
    expect(await txn.commit()).toBe(first);
    expect(first).toMatchObject({ succeeded: true, revision: 2n, results: [{ revision: 2n }, { size: 1 }] });
    expect(() => txn.else({ get: "a" })).toThrow("the transaction has been sent");
    const second = await client
      .txn({ timeoutMs: 1000 })
      .if({ key: "owner", exists: false })
      .else({ get: "owner" }, { get: "none" }, { delete: { prefix: "own" } });
    expect(second.succeeded).toBe(false);
    expect(second.results.map(String)).toEqual(["me", "undefined", "[object Object]"]);
    expect(second.results[2]).toMatchObject({ deleted: 1 });
  });

  test("conditions compare every target, and messages of etcd are accepted too", async () => {
    await client.put("a", "5");
    const lease = await client.lease(60);
    await client.put("b", "6", { lease });
    const holds = async (...conditions: (Condition | Input<Compare>)[]) =>
      (
        await client
          .txn()
          .if(...conditions)
          .commit()
      ).succeeded;
    expect(
      await holds({ key: "a", value: "5" }, { key: "a", version: 1 }, { key: "a", createRevision: 2n }),
    ).toBe(true);
    expect(await holds({ key: "a", modRevision: 2, is: "<" })).toBe(false);
    expect(await holds({ key: "a", value: "4", is: ">" }, { key: "a", value: "4", is: "!=" })).toBe(true);
    expect(await holds({ key: "b", lease }, { key: "b", lease: lease.id }, { key: "b", exists: true })).toBe(
      true,
    );
    expect(await holds({ prefix: "b", value: "6" })).toBe(true);
    expect(await holds({ key: "a", targetUnion: { case: "version", value: 1 } })).toBe(true);
    const raw = { request: { case: "requestPut", value: { key: "a", value: "7" } } } as const;
    // etcd compares before it carries out any step.
    const nested = client.txn().if({ key: "a", value: "5" }).then({ get: "a" });
    const { results } = await client.txn().then(raw, { txn: nested });
    expect(results[1]).toMatchObject({ succeeded: true });
    expect((await client.get("a"))?.string()).toBe("7");
    await lease.revoke();
  });

  test("a failed transaction rejects", async () => {
    const twice = client.txn().then({ put: { key: "a", value: "1" } }, { put: { key: "a", value: "2" } });
    await expect(twice).rejects.toMatchObject({ code: StatusCode.InvalidArgument });
    await expect(Promise.all([twice])).rejects.toBeInstanceOf(EtcdError);
  });

  test("compact ends the history, and errors have names for a switch", async () => {
    const { revision } = await client.put("a", "1");
    await client.put("a", "2");
    await client.compact(revision + 1n, { physical: true });
    const error = await client.get("a", { revision }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: StatusCode.OutOfRange });
    expect([serverErrorName(error), serverErrorName(new Error("x"))]).toEqual(["compacted", undefined]);
  });

  test("a snapshot is a stream, bytes, or a file that appears when it is complete", async () => {
    await client.put("a", "1");
    const parts: Buffer[] = [];
    for await (const part of client.snapshot()) parts.push(part);
    const bytes = await client.snapshot().bytes();
    expect(Buffer.concat(parts).equals(bytes)).toBe(true);
    const file = path.join(folder(), "backup.db");
    expect(await client.snapshot({ timeoutMs: 5000 }).toFile(file)).toMatchObject({
      sizeBytes: bytes.length,
    });
    expect(readFileSync(file).equals(bytes)).toBe(true);
    server.faults.fail({ methods: "maintenance.snapshot", error: "permissionDenied" });
    await expect(client.snapshot().toFile(file)).rejects.toMatchObject({ code: StatusCode.PermissionDenied });
    expect(readdirSync(folder())).toEqual(["backup.db"]);
    await using loaded = await startEmbeddedServer({ load: bytes });
    expect(loaded.dump()).toEqual({ a: "1" });
  });
});

test.each([
  [
    "put",
    (client: EtcdClient): Promise<unknown> => client.put("a", "1", untyped({ leese: 1 })),
    "unknown option leese of put; did you mean lease?",
  ],
  [
    "put",
    (client: EtcdClient): Promise<unknown> => client.put("a", untyped(1)),
    "the value of put must be a string or bytes (a Uint8Array or Buffer), not a number",
  ],
  ["put", (client: EtcdClient): Promise<unknown> => client.put("", "1"), "the key of put must not be empty"],
  [
    "put",
    (client: EtcdClient): Promise<unknown> => client.put("a", "1", { lease: 1.5 }),
    "option lease of put must be an integer up to 2^53, or a bigint: 1.5",
  ],
  [
    "put",
    (client: EtcdClient): Promise<unknown> =>
      client.put("a", "1", { lease: untyped(Promise.resolve({ id: 1n })) }),
    "option lease of put must be a Lease, an integer or a bigint, not an object (Promise)",
  ],
  [
    "get",
    (client: EtcdClient): Promise<unknown> => client.get("a", untyped({ rev: 1 })),
    "unknown option rev of get; did you mean revision?",
  ],
  [
    "getAll",
    (client: EtcdClient): Promise<unknown> => client.getAll(untyped({ Prefix: "a" })),
    "unknown option Prefix of getAll; did you mean prefix?",
  ],
  [
    "getAll",
    (client: EtcdClient): Promise<unknown> => client.getAll(untyped("a")),
    'the options of getAll must be an object, such as { prefix: "/app/" }, not a string',
  ],
  [
    "get",
    (client: EtcdClient): Promise<unknown> => client.get(untyped({ prefix: "a" })),
    "get reads one key; getAll reads a range",
  ],
  ["lock", (client: EtcdClient): Promise<unknown> => client.lock(""), "the name of lock must not be empty"],
  [
    "getAll",
    (client: EtcdClient): Promise<unknown> => client.getAll({ prefix: "a", to: "b" }),
    "option prefix of getAll excludes from and to",
  ],
  [
    "getAll",
    (client: EtcdClient): Promise<unknown> => client.getAll(untyped({ sortBy: "mod" })),
    "unknown value mod of option sortBy of getAll; did you mean modify?",
  ],
  [
    "compact",
    (client: EtcdClient): Promise<unknown> => client.compact(untyped("1")),
    "the revision of compact must be an integer or a bigint, not a string",
  ],
  [
    "if",
    async (client: EtcdClient): Promise<unknown> => void client.txn().if({ key: "a" }),
    "a condition of txn.if needs one of value, version, createRevision, modRevision, lease, exists, not 0",
  ],
  [
    "if",
    async (client: EtcdClient): Promise<unknown> => void client.txn().if(untyped({ key: "a", val: "1" })),
    "unknown option val of txn.if; did you mean value?",
  ],
  [
    "if",
    async (client: EtcdClient): Promise<unknown> =>
      void client.txn().if(untyped({ key: "a", value: "1", is: "==" })),
    "unknown value == of option is of txn.if; did you mean =?",
  ],
  [
    "then",
    async (client: EtcdClient): Promise<unknown> => void client.txn().then(untyped({ putt: { key: "a" } })),
    "unknown step putt of txn; did you mean put?",
  ],
  [
    "then",
    async (client: EtcdClient): Promise<unknown> =>
      void client.txn().then(untyped({ put: { key: "a", valeu: "1" } })),
    "unknown option put.valeu of txn; did you mean put.value?",
  ],
  [
    "snapshot",
    async (client: EtcdClient): Promise<unknown> => void client.snapshot(untyped({ file: "x" })),
    /^unknown option file of snapshot; /,
  ],
] as const)("%s refuses a mistake with its reason, and sends nothing", async (_name, call, reason) => {
  server.requests.clear();
  await expect(call(server.client())).rejects.toThrow(reason);
  expect(server.requests).toHaveLength(0);
});

test("a call that reaches no server has the diagnosis of each endpoint as its cause", async () => {
  const endpoints = [await deadEndpoint(), await deadEndpoint()];
  await withLongerDeadline(1000, async (timeoutMs) => {
    const client = await connect({ endpoints, timeoutMs });
    const election = client.election("e");
    const calls = [
      client.get("a"),
      client.kv.range({ key: "a" }),
      client.lease(10),
      client.lock("l"),
      election.campaign("one"),
      election.observe().next(),
      client.watch({ key: "a" })[Symbol.asyncIterator]().next(),
      client.watch({ key: "a" }).ready,
    ];
    for (const outcome of await Promise.allSettled(calls)) {
      const error = (outcome as PromiseRejectedResult).reason as EtcdError;
      expect(error).toMatchObject({ name: "EtcdError", code: StatusCode.DeadlineExceeded });
      expect(error.cause).toBeInstanceOf(ConnectionDiagnosis);
      const { endpoints: found } = error.cause as ConnectionDiagnosis;
      expect(found.map(({ endpoint }) => endpoint)).toEqual(endpoints);
      expect(found[0]).toMatchObject({
        problem: "connection refused",
        advice: "start etcd there or correct the option endpoints",
      });
    }
    await client.close();
  });
});

test.each([
  [{ endpoints: [] }, "pass at least one endpoint with the option endpoints"],
  [{ tls: { cacert: "/none/ca.pem" } }, "the option tls.cacert names this file"],
  [
    { tls: { key: "/none/key.pem" } },
    "a client certificate needs both the option tls.cert and the option tls.key",
  ],
])("connect(%j) fails with a hint that names the option, not the flag of etcdctl", async (options, hint) => {
  await expect(connect({ endpoints: ["127.0.0.1:1"], ...options })).rejects.toMatchObject({ hints: [hint] });
});

test("a login that reaches no server has the diagnosis as its cause", async () => {
  const options = {
    endpoints: [server.endpoint.replace("http:", "https:")],
    credentials: { user: "a", password: "b" },
  };
  await expect(connect(options)).rejects.toMatchObject({ cause: expect.any(ConnectionDiagnosis) as Error });
});

test("an endpoint that can never be used fails at once, whatever the time limit is", async () => {
  const client = await connect({
    endpoints: [server.endpoint.replace("http:", "https:")],
    timeoutMs: Infinity,
  });
  for (const call of [() => client.get("a"), () => client.lease(10), () => client.lock("l")])
    await expect(call()).rejects.toMatchObject({
      cause: expect.any(ConnectionDiagnosis) as Error,
      endpoints: [{ advice: "write http://, or remove https:// and the option tls" }],
    });
  await client.close();
});

test("a lock, a lease and a leadership are lost when their time is over after close()", async () => {
  await using quick = await startEmbeddedServer({ minLeaseTtlSeconds: 1 });
  const client = await connect({ endpoints: [quick.endpoint] });
  const held = await Promise.all([
    client.lock("l", { ttlSeconds: 1 }),
    client.lease(1),
    client.election("e").campaign("one", { ttlSeconds: 1 }),
  ]);
  await client.close();
  expect(held.map(({ lost }) => lost.aborted)).toEqual([false, false, false]);
  await until("all are lost", () => held.every(({ lost }) => lost.aborted));
  expect(String(held[0].lost.reason)).toBe("Error: it was not renewed any more");
});

test("a lock that was given back is not lost", async () => {
  const client = server.client();
  const lock = await client.lock("given-back");
  await lock.unlock();
  expect(lock.lost.aborted).toBe(false);
  await client.close();
});
