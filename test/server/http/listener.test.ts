// The client port: plain HTTP of both versions, and gRPC that our client does not send.
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import http2 from "node:http2";
import net from "node:net";
import tls from "node:tls";
import { backgroundClock } from "../../../src/clock";
import { overSocket } from "../../../src/http2/over-socket";
import { ErrorCode } from "../../../src/http2/protocol";
import {
  AlarmRequest,
  AlarmRequest_AlarmAction,
  AuthUserAddRequest,
  PutRequest,
  RangeRequest,
} from "../../../src/proto/gen/etcdserverpb";
import { connect } from "../../../src/index";
import { frameOf } from "../../../src/server/grpc/frames";
import type { EmbeddedServer } from "../../../src/server/server";
import { startEmbeddedServer } from "../../../src/server/server";
import { bytes } from "../../support/requests";
import { makeCertificates } from "../../support/certificates";
import { httpRequest } from "../../support/http-request";
import { noPartialChains, testUnless } from "../../support/skip";
import { until } from "../../support/until";
import { workFolder } from "../../support/work-folder";

let server: EmbeddedServer;
beforeEach(async () => {
  server = await startEmbeddedServer();
});
afterEach(() => server.stop());

const get = async (path: string, method = "GET") => {
  const { status, headers, body } = await httpRequest({ url: `${server.endpoint}${path}`, method });
  return { status, type: headers["content-type"], body: body.toString() };
};
const text = "text/plain; charset=utf-8";

