// The JSON gateway on the client port, as curl sees it.
import { once } from "node:events";
import http from "node:http";
import net from "node:net";
import { text } from "node:stream/consumers";
import { appliedRequests } from "../../../src/server/grpc/open-requests";
import { until } from "../../support/until";
import type { EmbeddedServer } from "../../../src/server/server";
import { startEmbeddedServer } from "../../../src/server/server";
import { httpRequest } from "../../support/http-request";

let server: EmbeddedServer;
beforeEach(async () => {
  server = await startEmbeddedServer();
});
afterEach(() => server.stop());

const base64 = (text: string) => Buffer.from(text).toString("base64");

async function post(path: string, body: string | object, options: { lines?: number; method?: string } = {}) {
  const answer = await httpRequest({
    url: `${server.endpoint}${path}`,
    method: options.method ?? "POST",
    body: typeof body === "string" ? body : JSON.stringify(body),
    lines: options.lines,
  });
  return { status: answer.status, body: answer.body.toString() };
}
const json = async (path: string, body: object) =>
  JSON.parse((await post(path, body)).body) as Record<string, unknown>;

async function enableAuth(): Promise<void> {
  await json("/v3/auth/user/add", { name: "root", password: "pw" });
  await json("/v3/auth/role/add", { name: "root" });
  await json("/v3/auth/user/grant", { user: "root", role: "root" });
  await json("/v3/auth/enable", {});
}

