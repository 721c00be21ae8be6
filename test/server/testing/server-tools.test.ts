// The server as tests use it: a clock to move, a state to empty, read and copy, users and certificates from the start.
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import { connect, EtcdError, startEmbeddedServer, StatusCode, type EtcdClient } from "../../../src/index";
import { run } from "../../support/child";
import { workFolder } from "../../support/work-folder";

const folder = workFolder();

/** For what the types refuse. */
const untyped = (value: unknown) => value as never;
const textOf = async (client: EtcdClient, key: string) =>
  (await client.kv.range({ key })).kvs[0]?.value.toString();

/** The responses of a watch, after the one that says that it runs. */
async function startWatch(client: EtcdClient, key: string) {
  let end = () => undefined as void;
  async function* requests() {
    yield { requestUnion: { case: "createRequest", value: { key } } } as const;
    await new Promise<void>((resolve) => (end = resolve));
  }
  const responses = client.watch.watch(requests())[Symbol.asyncIterator]();
  expect((await responses.next()).value).toMatchObject({ created: true });
  return { next: () => responses.next(), end };
}

test("advance ends a lease at once, and its keys with it", async () => {
  await using server = await startEmbeddedServer();
  const client = server.client();
  const { ID } = await client.lease.leaseGrant({ TTL: 600 });
  await client.kv.put({ key: "a", lease: ID });
  server.clock.advance(599_000);
  expect((await client.kv.range({ key: "a" })).count).toBe(1n);
  server.clock.advance(1000);
  expect((await client.kv.range({ key: "a" })).count).toBe(0n);
  expect(() => server.clock.advance(-1)).toThrow(RangeError);
});

test("advance lets timers of a later time fire in the order of time", async () => {
  await using server = await startEmbeddedServer();
  const fired: number[] = [];
  for (const ms of [3000, 1000, 2000]) server.clock.setTimeout(() => fired.push(ms), ms);
  server.clock.setTimeout(() => fired.push(-1), 9_000_000).cancel();
  const before = server.clock.now();
  server.clock.advance(2500);
  expect(fired).toEqual([1000, 2000]);
  expect(server.clock.now() - before).toBeGreaterThanOrEqual(2499);
  server.clock.advance(500);
  expect(fired).toEqual([1000, 2000, 3000]);
});

test.each(["", 5n, null, undefined, [1]])("advance takes no %p, and the clock stays right", async (ms) => {
  await using server = await startEmbeddedServer();
  expect(() => server.clock.advance(ms as never)).toThrow(/^the time of advance must be a number, not /);
  expect(server.clock.now()).toBeGreaterThan(0);
});

test("what waits on a client without a socket ends when its server stops", async () => {
  const server = await startEmbeddedServer();
  const client = server.client();
  const lease = await client.lease(600);
  const watcher = client.watch({ prefix: "never/" });
  const observed = client.election("e").observe()[Symbol.asyncIterator]().next();
  const held = await client.lock("l");
  const waiting = client.lock("l");
  const ended = Promise.allSettled([watcher[Symbol.asyncIterator]().next(), observed, waiting]);
  await watcher.ready;
  while ((await client.getAll({ prefix: "l/" })).size < 2) await new Promise(setImmediate);
  await server.stop();
  const reasons = (await ended).map((each) => each.status === "rejected" && (each.reason as Error).message);
  expect(reasons.slice(0, 2)).toEqual(["etcdserver: server stopped", "etcdserver: server stopped"]);
  expect(reasons[2]).toMatch(/^(etcdserver: server stopped|the lease was lost)$/);
  for (const { lost } of [lease, held])
    if (!lost.aborted) await new Promise((resolve) => lost.addEventListener("abort", resolve));
  await expect(client.get("a")).rejects.toMatchObject({ code: StatusCode.Unavailable });
});

test("reset empties the server, keeps its port and its connections, and makes readers of watches read again", async () => {
  await using server = await startEmbeddedServer({ keys: { a: "1" } });
  const client = await connect({ endpoints: [server.endpoint] });
  const { ID } = await client.lease.leaseGrant({ TTL: 600 });
  await client.kv.put({ key: "a", value: "2", lease: ID });
  const watch = await startWatch(client, "a");
  const waiting = client.lock.lock({ name: "l", lease: ID }).then(() => client.lock.lock({ name: "l" }));
  while ((await client.kv.range({ key: "l/", rangeEnd: "l0" })).count < 2n) await new Promise(setImmediate);
  const before = server.endpoint;
  const ended = expect(waiting).rejects.toMatchObject({ desc: "etcdserver: server stopped" });

  await server.reset({ keys: { b: "3" } });

  expect(server.endpoint).toBe(before);
  expect(server.dump()).toEqual({ b: "3" });
  await ended;
  const { value: canceled } = (await watch.next()) as { value: unknown };
  expect(canceled).toMatchObject({ canceled: true });
  expect((canceled as { compactRevision: bigint }).compactRevision).toBeGreaterThan(3n);
  await expect(watch.next()).rejects.toMatchObject({ code: StatusCode.Unavailable });
  watch.end();
  const { kvs, header } = await client.kv.range({ key: "b" });
  expect([kvs[0]?.value.toString(), header?.revision]).toEqual(["3", 2n]);
  expect((await client.lease.leaseLeases()).leases).toEqual([]);
  await client.close();
});

