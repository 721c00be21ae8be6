import { EtcdError, StatusCode } from "../../src/errors";
import { serverError } from "../../src/etcd/error-table";
import {
  AuthenticateResponse,
  AuthService,
  KVService,
  MaintenanceService,
  PutRequest,
  PutResponse,
  RangeRequest,
  RangeResponse,
  SnapshotRequest,
  SnapshotResponse,
  WatchRequest,
  WatchResponse,
  WatchService,
} from "../../src/proto/gen/etcdserverpb";
import { standsStill, until, withLongerDeadline } from "../support/until";
import { fakeEtcd, stopFakes } from "./support/fake-etcd";
import { closeAll, open, within } from "./support/open-for-test";

afterEach(async () => {
  await closeAll();
  stopFakes();
});

const range = RangeRequest.create({ key: Buffer.from("a") });
const put = PutRequest.create({ key: Buffer.from("a"), value: Buffer.from("1") });

describe("a call", () => {
  test("carries the client API version, and requires a leader when the caller asks for it", async () => {
    const seen: Record<string, unknown>[] = [];
    const etcd = await fakeEtcd({
      range(_, { metadata }) {
        seen.push(metadata.getMap());
        return RangeResponse.create();
      },
    });
    const transport = await open(etcd.endpoint);
    await transport.unary(KVService.range, range, {});
    await transport.unary(KVService.range, range, { requireLeader: true });
    expect(seen).toMatchObject([{ "client-api-version": "3.7" }, { hasleader: "true" }]);
    expect(seen[0]).not.toHaveProperty("hasleader");
    expect(seen[0]).not.toHaveProperty("token");
  });

  test("fails with the server's error as Go shows it", async () => {
    const etcd = await fakeEtcd({ range: () => Promise.reject(serverError("compacted")) });
    const transport = await open(etcd.endpoint);
    await expect(transport.unary(KVService.range, range, {})).rejects.toMatchObject({
      message: "etcdserver: mvcc: required revision has been compacted",
      code: StatusCode.OutOfRange,
    });
  });

  test.each(["a\nb", "töken", "\x1b[31m"])(
    "fails when the server's token %j fits no header",
    async (token) => {
      const etcd = await fakeEtcd({ authenticate: () => AuthenticateResponse.create({ token }) });
      const transport = await open(etcd.endpoint, { credentials: { user: "root", password: "pw" } });
      const text =
        'rpc error: code = InvalidArgument desc = header key "token" contains value with non-printable ASCII characters';
      await expect(transport.unary(AuthService.userList, {}, {})).rejects.toThrow(text);
      const stream = transport.serverStream(MaintenanceService.snapshot, SnapshotRequest.create(), {});
      await expect(stream[Symbol.asyncIterator]().next()).rejects.toThrow(text);
      const noRequests = {
        [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => undefined) }),
      };
      const watch = transport.duplex(WatchService.watch, noRequests, {});
      await expect(watch[Symbol.asyncIterator]().next()).rejects.toThrow(text);
    },
  );

  test("is not sent when it is above the send limit", async () => {
    const etcd = await fakeEtcd({});
    const transport = await open(etcd.endpoint, { maxRequestBytes: 100 });
    const large = PutRequest.create({ key: Buffer.from("a"), value: Buffer.alloc(200) });
    await expect(transport.unary(KVService.put, large, {})).rejects.toThrow(
      "rpc error: code = ResourceExhausted desc = trying to send message larger than max (206 vs. 100)",
    );
    expect(etcd.calls).toEqual([]);
  });

  test("fails with Go's text when its response is above the receive limit", async () => {
    const etcd = await fakeEtcd({ range: () => RangeResponse.create({ count: 2n ** 62n }) });
    const transport = await open(etcd.endpoint, { maxReceiveBytes: 5 });
    await expect(transport.unary(KVService.range, range, {})).rejects.toThrow(
      "rpc error: code = ResourceExhausted desc = grpc: received message larger than max (10 vs. 5)",
    );
  });

  test("is canceled at the server when the caller cancels it", async () => {
    let cancelled: AbortSignal | undefined;
    const etcd = await fakeEtcd({
      put(_, call) {
        cancelled = call.cancelled;
        return new Promise<PutResponse>(() => undefined);
      },
    });
    const transport = await open(etcd.endpoint);
    const abort = new AbortController();
    const call = transport.unary(KVService.put, put, { signal: abort.signal });
    const failure = expect(call).rejects.toMatchObject({
      message: "context canceled",
      code: StatusCode.Canceled,
    });
    await until("the call has arrived", () => cancelled);
    abort.abort();
    await failure;
    await until("the server knows", () => cancelled?.aborted);
  });

  test("ends at its deadline, at the server too, and its hint names the endpoint", async () => {
    let cancelled: AbortSignal | undefined;
    const etcd = await fakeEtcd({
      put(_, call) {
        cancelled = call.cancelled;
        return new Promise<PutResponse>(() => undefined);
      },
    });
    const transport = await open(etcd.endpoint);
    await withLongerDeadline(300, async (ms) => {
      await expect(transport.unary(KVService.put, put, within(ms))).rejects.toMatchObject({
        message: "context deadline exceeded",
        code: StatusCode.DeadlineExceeded,
        hints: [expect.stringContaining(`${etcd.endpoint}: connected, but did not answer`)],
      });
    });
    await until("the server knows", () => cancelled?.aborted);
  });

  test("can share its signal with many others without a warning", async () => {
    const warnings: Error[] = [];
    const note = (warning: Error) => void warnings.push(warning);
    process.on("warning", note);
    const etcd = await fakeEtcd({ put: () => new Promise<PutResponse>(() => undefined) });
    const transport = await open(etcd.endpoint);
    const abort = new AbortController();
    const calls = Array.from({ length: 20 }, () =>
      transport.unary(KVService.put, put, { signal: abort.signal }),
    );
    await until("all have arrived", () => etcd.calls.length === 20);
    abort.abort();
    for (const call of await Promise.allSettled(calls)) expect(call.status).toBe("rejected");
    process.off("warning", note);
    expect(warnings).toEqual([]);
  });

  test("fails at once when its deadline is over before it starts", async () => {
    const etcd = await fakeEtcd({});
    const transport = await open(etcd.endpoint);
    await expect(transport.unary(KVService.put, put, within(0))).rejects.toThrow("context deadline exceeded");
    expect(etcd.calls).toEqual([]);
  });
});