test.each([
  "GET //[ HTTP/1.1",
  "GET http://[ HTTP/1.1",
  "OPTIONS * HTTP/1.1",
  "GET /%zz?%=%%& HTTP/1.1",
  "POST /v3//[ HTTP/1.1",
])("the server survives `%s`", async (line) => {
  const { port } = new URL(`http://${server.endpoint.replace("http://", "")}`);
  const socket = net.connect(Number(port), "127.0.0.1");
  socket.write(`${line}\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
  let answer = "";
  for await (const chunk of socket) answer += String(chunk);
  expect(answer).toMatch(/^HTTP\/1\.1 [2345]\d\d /);
  expect((await get("/health")).status).toBe(200);
});

describe("plain HTTP on the client port", () => {
  test("The pages report health and version.", async () => {
    expect(await get("/health")).toEqual({ status: 200, type: text, body: `{"health":"true","reason":""}` });
    expect(await get("/version")).toEqual({
      status: 200,
      type: "application/json",
      body: `{"etcdserver":"3.7.1","etcdcluster":"3.7.0","storage":"3.7.0"}`,
    });
    expect(await get("/readyz")).toEqual({ status: 200, type: text, body: "ok\n" });
    expect((await get("/livez?verbose")).body).toBe("[+]serializable_read ok\nok\n");
    expect((await get("/readyz/non_learner")).status).toBe(200);
  });

  test("/health reports an alarm unless the request excludes it.", async () => {
    const alarm = AlarmRequest.create({ action: AlarmRequest_AlarmAction.ACTIVATE, alarm: 1, memberID: 1n });
    await server.client().maintenance.alarm(alarm);
    expect(await get("/health")).toEqual({
      status: 503,
      type: text,
      body: `{"health":"false","reason":"ALARM NOSPACE"}\n`,
    });
    expect((await get("/health?exclude=NOSPACE")).status).toBe(200);
  });

  test("Other paths and methods are refused.", async () => {
    expect(await get("/nope")).toEqual({ status: 404, type: text, body: "404 page not found\n" });
    expect(await get("/health", "POST")).toEqual({ status: 405, type: text, body: "Method Not Allowed\n" });
    expect((await get("/version", "HEAD")).status).toBe(405);
  });

  test("The pages are also served over HTTP/2 under TLS, which curl uses there. Without TLS, HTTP/2 is for gRPC.", async () => {
    expect(await overHttp2({ ":path": "/health" })).toMatchObject({ status: 415, body: "" });
    await using secure = await startEmbeddedServer({ tls: true });
    const session = http2.connect(secure.endpoint, { ca: secure.certificates.ca });
    try {
      const stream = session.request({ ":path": "/health" });
      let body = "";
      for await (const chunk of stream) body += String(chunk);
      expect(body).toBe(`{"health":"true","reason":""}`);
    } finally {
      session.destroy();
    }
  });

  test("The server waits for enough bytes to distinguish the protocols.", async () => {
    // Node publishes the accepted sockets of this process, so the test knows which bytes have arrived.
    let accepted: net.Socket | undefined;
    const onSocket = (message: unknown) => ({ socket: accepted } = message as { socket: net.Socket });
    subscribe("net.server.socket", onSocket);
    const socket = net.connect(server.port, "127.0.0.1");
    const answer = new Promise<string>((resolve) => socket.once("data", (data) => resolve(data.toString())));
    for (const part of ["P", "A", "TCH /health HTTP/1.1\r\nhost: x\r\n\r\n"]) {
      socket.write(part);
      await until("the server has read it", () => accepted?.bytesRead === socket.bytesWritten);
    }
    unsubscribe("net.server.socket", onSocket);
    expect(await answer).toMatch(/^HTTP\/1.1 405 /);
    socket.destroy();
  });
});

describe("gRPC on the client port", () => {
  const grpc = { ":method": "POST", "content-type": "application/grpc", te: "trailers" };
  const put = frameOf(PutRequest, PutRequest.create({ key: bytes("a"), value: bytes("1") }));

  test("A request that arrives in pieces gets a response.", async () => {
    const headers = { ...grpc, ":path": "/etcdserverpb.KV/Put" };
    const answer = await overHttp2(headers, [put.subarray(0, 3), put.subarray(3, 7), put.subarray(7)]);
    expect(answer).toMatchObject({ status: 200, trailers: { "grpc-status": "0" } });
  });

  test("The status reports unknown services and methods, damaged messages and missing messages.", async () => {
    const status = async (path: string, body: Buffer[]) => {
      const { headers } = await overHttp2({ ...grpc, ":path": path }, body);
      return [headers["grpc-status"], headers["grpc-message"]];
    };
    expect(await status("/x.Y/Z", [put])).toEqual(["12", "unknown service x.Y"]);
    expect(await status("/etcdserverpb.KV/Z", [put])).toEqual([
      "12",
      "unknown method Z for service etcdserverpb.KV",
    ]);
    const damaged = Buffer.from([0, 0, 0, 0, 2, 10, 99]);
    expect(await status("/etcdserverpb.KV/Put", [damaged])).toEqual([
      "13",
      expect.stringContaining("grpc: error unmarshalling request: "),
    ]);
    expect(await status("/etcdserverpb.KV/Put", [])).toEqual(["2", "EOF"]);
  });

  test("A token that is sent twice, as Python's etcd3 does, is valid.", async () => {
    await server.stop();
    server = await startEmbeddedServer({ auth: { users: { root: { password: "pw", roles: ["root"] } } } });
    const { auth } = server.client();
    const { token } = await auth.authenticate({ name: "root", password: "pw" });
    const withTokens = (...tokens: string[]) =>
      overHttp2({ ...grpc, ":path": "/etcdserverpb.KV/Put", token: tokens }, [put]);
    expect(await withTokens(token, token)).toMatchObject({ trailers: { "grpc-status": "0" } });
    expect(await withTokens("wrong", token)).toMatchObject({ headers: { "grpc-status": "16" } });
  });

  test("Hundreds of requests of a mebibyte each get their responses when they come at once on one connection.", async () => {
    const client = await connect({ endpoints: [server.endpoint], timeoutMs: Infinity });
    const range = (first: number) => client.kv.range({ key: Buffer.alloc(1 << 20, first) });
    const responses = await Promise.all([...Array(300).keys()].map(range));
    expect(responses.filter(({ count }) => count === 0n)).toHaveLength(300);
    await client.close();
  });

  test("Large requests that are canceled half-way make room for the next one on their connection.", async () => {
    const session = http2.connect(server.endpoint);
    const begin = () => session.request({ ...grpc, ":path": "/etcdserverpb.KV/Range" });
    const range = async (sizeBytes: number) => {
      const request = RangeRequest.create({ key: Buffer.alloc(sizeBytes, 1) });
      const stream = begin().resume();
      return new Promise((resolve) => stream.on("trailers", resolve).end(frameOf(RangeRequest, request)));
    };
    const large = frameOf(RangeRequest, RangeRequest.create({ key: Buffer.alloc(1 << 20, 1) }));
    const halves = [...Array(100).keys()].map(begin);
    const write = (half: http2.ClientHttp2Stream) =>
      new Promise((resolve) => half.on("error", () => undefined).write(large.subarray(0, 10_000), resolve));
    await Promise.all(halves.map(write));
    // When it is answered, the server has all that came before it.
    await range(1);
    const last = range(1 << 20);
    for (const half of halves) half.close(http2.constants.NGHTTP2_CANCEL);
    expect(await last).toMatchObject({ "grpc-status": "0" });
    session.close();
  });

  test("A stream ends at its deadline.", async () => {
    const watch = { ...grpc, ":path": "/etcdserverpb.Watch/Watch", "grpc-timeout": "50m" };
    const { headers } = await overHttp2(watch, [], { keepOpen: true });
    expect([headers["grpc-status"], headers["grpc-message"]]).toEqual(["4", "context deadline exceeded"]);
  });
});

describe("TLS on the client port", () => {
  const folder = workFolder();

  const withCertificates = () => {
    const certificates = makeCertificates(folder());
    const files = certificates("server");
    const tls = {
      cert: readFileSync(files.cert),
      key: readFileSync(files.key),
      clientCa: [readFileSync(files.ca)],
    };
    return { certificates, tls };
  };

  test("The JSON gateway ignores the certificate's common name, and refuses the request when auth is enabled.", async () => {
    const { certificates, tls } = withCertificates();
    const secure = await startEmbeddedServer({ tls, auth: { bcryptCost: 4, clientCertAuth: true } });
    const range = async () => {
      const url = `${secure.endpoint}/v3/kv/range`;
      const { status, headers, body } = await httpRequest({
        ...{ url, method: "POST", body: '{"key":"YQ=="}' },
        tls: certificates("client-root"),
      });
      return { status, type: headers["content-type"], body: body.toString() };
    };
    expect(await range()).toMatchObject({ status: 200 });
    const { auth } = secure.client();
    await auth.userAdd(AuthUserAddRequest.create({ name: "root", password: "pw" }));
    await auth.roleAdd({ name: "root" });
    await auth.userGrantRole({ user: "root", role: "root" });
    await auth.authEnable({});
    expect(await range()).toEqual({
      status: 400,
      type: text,
      body: "CommonName of client sending a request against gateway will be ignored and not used as expected\n",
    });
    await secure.stop();
  });

  test("With clientCa, only clients with a certificate from that authority connect.", async () => {
    const { certificates, tls } = withCertificates();
    const secure = await startEmbeddedServer({ tls });
    const health = (name: string) =>
      httpRequest({ url: `${secure.endpoint}/health`, tls: certificates(name) });
    expect((await health("client")).status).toBe(200);
    await expect(health("other-client")).rejects.toThrow();
    await secure.stop();
  });

  testUnless(noPartialChains, "An authority of clientCa need not be a root.", async () => {
    const { certificates, tls } = withCertificates();
    const trusted = { ...tls, clientCa: [readFileSync(certificates("client").cert)] };
    const secure = await startEmbeddedServer({ tls: trusted });
    const health = (name: string) =>
      httpRequest({ url: `${secure.endpoint}/health`, tls: certificates(name) });
    expect((await health("client")).status).toBe(200);
    await expect(health("client-alice")).rejects.toThrow();
    await secure.stop();
  });

  test("A client with a certificate can resume its session.", async () => {
    const { certificates, tls: settings } = withCertificates();
    const secure = await startEmbeddedServer({ tls: settings });
    const { cert, key, ca } = certificates("client");
    const pair = { cert: readFileSync(cert), key: readFileSync(key), ca: readFileSync(ca) };
    const connectWith = async (session?: Buffer) => {
      const socket = tls.connect({ port: secure.port, ...pair, session, maxVersion: "TLSv1.2" });
      await once(socket, "secureConnect");
      const [received, isReused] = [socket.getSession(), socket.isSessionReused()];
      socket.write("GET /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
      socket.resume();
      await once(socket, "close");
      return { session: received, isReused };
    };
    const first = await connectWith();
    expect([first.isReused, (await connectWith(first.session)).isReused]).toEqual([false, true]);
    await secure.stop();
  });
});

test("Over TLS, a request without a path is reset, also that of a call: etcd serves both with Go's HTTP server.", async () => {
  await using secure = await startEmbeddedServer({ tls: true });
  const { port } = secure;
  const socket = tls.connect({ port, ca: secure.certificates.ca, ALPNProtocols: ["h2"] });
  const connection = overSocket(socket, { role: "client", clock: backgroundClock });
  const code = (...fields: [string, string][]) =>
    new Promise((resolve) => {
      const headers = fields.map(([name, value]) => ({ name, value }));
      const events = { onClose: (error: { code: number } | undefined) => resolve(error?.code) };
      connection.request(headers, { events, end: true });
    });
  const call: [string, string][] = [
    [":method", "POST"],
    [":scheme", "https"],
    ["content-type", "application/grpc"],
  ];
  expect(await code(...call)).toBe(ErrorCode.protocolError);
  expect(await code([":method", "GET"], [":scheme", "https"], [":path", ""])).toBe(ErrorCode.protocolError);
  expect(await code([":method", "GET"], [":scheme", "https"], [":path", "/health"])).toBeUndefined();
  socket.destroy();
});

interface Http2Answer {
  status: number | undefined;
  headers: http2.IncomingHttpHeaders;
  trailers: http2.IncomingHttpHeaders;
  body: string;
}

async function overHttp2(
  headers: http2.OutgoingHttpHeaders,
  body: readonly Buffer[] = [],
  { keepOpen = false } = {},
): Promise<Http2Answer> {
  const session = http2.connect(server.endpoint);
  const stream = session.request(headers, { endStream: false });
  const answer: Http2Answer = { status: undefined, headers: {}, trailers: {}, body: "" };
  stream.on("response", (received) => {
    answer.headers = received;
    answer.status = received[":status"];
  });
  stream.on("trailers", (received) => (answer.trailers = received));
  stream.on("data", (chunk: Buffer) => (answer.body += chunk.toString()));
  for (const part of body) {
    stream.write(part);
    await new Promise((resolve) => setImmediate(resolve));
  }
  if (!keepOpen) stream.end();
  await new Promise((resolve) => stream.once("end", resolve));
  session.destroy();
  return answer;
}