describe("the JSON gateway", () => {
  test("Requests and responses have bytes as base64 and integers as strings.", async () => {
    const put = await json("/v3/kv/put", { key: base64("a"), value: base64("1") });
    expect(put).toEqual({ header: expect.objectContaining({ revision: "2", raft_term: "2" }) as object });
    const { kvs, count } = await json("/v3/kv/range", { key: base64("a") });
    const kv = { key: "YQ==", create_revision: "2", mod_revision: "2", version: "1", value: "MQ==" };
    expect({ kvs, count }).toEqual({ kvs: [kv], count: "1" });
  });

  test("Every digit of a 64-bit number is kept, in strings and in numbers.", async () => {
    const largest = "9223372036854775807";
    expect(await json("/v3/lease/grant", { TTL: "100", ID: largest })).toMatchObject({ ID: largest });
    const asNumber = await post("/v3/lease/grant", `{"TTL":100,"ID":9007199254740993}`);
    expect(asNumber.body).toContain(`"ID":"9007199254740993"`);
    const tooLarge = await post("/v3/lease/grant", `{"ID":9223372036854775808}`);
    expect([tooLarge.status, tooLarge.body]).toEqual([
      400,
      expect.stringContaining("invalid value for int64 field ID: 9223372036854775808"),
    ]);
  });

  test("A large request waits for those that are being applied, and small ones do not.", async () => {
    const entered = jest.spyOn(appliedRequests, "entered");
    const leave = appliedRequests.enter(8 << 20, () => undefined);
    const large = post("/v3/kv/put", { key: base64("large"), value: base64("x".repeat(20_000)) });
    await until("the large request waits", () => entered.mock.calls.length === 1);
    await json("/v3/kv/put", { key: base64("small"), value: base64("x") });
    expect(await json("/v3/kv/range", { key: base64("large") })).not.toHaveProperty("kvs");
    leave();
    expect((await large).status).toBe(200);
    entered.mockRestore();
  });

  test("The size limit is that of the message, not of its JSON.", async () => {
    const put = (sizeBytes: number) =>
      post("/v3/kv/put", { key: base64("a"), value: base64("x".repeat(sizeBytes)) });
    await server.stop();
    server = await startEmbeddedServer({ limits: { maxRequestBytes: 4 << 20 } });
    expect((await put(4_100_000)).status).toBe(200);
    const { status, body } = await put(4_800_000);
    const message = "grpc: received message larger than max (4800008 vs. 4718592)";
    expect([status, JSON.parse(body)]).toEqual([429, { code: 8, message }]);
  });

  test("Requests of one connection are served one after the other.", async () => {
    server.faults.delay({ methods: "kv.put", ms: 50, count: 1 });
    const put = (value: string, connection: string) => {
      const body = JSON.stringify({ key: base64("a"), value: base64(value) });
      const head = `POST /v3/kv/put HTTP/1.1\r\nHost: x\r\nConnection: ${connection}`;
      return `${head}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    };
    const socket = net.connect(server.port, "127.0.0.1");
    socket.write(put("1", "keep-alive") + put("2", "close"));
    expect((await text(socket)).match(/"revision":"\d"/g)).toEqual(['"revision":"2"', '"revision":"3"']);
    const { kvs } = await json("/v3/kv/range", { key: base64("a") });
    expect(kvs).toMatchObject([{ value: base64("2") }]);
  });

  test("Metadata that are bytes have to be base64.", async () => {
    const range = (value: string) =>
      httpRequest({
        ...{ url: `${server.endpoint}/v3/kv/range`, method: "POST", body: `{"key":1}` },
        headers: { "Grpc-Metadata-A-Bin": value },
      });
    const { status, body } = await range("YWJj?");
    expect([status, JSON.parse(body.toString())]).toEqual([
      400,
      { code: 3, message: "invalid binary header Grpc-Metadata-A-Bin: illegal base64 data at input byte 4" },
    ]);
    expect((await range("YWJj")).body.toString()).toContain("invalid value for bytes field key");
  });

  test("Both spellings of a field name are accepted.", async () => {
    for (const name of ["range_end", "rangeEnd"]) {
      const body = { key: base64("a"), [name]: base64("b"), count_only: true };
      expect((await post("/v3/kv/range", body)).status).toBe(200);
    }
    await json("/v3/kv/put", { key: base64("a1") });
    expect(await json("/v3/kv/range", { key: base64("a"), rangeEnd: base64("b") })).toMatchObject({
      count: "1",
    });
  });

  test("Transactions are carried out.", async () => {
    const compare = [{ key: base64("a"), target: "VERSION", version: "0" }];
    const success = [{ requestPut: { key: base64("a"), value: base64("1") } }];
    const txn = { compare, success };
    expect(await json("/v3/kv/txn", txn)).toMatchObject({
      succeeded: true,
      responses: [{ response_put: {} }],
    });
    expect(await json("/v3/kv/txn", txn)).not.toHaveProperty("succeeded");
  });

  test("A watch sends one result a line.", async () => {
    await json("/v3/kv/put", { key: base64("a"), value: base64("1") });
    const watch = { create_request: { key: base64("a"), start_revision: "2" } };
    const { body } = await post("/v3/watch", watch, { lines: 2 });
    const [created, event] = body
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as object);
    expect(created).toMatchObject({ result: { created: true } });
    expect(event).toMatchObject({ result: { events: [{ kv: { key: "YQ==", value: "MQ==" } }] } });
  });

  test("An error has gRPC's code in the body and the matching HTTP status.", async () => {
    const statusOf = async (path: string, body: string | object, method?: string) => {
      const answer = await post(path, body, method === undefined ? {} : { method });
      return [answer.status, JSON.parse(answer.body)];
    };
    expect(await statusOf("/v3/kv/put", {})).toEqual([
      400,
      { code: 3, message: "etcdserver: key is not provided" },
    ]);
    expect(await statusOf("/v3/lease/revoke", { ID: "7" })).toEqual([
      404,
      { code: 5, message: "etcdserver: requested lease not found" },
    ]);
    expect(await statusOf("/v3/kv/range", { key: base64("a"), revision: "99" })).toEqual([
      400,
      { code: 11, message: "etcdserver: mvcc: required revision is a future revision" },
    ]);
    expect(await statusOf("/v3/kv/put", "{")).toEqual([400, { code: 3, message: "unexpected EOF" }]);
    expect(await statusOf("/v3/nothing", {})).toEqual([404, { code: 5, message: "Not Found" }]);
    expect(await statusOf("/v3/kv/put", {}, "PUT")).toEqual([
      501,
      { code: 12, message: "Method Not Allowed" },
    ]);
  });

  test("A unary request reads the first value of the body, a stream reads every value.", async () => {
    const put = { key: base64("a"), value: base64("1") };
    expect((await post("/v3/kv/put", `${JSON.stringify(put)} and more`)).status).toBe(200);
    const { body } = await post("/v3/lease/keepalive", '{"ID":"1"}\n{"ID":"2"}{"ID":');
    const [first, second, cut] = body.split("\n").map((line) => JSON.parse(line || "{}") as object);
    expect(first).toMatchObject({ result: { ID: "1" } });
    expect(second).toMatchObject({ result: { ID: "2" } });
    expect(cut).toEqual({ error: { code: 3, message: "unexpected EOF" } });
  });

  test("The first message of a stream gets its response before the client sends its last message.", async () => {
    const sent = http.request(`${server.endpoint}/v3/lease/keepalive`, { method: "POST" });
    sent.write('{"ID":"1"}');
    const [answer] = (await once(sent, "response")) as [http.IncomingMessage];
    const [line] = (await once(answer, "data")) as [Buffer];
    expect(JSON.parse(line.toString())).toMatchObject({ result: { ID: "1" } });
    sent.destroy();
  });

  test("An error in a message has its place and protojson's text.", async () => {
    const wrong = async (path: string, body: string) =>
      (JSON.parse((await post(path, body)).body) as { message: string }).message;
    expect(await wrong("/v3/kv/put", '{"key":"YQ==",\n "key":"Yg=="}')).toBe(
      'proto:\u00a0(line 2:2): duplicate field "key"',
    );
    expect(await wrong("/v3/kv/range", '{"range_end":"YQ==","rangeEnd":"Yg=="}')).toBe(
      'proto:\u00a0(line 1:21): duplicate field "rangeEnd"',
    );
    expect(await wrong("/v3/kv/txn", '{"success":[{"request_range":{},"request_put":{}}]}')).toBe(
      'proto:\u00a0(line 1:33): error parsing "request_put", oneof etcdserverpb.RequestOp.request is already set',
    );
    expect(await wrong("/v3/kv/range", '{"limit":1.5}')).toBe(
      "proto:\u00a0(line 1:10): invalid value for int64 field limit: 1.5",
    );
    expect(await wrong("/v3/kv/range", '{"key":"YQ==" "limit":1}')).toBe(
      "invalid character '\"' after object key:value pair",
    );
  });

  test("Every spelling of an integer is accepted.", async () => {
    for (const [TTL, ID] of [
      ["1e2", "1"],
      ["1.0E+2", "2"],
      ['"1000e-1"', "3"],
    ]) {
      expect((await post("/v3/lease/grant", `{"TTL":${TTL},"ID":${ID}}`)).body).toContain('"TTL":"100"');
    }
  });

  test("The refusal of a lock has the code Unknown, as in etcd.", async () => {
    const { status, body } = await post("/v3/lock/lock", { name: base64("l"), lease: "77" });
    expect([status, JSON.parse(body)]).toEqual([
      500,
      { code: 2, message: "etcdserver: requested lease not found" },
    ]);
  });

  test("The Authorization header carries the user's token.", async () => {
    await enableAuth();
    expect((await post("/v3/kv/put", { key: base64("a") })).body).toContain("user name is empty");
    const unknown = await httpRequest({
      url: `${server.endpoint}/v3/kv/range`,
      method: "POST",
      headers: { Authorization: "none" },
      body: JSON.stringify({ key: base64("a") }),
    });
    expect([unknown.status, unknown.headers["www-authenticate"]]).toEqual([
      401,
      "etcdserver: invalid auth token",
    ]);
    const { token } = await json("/v3/auth/authenticate", { name: "root", password: "pw" });
    const { status } = await httpRequest({
      url: `${server.endpoint}/v3/kv/put`,
      method: "POST",
      headers: { Authorization: String(token) },
      body: JSON.stringify({ key: base64("a") }),
    });
    expect(status).toBe(200);
  });

  test("The header Grpc-Timeout ends a call; 0 is no timeout, and what is no time is refused.", async () => {
    const range = async (timeout: string) => {
      const { status, body } = await httpRequest({
        url: `${server.endpoint}/v3/kv/range`,
        method: "POST",
        headers: { "Grpc-Timeout": timeout },
        body: JSON.stringify({ key: base64("a") }),
      });
      return [status, (JSON.parse(body.toString()) as { message?: string }).message];
    };
    for (const timeout of ["60S", "0n", "5000000M", "+7H"])
      expect(await range(timeout)).toEqual([200, undefined]);
    // The last one does not fit 64 bits of nanoseconds, and Go's product is negative.
    for (const timeout of ["-1S", "99999999H"])
      expect(await range(timeout)).toEqual([504, "context deadline exceeded"]);
    for (const timeout of ["x", "S", "1", "1s", "1.5S", "1 S"])
      expect(await range(timeout)).toEqual([400, `invalid grpc-timeout: ${timeout}`]);
  });

  test("The header Grpc-Timeout ends a watch and a lock that waits.", async () => {
    const { ID } = await server.client().lease.leaseGrant({ ID: 0n, TTL: 600n });
    await server.client().kv.put({ key: "l/0", value: "", lease: ID });
    const [watch, lock] = await Promise.all(
      [
        { path: "/v3/watch", body: { create_request: { key: base64("a") } } },
        { path: "/v3/lock/lock", body: { name: base64("l"), lease: String(ID) } },
      ].map(({ path, body }) =>
        httpRequest({
          url: `${server.endpoint}${path}`,
          method: "POST",
          headers: { "Grpc-Timeout": "50m" },
          body: JSON.stringify(body),
        }),
      ),
    );
    const [, end = ""] = (watch?.body.toString() ?? "").trim().split("\n");
    expect(JSON.parse(end)).toEqual({ error: { code: 4, message: "context deadline exceeded" } });
    expect(lock?.status).toBe(504);
  });

  test("A path that is not clean is redirected, as by Go's server.", async () => {
    for (const path of ["/v3//kv/range", "/v3/kv//range"]) {
      const { status, headers } = await httpRequest({ url: `${server.endpoint}${path}`, method: "POST" });
      expect([status, headers.location]).toEqual([307, "/v3/kv/range"]);
    }
    const escaped = await httpRequest({ url: `${server.endpoint}/v3//kv%20x?a=%20`, method: "POST" });
    expect(escaped.headers.location).toBe("/v3/kv%2520x?a=%20");
  });

  test("The number of an enum must be whole.", async () => {
    const { status, body } = await post("/v3/kv/range", { key: base64("a"), sort_order: 1.5 });
    expect([status, body]).toEqual([
      400,
      expect.stringContaining("invalid value for enum field sortOrder: 1.5"),
    ]);
    expect((await post("/v3/kv/range", `{"key":"YQ==","sort_order":1e0}`)).status).toBe(200);
  });

  test("A list must be a list.", async () => {
    const { status, body } = await post("/v3/cluster/member/update", { ID: 1, peerURLs: "x" });
    expect([status, body]).toEqual([
      400,
      expect.stringMatching(/syntax error \(line 1:20\): unexpected token \\"x\\"/),
    ]);
  });

  test("Resigning without a lease grants one, as in etcd.", async () => {
    await json("/v3/election/resign", { leader: { key: base64("e/1"), rev: "5" } });
    const { leases } = await json("/v3/lease/leases", {});
    expect(leases).toHaveLength(1);
  });

  test("An alarm without a member has no member in the errors of a status.", async () => {
    await json("/v3/maintenance/alarm", { action: "ACTIVATE", alarm: "CORRUPT" });
    expect(await json("/v3/maintenance/status", {})).toMatchObject({ errors: ["alarm:CORRUPT"] });
  });

  test("A stream that fails before its first message has the error in the form of a stream.", async () => {
    await enableAuth();
    for (const path of ["/v3/lease/keepalive", "/v3/maintenance/snapshot"])
      expect(await post(path, { ID: 1 })).toEqual({
        status: 400,
        body: `{"error":{"code":3,"message":"etcdserver: user name is empty"}}\n`,
      });
    const { status, body } = await httpRequest({
      url: `${server.endpoint}/v3/maintenance/snapshot`,
      method: "POST",
      headers: { Authorization: "no.1" },
      body: "{}",
    });
    expect([status, body.toString()]).toEqual([
      401,
      `{"error":{"code":16,"message":"etcdserver: invalid auth token"}}\n`,
    ]);
    // Without a request there is no stream.
    expect((await post("/v3/maintenance/snapshot", "{x")).body).toMatch(/^{"code":3,"message":"invalid/);
  });

  test("A caller without a name may ask for the user without a name, who does not exist.", async () => {
    await enableAuth();
    expect(await json("/v3/auth/user/get", { name: "" })).toMatchObject({
      message: "etcdserver: user name not found",
    });
    expect(await json("/v3/auth/user/get", { name: "root" })).toMatchObject({
      message: "etcdserver: user name is empty",
    });
  });
});