describe("a stream", () => {
  test("yields every message in order, then ends", async () => {
    const etcd = await fakeEtcd({
      snapshot(call) {
        for (let i = 0; i < 50; i++) call.write(SnapshotResponse.create({ remainingBytes: BigInt(i) }));
        call.end();
      },
    });
    const transport = await open(etcd.endpoint);
    const seen: bigint[] = [];
    for await (const message of transport.serverStream(
      MaintenanceService.snapshot,
      SnapshotRequest.create(),
      {},
    )) {
      seen.push(message.remainingBytes);
    }
    expect(seen).toEqual(Array.from({ length: 50 }, (_, i) => BigInt(i)));
  });

  test("is no faster than its reader", async () => {
    let sent = 0;
    let isStalled = false;
    const chunk = SnapshotResponse.create({ blob: Buffer.alloc(1024 * 1024) });
    const etcd = await fakeEtcd({
      snapshot(call) {
        const more = () => {
          while (sent < 100) {
            sent++;
            if (!call.write(chunk)) {
              isStalled = true;
              call.once("drain", more);
              return;
            }
          }
          call.end();
        };
        more();
      },
    });
    const transport = await open(etcd.endpoint);
    let received = 0;
    for await (const message of transport.serverStream(
      MaintenanceService.snapshot,
      SnapshotRequest.create(),
      {},
    )) {
      received += message.blob.length;
      if (received === chunk.blob.length) {
        await until("the server stalls", () => isStalled && sent > 3);
        await standsStill(() => sent);
        expect(sent).toBeLessThan(40);
      }
    }
    expect(received).toBe(100 * chunk.blob.length);
  });

  test("is canceled at the server when its reader leaves", async () => {
    let isCancelled = false;
    const etcd = await fakeEtcd({
      snapshot(call) {
        call.on("cancelled", () => (isCancelled = true));
        call.write(SnapshotResponse.create({ remainingBytes: 1n }));
      },
    });
    const transport = await open(etcd.endpoint);
    for await (const message of transport.serverStream(
      MaintenanceService.snapshot,
      SnapshotRequest.create(),
      {},
    )) {
      expect(message.remainingBytes).toBe(1n);
      break;
    }
    await until("the server knows", () => isCancelled);
  });

  test("in both directions sends while it receives, and ends when both sides have ended", async () => {
    const etcd = await fakeEtcd({
      watch(call) {
        call.on("data", (request: WatchRequest) => {
          const union = request.requestUnion;
          if (union?.case === "createRequest")
            call.write(WatchResponse.create({ watchId: union.value.watchId }));
        });
        call.on("end", () => call.end());
      },
    });
    const transport = await open(etcd.endpoint);
    async function* requests() {
      for (const watchId of [1n, 2n, 3n]) yield createWatch(watchId);
      await Promise.resolve();
    }
    const ids: bigint[] = [];
    for await (const { watchId } of transport.duplex(WatchService.watch, requests(), {})) ids.push(watchId);
    expect(ids).toEqual([1n, 2n, 3n]);
  });

  test("in both directions ends its requests only when they have their responses", async () => {
    // Like `etcd grpc-proxy`: the end of the requests cancels the call. The response comes later than another call.
    let respond: () => void = () => undefined;
    const etcd = await fakeEtcd({
      watch(call) {
        call.on("data", () => (respond = () => call.write(WatchResponse.create({ watchId: 1n }))));
        call.on("end", () => call.emit("error", { code: StatusCode.Canceled, details: "canceled" }));
      },
      range() {
        respond();
        return RangeResponse.create();
      },
    });
    const transport = await open(etcd.endpoint);
    async function* requests() {
      yield createWatch(1n);
      await Promise.resolve();
    }
    const responses = transport.duplex(WatchService.watch, requests(), {})[Symbol.asyncIterator]();
    const first = responses.next();
    await until("the stream is open", () => etcd.calls.length > 0);
    await transport.unary(KVService.range, range, {});
    expect(await first).toMatchObject({ value: { watchId: 1n } });
    await expect(responses.next()).rejects.toMatchObject({ code: StatusCode.Canceled, desc: "canceled" });
  });

  test("in both directions fails with the error of the source of its requests", async () => {
    const etcd = await fakeEtcd({ watch: () => undefined });
    const transport = await open(etcd.endpoint);
    // eslint-disable-next-line require-yield -- it fails before its first request
    async function* requests(): AsyncGenerator<WatchRequest> {
      await Promise.resolve();
      throw new Error("no more lines");
    }
    const read = async () => {
      for await (const message of transport.duplex(WatchService.watch, requests(), {})) void message;
    };
    await expect(read()).rejects.toThrow("no more lines");
  });

  test("ends at its signal although the server is silent", async () => {
    const etcd = await fakeEtcd({ watch: () => undefined });
    const transport = await open(etcd.endpoint);
    const abort = new AbortController();
    async function* requests() {
      yield createWatch(1n);
      await new Promise(() => undefined);
    }
    const read = async () => {
      for await (const message of transport.duplex(WatchService.watch, requests(), { signal: abort.signal }))
        void message;
    };
    const failure = expect(read()).rejects.toThrow("context canceled");
    await until("the stream is open", () => etcd.calls.length > 0);
    abort.abort();
    await failure;
  });
});

