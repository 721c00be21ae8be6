import { mkdirSync } from "node:fs";
import http2 from "node:http2";
import path from "node:path";
import { systemClock } from "../../src/clock";
import { StatusCode } from "../../src/errors";
import { serverError } from "../../src/etcd/error-table";
import {
  KVService,
  PutRequest,
  PutResponse,
  RangeRequest,
  RangeResponse,
} from "../../src/proto/gen/etcdserverpb";
import type { Transport } from "../../src/transport/transport";
import { deadEndpoint } from "../support/ports";
import { startRelay } from "../support/relay";
import { until, withLongerDeadline } from "../support/until";
import { makeFolder, removeFolder } from "../support/work-folder";
import { fakeEtcd, stopFakes, type FakeEtcd, type Handlers } from "./support/fake-etcd";
import { closeAll, open, within } from "./support/open-for-test";
import { rawServer, stopRawServers } from "./support/raw-server";

afterEach(async () => {
  await closeAll();
  stopFakes();
  stopRawServers();
});

const rangeRequest = RangeRequest.create({ key: Buffer.from("a") });
const put = PutRequest.create({ key: Buffer.from("a"), value: Buffer.from("1") });
const never = () => new Promise<never>(() => undefined);
const answers: Handlers = { range: () => RangeResponse.create(), put: () => PutResponse.create() };

describe("several endpoints", () => {
  test.each(["first", "last"])("serve calls when the %s of them is down", async (which) => {
    const etcd = await fakeEtcd(answers);
    const dead = await deadEndpoint();
    const transport = await open(which === "first" ? [dead, etcd.endpoint] : [etcd.endpoint, dead]);
    await transport.unary(KVService.put, put, within(60_000));
  });

  test("serve calls when one accepts connections but stays silent, like a suspended process", async () => {
    const silent = await rawServer();
    const etcd = await fakeEtcd(answers);
    const transport = await open([silent.endpoint, etcd.endpoint]);
    await transport.unary(KVService.put, put, within(60_000));
    await transport.unary(KVService.range, rangeRequest, within(60_000));
  });

  test("replace one that is lost", async () => {
    const [a, b] = [await fakeEtcd(answers), await fakeEtcd(answers)];
    const transport = await open([a.endpoint, b.endpoint]);
    await transport.unary(KVService.put, put, within(60_000));
    for (const etcd of [a, b]) if (etcd.calls.length > 0) etcd.stop();
    await transport.unary(KVService.put, put, within(60_000));
    expect([a.calls.length, b.calls.length]).toEqual([1, 1]);
  });

  test("get a read in turn while it finds no leader", async () => {
    const refusing = await fakeEtcd({ range: () => Promise.reject(serverError("noLeader")) });
    const answering = await fakeEtcd(answers);
    const transport = await open([refusing.endpoint, answering.endpoint]);
    await until("both are used", async () => {
      await transport.unary(KVService.range, rangeRequest, within(60_000));
      return refusing.calls.length > 0 || answering.calls.length > 1;
    });
  });

  test("do not get a write again that may have been applied", async () => {
    const failing: Handlers = { put: () => Promise.reject(serverError("timeout")) };
    const [a, b] = [await fakeEtcd(failing), await fakeEtcd(failing)];
    const transport = await open([a.endpoint, b.endpoint]);
    await expect(transport.unary(KVService.put, put, within(60_000))).rejects.toThrow(
      "etcdserver: request timed out",
    );
    expect(a.calls.length + b.calls.length).toBe(1);
  });

  test("get a read again when its connection breaks", async () => {
    const hanging = await fakeEtcd({ range: never });
    const line = await startRelay(hanging.port);
    const transport = await open(line.endpoint);
    const answer = transport.unary(KVService.range, rangeRequest, within(60_000));
    await until("the call has arrived", () => hanging.calls.length > 0);
    await line.close();
    await fakeEtcd(answers, { address: line.endpoint });
    await answer;
  });

  test("get a read too when one of them does not respond to it", async () => {
    const hanging = await fakeEtcd({ ...answers, range: never });
    const transport = await open([hanging.endpoint, (await fakeEtcd(answers)).endpoint]);
    await transport.unary(KVService.range, rangeRequest, within(60_000));
  });

  test("do not get a write when one of them does not respond to it", async () => {
    const hanging: Handlers = { put: never };
    const [a, b] = [await fakeEtcd(hanging), await fakeEtcd(hanging)];
    const transport = await open([a.endpoint, b.endpoint]);
    await withLongerDeadline(1500, async (ms) => {
      const before = a.calls.length + b.calls.length;
      await expect(transport.unary(KVService.put, put, within(ms))).rejects.toThrow(
        "context deadline exceeded",
      );
      expect(a.calls.length + b.calls.length - before).toBe(1);
    });
  });
});