test("reset does not touch a data dir", async () => {
  await using server = await startEmbeddedServer({ dataDir: path.join(folder(), "d"), keys: { a: "1" } });
  await expect(server.reset()).rejects.toThrow(/^reset\(\) would empty .*: start a server without dataDir$/);
  expect(server.dump()).toEqual({ a: "1" });
});

test("dump shows text as strings and other values as bytes, and load accepts it", async () => {
  const keys = { "/häß": "grün", raw: Buffer.from([0xff, 0]), empty: "" };
  await using server = await startEmbeddedServer({ keys });
  expect(server.dump()).toEqual(keys);
  await using copy = await startEmbeddedServer({ load: server.dump() });
  expect(copy.dump()).toEqual(keys);
  await server.client().kv.put({ key: Buffer.from([0xff]) });
  expect(() => server.dump()).toThrow("dump() cannot show the key ff (hex): it is not UTF-8");
});

test("load takes a snapshot as a file or as bytes, with its revisions", async () => {
  await using server = await startEmbeddedServer();
  for (const value of ["1", "2"]) await server.client().kv.put({ key: "a", value });
  const chunks: Uint8Array[] = [];
  for await (const { blob } of server.client().maintenance.snapshot()) chunks.push(blob);
  const file = path.join(folder(), "snapshot.db");
  writeFileSync(file, Buffer.concat(chunks));
  for (const source of [file, Buffer.concat(chunks)]) {
    await using loaded = await startEmbeddedServer({ load: source, keys: { b: "3" } });
    expect(loaded.dump()).toEqual({ a: "2", b: "3" });
    const { kvs } = await loaded.client().kv.range({ key: "a", revision: 2 });
    expect(kvs[0]?.value.toString()).toBe("1");
  }
  await expect(startEmbeddedServer({ load: path.join(folder(), "none") })).rejects.toThrow(
    "none does not exist",
  );
  await expect(startEmbeddedServer({ load: Buffer.concat(chunks).subarray(512) })).rejects.toThrow();
});

test("fork copies the state, leases included, and shares nothing", async () => {
  const server = await startEmbeddedServer({ tls: true });
  const { ID } = await server.client().lease.leaseGrant({ TTL: 100 });
  await server.client().kv.put({ key: "a", value: "1", lease: ID });
  server.clock.advance(40_000);
  await using copy = await server.fork();
  expect(copy.endpoint).not.toBe(server.endpoint);
  await server.client().kv.put({ key: "b", value: "2" });
  await server.stop();
  expect(copy.dump()).toEqual({ a: "1" });
  const client = await connect({ endpoints: [copy.endpoint], tls: copy.certificates.clientTls });
  expect(await textOf(client, "a")).toBe("1");
  await client.close();
  copy.clock.advance(55_000);
  expect(copy.dump()).toEqual({ a: "1" });
  copy.clock.advance(6_000);
  expect(copy.dump()).toEqual({});
});

const roles = {
  reader: [{ permission: "read", prefix: "/app/" }],
  all: [{ permission: "write", prefix: "" }],
} as const;
const users = { root: "secret", alice: { password: "a", roles: ["reader", "all"] } };

test("users and roles exist from the start, with authentication on, also after reset", async () => {
  await using server = await startEmbeddedServer({
    auth: { users, roles },
    keys: { "/app/a": "1", other: "2" },
  });
  for (let round = 0; round < 2; round++) {
    await expect(server.client().kv.range({ key: "/app/a" })).rejects.toMatchObject({
      code: StatusCode.InvalidArgument,
    });
    const alice = await server.login("alice", "a");
    expect(await textOf(alice, "/app/a")).toBe("1");
    await expect(alice.kv.range({ key: "other" })).rejects.toMatchObject({
      code: StatusCode.PermissionDenied,
    });
    await alice.kv.put({ key: "other", value: "3" });
    expect(await textOf(await server.login("root", "secret"), "other")).toBe("3");
    await server.reset({ keys: { "/app/a": "1", other: "2" } });
  }
});

test.each([
  [{ users: { alice: "a" } }, "needs the user root"],
  [
    { users: { root: { pasword: "a" } } },
    "unknown option auth.users.root.pasword of startEmbeddedServer; did you mean auth.users.root.password?",
  ],
  [
    { roles: { r: [{ permission: "rw", key: "a" }] } },
    'option auth.roles.r[0].permission of startEmbeddedServer must be "read", "write" or "readwrite"',
  ],
  [
    { roles: { r: [{ permission: "read" }] } },
    "option auth.roles.r[0] of startEmbeddedServer needs one of key and prefix",
  ],
  [{ roles: { r: {} } }, "option auth.roles.r of startEmbeddedServer must be an array, not an object"],
  [
    { users: { root: "r", a: { password: "p", roles: ["readr"] } } },
    "option auth.users.a of startEmbeddedServer has an unknown role: readr",
  ],
])("wrong users and roles are refused: %j", async (auth, reason) => {
  await expect(startEmbeddedServer(untyped({ auth }))).rejects.toThrow(reason);
});