describe("a stream whose peer is silent", () => {
  test("ends with a timeout as the abort reason, and the next call uses another member", async () => {
    const answers = { watch: () => undefined, range: () => RangeResponse.create() };
    const members = [await fakeEtcd(answers), await fakeEtcd(answers)];
    const transport = await open(members.map(({ endpoint }) => endpoint));
    const calls = () => members.map((member) => member.calls.length);
    const leaveStream = async () => {
      const before = calls().join();
      const abort = new AbortController();
      async function* requests() {
        yield createWatch(1n);
        await new Promise(() => undefined);
      }
      const options = { signal: abort.signal };
      const ended = expect(
        (async () => {
          for await (const message of transport.duplex(WatchService.watch, requests(), options)) void message;
        })(),
      ).rejects.toThrow("context deadline exceeded");
      await until("a member has the stream", () => calls().join() !== before);
      abort.abort(new EtcdError(StatusCode.DeadlineExceeded, "context deadline exceeded", true));
      await ended;
    };
    // The next call can use the other member only when that is connected.
    await until("the next call uses the other member", async () => {
      const [before = 0] = calls();
      await leaveStream();
      const [between = 0] = calls();
      await transport.unary(KVService.range, range, {});
      const [after = 0] = calls();
      return between > before !== after > between;
    });
  });
});