describe("the load", () => {
  const three = async (handlers: readonly Handlers[]) =>
    Promise.all([0, 1, 2].map((i) => fakeEtcd(handlers[i] ?? answers)));
  /** Puts until all three endpoints are connected, and returns how many calls each of them has had by then. */
  async function connected(transport: Transport, etcds: readonly FakeEtcd[]): Promise<number[]> {
    await until("all are connected", async () => {
      await transport.unary(KVService.put, put, within(60_000));
      return etcds.every(({ calls }) => calls.length > 0);
    });
    return etcds.map(({ calls }) => calls.length);
  }

  test("of one transport goes round the endpoints", async () => {
    const etcds = await three([]);
    const transport = await open(etcds.map(({ endpoint }) => endpoint));
    const before = await connected(transport, etcds);
    for (let i = 0; i < 12; i++) await transport.unary(KVService.put, put, within(60_000));
    expect(etcds.map(({ calls }, i) => calls.length - (before[i] ?? 0))).toEqual([4, 4, 4]);
  });

  test("of transports that make one call each is spread over the endpoints", async () => {
    const etcds = await three([]);
    // Every order of three comes equally often.
    const numbers = [0, 0.4, 0.7].flatMap((first) => [first, 0, first, 0.5]);
    let drawn = 0;
    const random = () => numbers[drawn++ % numbers.length] ?? 0;
    for (let i = 0; i < 60; i++) {
      const transport = await open(
        etcds.map(({ endpoint }) => endpoint),
        { random },
      );
      await transport.unary(KVService.put, put, within(60_000));
      await transport.close();
    }
    const counts = etcds.map(({ calls }) => calls.length);
    expect(Math.max(...counts)).toBeLessThanOrEqual(2.5 * Math.min(...counts));
  });

  test("leaves out an endpoint that has failed a call while another one is ready", async () => {
    let isLeaderless = true;
    const range = () =>
      isLeaderless ? Promise.reject(serverError("noLeader")) : Promise.resolve(RangeResponse.create());
    const etcds = await three([{ ...answers, range }]);
    const transport = await open(etcds.map(({ endpoint }) => endpoint));
    await connected(transport, etcds);
    const ranges = () => etcds.map(({ calls }) => calls.filter((each) => each.endsWith("/Range")).length);
    for (let i = 0; i < 12; i++) await transport.unary(KVService.range, rangeRequest, within(60_000));
    expect(ranges()[0]).toBe(1);
    isLeaderless = false;
    for (const etcd of etcds.slice(1)) etcd.stop();
    await transport.unary(KVService.range, rangeRequest, within(60_000));
    expect(ranges()[0]).toBe(2);
  });
});

