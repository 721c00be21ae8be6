// What servers and proxies do to a connection or a stream of HTTP/2, with node:http2 as the server.
import { createServer, type Http2Server, type ServerHttp2Session, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { systemClock } from "../../../src/clock";
import { StatusCode } from "../../../src/errors";
import { KVService, PutRequest, PutResponse, WatchService } from "../../../src/proto/gen/etcdserverpb";
import { encode } from "../../../src/proto/message";
import { frameMessage } from "../../../src/transport/own/messages";
import { until } from "../../support/until";
import { closeAll, open, within } from "../support/open-for-test";

afterEach(closeAll);

type Handler = (stream: ServerHttp2Stream, session: ServerHttp2Session, callNumber: number) => void;

const servers = new Set<{ server: Http2Server; sessions: Set<ServerHttp2Session> }>();
afterEach(() => {
  for (const { server, sessions } of servers) {
    server.close();
    for (const session of sessions) session.destroy();
  }
  servers.clear();
});

/** Calls `handle` for each call. Returns the endpoint, and the number of connections so far. */
async function serve(handle: Handler): Promise<{ endpoint: string; connections: () => number }> {
  const server = createServer();
  const sessions = new Set<ServerHttp2Session>();
  let calls = 0;
  servers.add({ server, sessions });
  server.on("session", (session) => {
    sessions.add(session);
    session.on("error", () => undefined);
  });
  server.on("stream", (stream) => {
    stream.on("error", () => undefined);
    handle(stream, stream.session as ServerHttp2Session, ++calls);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { endpoint: `127.0.0.1:${port}`, connections: () => sessions.size };
}

const grpc = { ":status": 200, "content-type": "application/grpc" };
const okTrailers = { "grpc-status": "0" };
const putResponse = encode(PutResponse, PutResponse.create());
function respond(stream: ServerHttp2Stream, message: Buffer, trailers: Record<string, string> = okTrailers) {
  stream.respond(grpc, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers(trailers));
  stream.end(frameMessage(message));
}

const request = PutRequest.create({ key: Buffer.from("a"), value: Buffer.from("1") });

async function put(endpoint: string): Promise<unknown> {
  return (await open(endpoint)).unary(KVService.put, request, within(60_000));
}

// Not with grpc-js, which loses a cancellation that comes between the start of a call and its headers.
test("a stream that is canceled at any moment of its opening does not stay open at the server", async () => {
  const streams: ServerHttp2Stream[] = [];
  const { endpoint } = await serve((stream) => void streams.push(stream.resume()));
  const transport = await open(endpoint);
  for (let turns = 0; turns < 40; turns++) {
    const abort = new AbortController();
    const noRequests = {
      [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => undefined) }),
    };
    const watch = transport.duplex(WatchService.watch, noRequests, { signal: abort.signal });
    const failure = expect(watch[Symbol.asyncIterator]().next()).rejects.toThrow("context canceled");
    // The first one makes the connection.
    if (turns === 0) await until("the server has a stream", () => streams.length > 0);
    else for (let turn = 0; turn < turns; turn++) await Promise.resolve();
    abort.abort();
    await failure;
  }
  await until("all streams have ended", () => streams.every(({ closed }) => closed));
});

test("a GOAWAY lets the running call end, and the next call uses a new connection", async () => {
  const { endpoint, connections } = await serve((stream, session, number) => {
    if (number === 1) session.goaway();
    respond(stream, putResponse);
  });
  const transport = await open(endpoint);
  for (let i = 0; i < 2; i++) await transport.unary(KVService.put, request, within(60_000));
  expect(connections()).toBe(2);
});

test("a write that the server refused before it began is sent again", async () => {
  const { endpoint } = await serve((stream, _, number) => {
    if (number === 1)
      stream.close(7); // REFUSED_STREAM
    else respond(stream, putResponse);
  });
  await expect(put(endpoint)).resolves.toBeDefined();
});

test("limits below 0, which flags can have, limit nothing, as in Go", async () => {
  const { endpoint } = await serve((stream) => respond(stream, putResponse));
  const transport = await open(endpoint, { maxRequestBytes: -1, maxReceiveBytes: -1 });
  await expect(transport.unary(KVService.put, request, within(60_000))).resolves.toBeDefined();
});

test("a write whose stream is reset in another way is not sent again, and fails with Go's text", async () => {
  const { endpoint } = await serve((stream, _, number) => {
    if (number === 1)
      stream.close(11); // ENHANCE_YOUR_CALM
    else respond(stream, putResponse);
  });
  await expect(put(endpoint)).rejects.toMatchObject({
    code: StatusCode.ResourceExhausted,
    desc: "stream terminated by RST_STREAM with error code: ENHANCE_YOUR_CALM",
  });
});

test.each(["own", "grpc-js"])(
  "a stream that the server resets at the deadline, before the client's timer, is a deadline with %s",
  async (implementation) => {
    let aheadMs = 0;
    const { endpoint } = await serve((stream) => {
      aheadMs = 61_000;
      stream.close(8); // CANCEL
    });
    const clock = { ...systemClock, now: () => systemClock.now() + aheadMs };
    const transport = await open(endpoint, { clock, env: { ETCDCTL_TRANSPORT: implementation } });
    await expect(transport.unary(KVService.put, request, within(60_000))).rejects.toMatchObject({
      code: StatusCode.DeadlineExceeded,
      message: "context deadline exceeded",
    });
  },
);

test.each([
  [
    404,
    "text/html",
    StatusCode.Unimplemented,
    '404 (Not Found); transport: received unexpected content-type "text/html"',
  ],
  [
    503,
    "text/plain",
    StatusCode.Unavailable,
    '503 (Service Unavailable); transport: received unexpected content-type "text/plain"',
  ],
  [200, "", StatusCode.Unknown, "200 (OK); transport: missing content-type field"],
])(
  "the answer %d of a web server, with content type %j, is an error with Go's text",
  async (status, type, code, text) => {
    const { endpoint } = await serve((stream) => {
      stream.respond({ ":status": status, ...(type === "" ? {} : { "content-type": type }) });
      stream.end("<html>");
    });
    await expect(put(endpoint)).rejects.toMatchObject({
      code,
      desc: `unexpected HTTP status code received from server: ${text}`,
    });
  },
);

test("a response without trailers is an error", async () => {
  const { endpoint } = await serve((stream) => {
    stream.respond(grpc);
    stream.end(frameMessage(putResponse));
  });
  await expect(put(endpoint)).rejects.toMatchObject({
    code: StatusCode.Internal,
    desc: "server closed the stream without sending trailers",
  });
});

test("a response that ends inside a message is an error", async () => {
  const { endpoint } = await serve((stream) => {
    stream.respond(grpc, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers(okTrailers));
    stream.end(frameMessage(Buffer.alloc(10)).subarray(0, 9));
  });
  await expect(put(endpoint)).rejects.toMatchObject({ code: StatusCode.Internal, desc: "unexpected EOF" });
});

test("an error message with any characters arrives as the server wrote it", async () => {
  const text = "etcdserver: 100% käse\n日本";
  const { endpoint } = await serve((stream) => {
    const message = encodeURIComponent(text).replaceAll("%20", " ");
    stream.respond({ ...grpc, "grpc-status": "9", "grpc-message": message }, { endStream: true });
  });
  await expect(put(endpoint)).rejects.toMatchObject({ code: StatusCode.FailedPrecondition, desc: text });
});