describe("authentication", () => {
  const credentials = { user: "root", password: "pw" };
  const login = (tokens: string[]) => () => ({ header: undefined, token: tokens.shift() ?? "none" });

  test("gets a token when the transport opens, and sends it with each call", async () => {
    const etcd = await fakeEtcd({
      authenticate: login(["t1"]),
      range: (_, { metadata }) => RangeResponse.create({ more: metadata.get("token")[0] === "t1" }),
    });
    const transport = await open(etcd.endpoint, { credentials });
    expect(await transport.unary(KVService.range, range, {})).toMatchObject({ more: true });
    expect(etcd.calls[0]).toBe(AuthService.authenticate.path);
  });

  test("gets one new token when the server refuses the old one", async () => {
    const etcd = await fakeEtcd({
      authenticate: login(["old", "new"]),
      put(_, { metadata }) {
        if (metadata.get("token")[0] !== "new") throw serverError("invalidAuthToken");
        return PutResponse.create();
      },
    });
    const transport = await open(etcd.endpoint, { credentials });
    await transport.unary(KVService.put, put, {});
    expect(etcd.calls.filter((path) => path === KVService.put.path)).toHaveLength(2);
  });

  test("gives up when the server also refuses the new token", async () => {
    const etcd = await fakeEtcd({
      authenticate: login(["a", "b", "c"]),
      put: () => Promise.reject(serverError("invalidAuthToken")),
    });
    const transport = await open(etcd.endpoint, { credentials });
    await expect(transport.unary(KVService.put, put, {})).rejects.toThrow("etcdserver: invalid auth token");
    expect(etcd.calls.filter((path) => path === KVService.put.path)).toHaveLength(2);
  });

  test("makes opening the transport fail when the login fails", async () => {
    const etcd = await fakeEtcd({ authenticate: () => Promise.reject(serverError("authFailed")) });
    await expect(open(etcd.endpoint, { credentials })).rejects.toThrow(
      "etcdserver: authentication failed, invalid user ID or password",
    );
  });

  test("is not needed when the server has authentication disabled", async () => {
    const etcd = await fakeEtcd({
      authenticate: () => Promise.reject(serverError("authNotEnabled")),
      range: () => RangeResponse.create(),
    });
    const transport = await open(etcd.endpoint, { credentials });
    await transport.unary(KVService.range, range, {});
  });

  test("does not happen with an empty password, as in Go", async () => {
    const etcd = await fakeEtcd({ range: () => Promise.reject(serverError("userEmpty")) });
    const transport = await open(etcd.endpoint, { credentials: { user: "root", password: "" } });
    await expect(transport.unary(KVService.range, range, {})).rejects.toThrow(
      "etcdserver: user name is empty",
    );
    expect(etcd.calls).toEqual([KVService.range.path]);
  });

  test("uses a token of the caller without a login", async () => {
    const etcd = await fakeEtcd({
      range(_, { metadata }) {
        throw metadata.get("token")[0] === "jwt" ? serverError("invalidAuthToken") : new Error("no token");
      },
    });
    const transport = await open(etcd.endpoint, { credentials: { token: "jwt" } });
    await expect(transport.unary(KVService.range, range, {})).rejects.toThrow(
      "etcdserver: invalid auth token",
    );
    expect(etcd.calls).toHaveLength(1);
  });

  test("is limited by the dial timeout", async () => {
    const etcd = await fakeEtcd({ authenticate: () => new Promise<never>(() => undefined) });
    await expect(open(etcd.endpoint, { credentials, dialTimeoutMs: 200 })).rejects.toThrow(
      "context deadline exceeded",
    );
  });
});

function createWatch(watchId: bigint): WatchRequest {
  const request = WatchRequest.create();
  return {
    ...request,
    requestUnion: {
      case: "createRequest",
      value: {
        key: Buffer.from("a"),
        rangeEnd: Buffer.alloc(0),
        startRevision: 0n,
        progressNotify: false,
        filters: [],
        prevKv: false,
        watchId,
        fragment: false,
      },
    },
  };
}
