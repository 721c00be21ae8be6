// The JSON gateway over WebSockets.
import { once } from "node:events";
import { WebSocket } from "ws";
import type { EmbeddedServer } from "../../../src/server/server";
import { startEmbeddedServer } from "../../../src/server/server";
import { httpRequest } from "../../support/http-request";
import { until } from "../../support/until";

let server: EmbeddedServer;
beforeEach(async () => {
  server = await startEmbeddedServer({ auth: { bcryptCost: 4 } });
});
afterEach(() => server.stop());

const base64 = (text: string) => Buffer.from(text).toString("base64");
const json = (value: object) => JSON.stringify(value);

interface Message {
  readonly result?: { created?: boolean; events?: { kv: { key: string; value: string } }[]; TTL?: string };
  readonly error?: { code: number };
  readonly code?: number;
  readonly message?: string;
}

class Client {
  readonly received: Message[] = [];
  readonly socket: WebSocket;
  readonly closed: Promise<unknown>;

  constructor(path: string, protocols: string[] = []) {
    this.socket = new WebSocket(`${server.endpoint.replace("http", "ws")}${path}`, protocols);
    this.socket.on("message", (data: Buffer) => this.received.push(JSON.parse(data.toString()) as Message));
    this.closed = once(this.socket, "close");
  }

  async send(value: object): Promise<void> {
    if (this.socket.readyState !== WebSocket.OPEN) await once(this.socket, "open");
    this.socket.send(json(value));
  }

  messages(count: number): Promise<Message[]> {
    return until(`${count} messages`, () => this.received.length >= count && this.received.slice(0, count));
  }
}

test("A watch receives events, and more requests on the same socket create more watches.", async () => {
  const client = new Client("/v3/watch");
  await client.send({ create_request: { key: base64("a") } });
  expect((await client.messages(1))[0]?.result?.created).toBe(true);
  await client.send({ create_request: { key: base64("b") } });
  expect((await client.messages(2))[1]?.result?.created).toBe(true);
  await server.client().kv.put({ key: "b", value: "1" });
  const events = (await client.messages(3))[2]?.result?.events;
  expect(events?.[0]?.kv).toMatchObject({ key: base64("b"), value: base64("1") });
  client.socket.close();
  await client.closed;
});

test("When the client leaves, its watchers end.", async () => {
  const client = new Client("/v3/watch");
  await client.send({ create_request: { key: base64("a") } });
  await client.messages(1);
  client.socket.terminate();
  const page = async () => (await httpRequest({ url: `${server.endpoint}/metrics` })).body.toString();
  await until("the watcher is gone", async () => /^etcd_debugging_mvcc_watcher_total 0$/m.test(await page()));
});

test("A lease is kept alive over one socket.", async () => {
  const { ID } = await server.client().lease.leaseGrant({ TTL: 60 });
  const client = new Client("/v3/lease/keepalive");
  await client.send({ ID: String(ID) });
  await client.send({ ID: String(ID) });
  expect((await client.messages(2)).map(({ result }) => result?.TTL)).toEqual(["60", "60"]);
  client.socket.close();
  await client.closed;
});

test("A call of one request is answered at once, and its socket closes.", async () => {
  const client = new Client("/v3/kv/put");
  await client.send({ key: base64("a"), value: base64("1") });
  await client.closed;
  expect(client.received).toHaveLength(1);
  expect((await server.client().kv.range({ key: "a" })).count).toBe(1n);
});

test("A mistake is a message with the error, and the server continues.", async () => {
  const client = new Client("/v3/kv/put");
  await client.send({});
  await client.closed;
  expect(client.received).toEqual([{ code: 3, message: "etcdserver: key is not provided" }]);
});

test("The subprotocol carries the token.", async () => {
  const { auth } = server.client();
  await auth.userAdd({ name: "root", password: "r" });
  await auth.roleAdd({ name: "root" });
  await auth.userGrantRole({ user: "root", role: "root" });
  await auth.authEnable();
  const { token } = await auth.authenticate({ name: "root", password: "r" });
  for (const [protocols, count] of [
    [["Bearer", token], 1],
    [[], 0],
  ] as const) {
    const client = new Client("/v3/kv/put", [...protocols]);
    await client.send({ key: base64("a") });
    await client.closed;
    expect(client.received.filter(({ code }) => code === undefined)).toHaveLength(count);
  }
});

test("A request to upgrade to anything else is answered as if it had not asked.", async () => {
  const headers = { connection: "Upgrade, HTTP2-Settings", upgrade: "h2c", "http2-settings": "AAMAAABk" };
  const { status, body } = await httpRequest({ url: `${server.endpoint}/health`, headers });
  expect([status, body.toString()]).toEqual([200, `{"health":"true","reason":""}`]);
});

test("stop() closes the sockets of open watches.", async () => {
  const client = new Client("/v3/watch");
  await client.send({ create_request: { key: base64("a") } });
  await client.messages(1);
  await server.stop();
  await client.closed;
});

describe("as Go's server,", () => {
  test("a short body has a length, a long one and a stream are in chunks", async () => {
    const post = (path: string, body: object) =>
      httpRequest({ url: `${server.endpoint}${path}`, method: "POST", body: json(body), lines: 1 });
    await server.client().kv.put({ key: "long", value: "x".repeat(5000) });
    const short = await post("/v3/kv/range", { key: base64("a") });
    expect(short.headers["content-length"]).toBe(String(short.body.length));
    const long = await post("/v3/kv/range", { key: base64("long") });
    expect(long.headers["transfer-encoding"]).toBe("chunked");
    const stream = await post("/v3/lease/keepalive", { ID: "1" });
    expect(stream.headers["transfer-encoding"]).toBe("chunked");
    // The client has asked for it.
    expect(stream.headers.connection).toBe("close");
  });
});