test.each([
  ["127.0.0.1:0", '; write "http://127.0.0.1:0"'],
  ["http://127.0.0.1", 'URL address does not have the form "host:port": http://127.0.0.1'],
  ["ftp://127.0.0.1:0", "URL scheme must be http, https, unix, or unixs: ftp://127.0.0.1:0"],
])("a malformed URL to listen on is refused with its option: %s", async (url, reason) => {
  const error: unknown = await startEmbeddedServer({ listenClientUrls: [url] }).catch(
    (each: unknown) => each,
  );
  expect(error).toBeInstanceOf(TypeError);
  expect((error as Error).message).toMatch(/^option listenClientUrls of startEmbeddedServer: /);
  expect((error as Error).message.endsWith(reason)).toBe(true);
});

test("tls: true makes certificates that our client, Node and openssl accept, and removes them at the end", async () => {
  const server = await startEmbeddedServer({ tls: true, keys: { a: "1" } });
  const { caFile, clientTls, server: own } = server.certificates;
  const client = await connect({ endpoints: [server.endpoint], tls: clientTls });
  expect(await textOf(client, "a")).toBe("1");
  await client.close();
  const stranger = await connect({ endpoints: [server.endpoint], timeoutMs: 2000 });
  await expect(stranger.kv.range({ key: "a" })).rejects.toBeInstanceOf(EtcdError);
  await stranger.close();
  const verified = await run(["openssl", "verify", "-x509_strict", "-CAfile", caFile, own.certFile]);
  expect(verified.stdout.toString()).toBe(`${own.certFile}: OK\n`);
  await server.stop();
  const gone = await run(["openssl", "x509", "-in", caFile]);
  expect(gone.exit).not.toBe(0);
});

test("stop does not wait for a client that has begun no handshake", async () => {
  const server = await startEmbeddedServer({ tls: true });
  const socket = net.connect(server.port, "127.0.0.1");
  socket.on("error", () => undefined);
  await once(socket, "connect");
  const closed = once(socket, "close");
  await server.stop();
  await closed;
}, 60_000);

test("with clientCertAuth the server wants a certificate, and its common name is the user", async () => {
  await using server = await startEmbeddedServer({
    tls: true,
    auth: { clientCertAuth: true, users, roles },
    keys: { "/app/a": "1" },
  });
  const { caFile: cacert } = server.certificates;
  const alice = await server.certificates.issue("alice");
  const tls = { cacert, cert: alice.certFile, key: alice.keyFile };
  const client = await connect({ endpoints: [server.endpoint], tls });
  expect(await textOf(client, "/app/a")).toBe("1");
  await expect(client.kv.range({ key: "other" })).rejects.toMatchObject({
    code: StatusCode.PermissionDenied,
  });
  await client.close();
});

test("requests lists what clients asked", async () => {
  await using server = await startEmbeddedServer();
  const client = await connect({ endpoints: [server.endpoint] });
  await client.kv.put({ key: "a", value: "1" });
  await client.kv.range({ key: "a" }, { requireLeader: true });
  const watch = await startWatch(client, "a");
  expect([...server.requests].map(({ method }) => method)).toEqual(["kv.put", "kv.range", "watch.watch"]);
  expect(server.requests.of("kv.put")).toMatchObject([{ request: { key: Buffer.from("a") } }]);
  expect(server.requests.of("kv.range")[0]?.metadata.get("hasleader")).toBe("true");
  expect(server.requests.of(["watch", "lock"])).toMatchObject([
    { request: { requestUnion: { case: "createRequest" } } },
  ]);
  expect(() => server.requests.of(untyped("kv.putt"))).toThrow(
    "unknown method kv.putt of requests.of; did you mean kv.put?",
  );
  server.requests.clear();
  expect(server.requests).toHaveLength(0);
  watch.end();
  await client.close();
});

test("requests is bounded", async () => {
  await using server = await startEmbeddedServer();
  const client = server.client();
  for (let i = 0; i < 2500; i++) await client.kv.put({ key: "a", value: String(i) });
  expect(server.requests.length).toBeLessThanOrEqual(2000);
  expect(server.requests.length + server.requests.dropped).toBe(2500);
  expect([...server.requests].at(-1)?.request).toMatchObject({ value: Buffer.from("2499") });
  for (let i = 0; i < 20; i++) await client.kv.put({ key: "a", value: Buffer.alloc(1 << 20) });
  expect(server.requests.length).toBeLessThan(20);
});
