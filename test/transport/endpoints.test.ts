import path from "node:path";
import { systemClock } from "../../src/clock";
import { serverError } from "../../src/etcd/error-table";
import {
  KVService,
  PutRequest,
  PutResponse,
  RangeRequest,
  RangeResponse,
} from "../../src/proto/gen/etcdserverpb";
import { startRelay } from "../support/relay";
import { until } from "../support/until";
import { makeFolder, removeFolder } from "../support/work-folder";
import { fakeEtcd, stopFakes, type Handlers } from "./support/fake-etcd";
import { closeAll, open, within } from "./support/open-for-test";
import { deadEndpoint, rawServer, stopRawServers } from "./support/raw-server";

afterEach(async () => {
  await closeAll();
  stopFakes();
  stopRawServers();
});

const range = RangeRequest.create({ key: Buffer.from("a") });
const put = PutRequest.create({ key: Buffer.from("a"), value: Buffer.from("1") });
const never = () => new Promise<never>(() => undefined);
const answers: Handlers = { range: () => RangeResponse.create(), put: () => PutResponse.create() };

describe("several endpoints", () => {
  test.each(["first", "last"])("serve calls when the %s of them is down", async (which) => {
    const etcd = await fakeEtcd(answers);
    const dead = await deadEndpoint();
    const transport = await open(which === "first" ? [dead, etcd.endpoint] : [etcd.endpoint, dead]);
    await transport.unary(KVService.put, put, within(5000));
  });

  test("serve calls when one accepts connections but stays silent, like a suspended process", async () => {
    const silent = await rawServer();
    const etcd = await fakeEtcd(answers);
    const transport = await open([silent.endpoint, etcd.endpoint]);
    await transport.unary(KVService.put, put, within(5000));
    await transport.unary(KVService.range, range, within(5000));
  });

  test("replace one that is lost", async () => {
    const [a, b] = [await fakeEtcd(answers), await fakeEtcd(answers)];
    const transport = await open([a.endpoint, b.endpoint]);
    await transport.unary(KVService.put, put, within(5000));
    for (const etcd of [a, b]) if (etcd.calls.length > 0) etcd.stop();
    await transport.unary(KVService.put, put, within(5000));
    expect([a.calls.length, b.calls.length]).toEqual([1, 1]);
  });

  test("get a read in turn while it finds no leader", async () => {
    const refusing = await fakeEtcd({ range: () => Promise.reject(serverError("noLeader")) });
    const answering = await fakeEtcd(answers);
    const transport = await open([refusing.endpoint, answering.endpoint]);
    await until("both are used", async () => {
      await transport.unary(KVService.range, range, within(5000));
      return refusing.calls.length > 0 || answering.calls.length > 1;
    });
  });

  test("do not get a write again that may have been applied", async () => {
    const failing: Handlers = { put: () => Promise.reject(serverError("timeout")) };
    const [a, b] = [await fakeEtcd(failing), await fakeEtcd(failing)];
    const transport = await open([a.endpoint, b.endpoint]);
    await expect(transport.unary(KVService.put, put, within(5000))).rejects.toThrow(
      "etcdserver: request timed out",
    );
    expect(a.calls.length + b.calls.length).toBe(1);
  });

  test("get a read again when its connection breaks", async () => {
    const hanging = await fakeEtcd({ range: never });
    const line = await startRelay(hanging.port);
    const transport = await open(line.endpoint);
    const answer = transport.unary(KVService.range, range, within(5000));
    await until("the call has arrived", () => hanging.calls.length > 0);
    await line.close();
    await fakeEtcd(answers, { address: line.endpoint });
    await answer;
  });

  test("get a read too when one of them does not respond to it", async () => {
    const hanging = await fakeEtcd({ ...answers, range: never });
    const transport = await open([hanging.endpoint, (await fakeEtcd(answers)).endpoint]);
    await transport.unary(KVService.range, range, within(10_000));
  });

  test("do not get a write when one of them does not respond to it", async () => {
    const hanging: Handlers = { put: never };
    const [a, b] = [await fakeEtcd(hanging), await fakeEtcd(hanging)];
    const transport = await open([a.endpoint, b.endpoint]);
    await expect(transport.unary(KVService.put, put, within(1500))).rejects.toThrow(
      "context deadline exceeded",
    );
    expect(a.calls.length + b.calls.length).toBe(1);
  });
});

describe("one endpoint", () => {
  test("may start after the call, which waits for it", async () => {
    const endpoint = await deadEndpoint();
    const transport = await open(endpoint);
    const answer = transport.unary(KVService.put, put, within(10_000));
    await fakeEtcd(answers, { address: endpoint });
    await answer;
  });

  test("that refuses connections is retried until the deadline", async () => {
    const endpoint = await deadEndpoint();
    const transport = await open(endpoint);
    const options = within(400);
    await expect(transport.unary(KVService.put, put, options)).rejects.toMatchObject({
      message: "context deadline exceeded",
      hints: [`${endpoint}: connection refused; start etcd there or correct --endpoints`],
    });
    expect(options.deadlineAt).toBeLessThanOrEqual(systemClock.now() + 1);
  });

  test("that loses its connection during a write fails the write with Go's text", async () => {
    const etcd = await fakeEtcd({ put: never });
    const line = await startRelay(etcd.port);
    const transport = await open(line.endpoint);
    const failure = expect(transport.unary(KVService.put, put, within(5000))).rejects.toThrow(
      "rpc error: code = Unavailable desc = error reading from server: EOF",
    );
    await until("the call has arrived", () => etcd.calls.length > 0);
    await line.close();
    await failure;
  });

  test("can be a unix socket", async () => {
    const dir = makeFolder();
    const endpoint = `unix://${path.join(dir, "localhost:1")}`;
    await fakeEtcd(answers, { address: `unix:${path.join(dir, "localhost:1")}` });
    const transport = await open(endpoint);
    await transport.unary(KVService.range, range, within(5000));
    await closeAll();
    stopFakes();
    removeFolder(dir);
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