describe("one endpoint", () => {
  test("may start after the call, which waits for it", async () => {
    const endpoint = await deadEndpoint();
    const transport = await open(endpoint);
    const answer = transport.unary(KVService.put, put, within(60_000));
    await fakeEtcd(answers, { address: endpoint });
    await answer;
  });

  test("that refuses connections is retried until the deadline", async () => {
    const endpoint = await deadEndpoint();
    const transport = await open(endpoint);
    await withLongerDeadline(400, async (ms) => {
      const options = within(ms);
      await expect(transport.unary(KVService.put, put, options)).rejects.toMatchObject({
        message: "context deadline exceeded",
        hints: [`${endpoint}: connection refused; start etcd there or correct --endpoints`],
      });
      expect(options.deadlineAt).toBeLessThanOrEqual(systemClock.now() + 1);
    });
  });

  test("that loses its connection during a write fails the write with Go's text", async () => {
    const etcd = await fakeEtcd({ put: never });
    const line = await startRelay(etcd.port);
    const transport = await open(line.endpoint);
    const failure = expect(transport.unary(KVService.put, put, within(60_000))).rejects.toThrow(
      "rpc error: code = Unavailable desc = error reading from server: EOF",
    );
    await until("the call has arrived", () => etcd.calls.length > 0);
    await line.close();
    await failure;
  });

  // Recorded from Go's etcdctl 3.7.1.
  test.each([
    ["unix:", "h.sock:0", "h.sock:0"],
    ["unix://", "h.sock:0", "h.sock:0"],
    ["unix:", "d/x.sock", "x.sock"],
    ["unix://", "d/localhost:12", "localhost:12"],
  ])("can be a unix socket: %s%s, with the :authority %s", async (scheme, file, authority) => {
    const dir = makeFolder();
    mkdirSync(path.join(dir, "d"));
    const authorities: unknown[] = [];
    const server = http2.createServer().on("stream", (stream, headers) => {
      authorities.push(headers[":authority"]);
      const status = { ":status": 200, "content-type": "application/grpc", "grpc-status": "3" };
      stream.respond(status, { endStream: true });
    });
    await new Promise<void>((resolve) => server.listen(path.join(dir, file), resolve));
    try {
      const transport = await open(scheme + path.join(dir, file));
      await expect(transport.unary(KVService.range, rangeRequest, within(60_000))).rejects.toMatchObject({
        code: StatusCode.InvalidArgument,
      });
      expect(authorities).toEqual([authority]);
    } finally {
      await closeAll();
      server.close();
      removeFolder(dir);
    }
  });

  test("that is malformed fails the call at once, with a hint on what to write", async () => {
    const transport = await open(["etcd", "ftp://etcd:1"]);
    await expect(transport.unary(KVService.put, put, within(60_000))).rejects.toMatchObject({
      message: "context deadline exceeded",
      hints: [
        "etcd: has no port; write etcd:2379",
        "ftp://etcd:1: unknown scheme ftp://; use http://, https://, unix:// or unixs://",
      ],
    });
  });

  test("is required", async () => {
    await expect(open([])).rejects.toMatchObject({
      message: "etcdclient: no available endpoints",
      exitCode: 2,
    });
  });
});

describe("closing", () => {
  test("by the transport's signal ends a wait for a server", async () => {
    const abort = new AbortController();
    const transport = await open(await deadEndpoint(), { signal: abort.signal });
    const failure = expect(transport.unary(KVService.put, put, {})).rejects.toThrow("context canceled");
    abort.abort();
    await failure;
  });

  test("ends connections that are open and connections that still connect", async () => {
    const silent = await rawServer();
    const transport = await open(silent.endpoint);
    await until("connected", () => silent.sockets.size > 0);
    await transport.close();
    await until("disconnected", () => silent.sockets.size === 0);
  });

  test("fails the running calls", async () => {
    const etcd = await fakeEtcd({ put: never });
    const transport = await open(etcd.endpoint);
    const failure = expect(transport.unary(KVService.put, put, {})).rejects.toThrow("context canceled");
    await until("the call has arrived", () => etcd.calls.length > 0);
    await transport.close();
    await failure;
  });

  test("twice is allowed", async () => {
    const transport = await open(await deadEndpoint());
    await transport.close();
    await transport.close();
  });
});

test("a receive limit below the send limit is refused with Go's text", async () => {
  await expect(open("127.0.0.1:1", { maxRequestBytes: 20, maxReceiveBytes: 10 })).rejects.toMatchObject({
    message: "gRPC message recv limit (10 bytes) must be greater than send limit (20 bytes)",
    exitCode: 2,
  });
});
