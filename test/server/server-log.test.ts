// The lines of the server's log: the messages and fields were compared with those of etcd 3.7.1.
import { EtcdServer } from "../../src/server/member/etcd-server";
import { startEmbeddedServer, type EmbeddedServerOptions } from "../../src/server/server";
import { ManualClock } from "../support/manual-clock";
import { deleteOp, getOp, putOp, Requests } from "../support/requests";

async function logging(options: EmbeddedServerOptions = {}) {
  const lines: { level: string; message: string; fields: Record<string, unknown> }[] = [];
  const onLog: EmbeddedServerOptions["onLog"] = (level, message, fields) =>
    lines.push({ level, message, fields });
  // On a busy machine anything may be slow.
  const slow = { applyMs: 3_600_000, callMs: 3_600_000 };
  const server = await startEmbeddedServer({ listenClientUrls: [], onLog, slow, ...options });
  const take = () => lines.splice(0);
  return { server, client: server.client(), requests: new Requests(server.client()), take };
}

const everything = { applyMs: 0, callMs: 0 };
const anyText = expect.any(String) as string;

describe("slow requests", () => {
  test("A change is logged with its request, values only counted, and the size of its response.", async () => {
    const { server, requests, take } = await logging({ slow: everything });
    take();
    await requests.put("a b", "123", { prevKv: true });
    expect(take()).toEqual([
      {
        level: "warn",
        message: "apply request took too long",
        fields: {
          ...{ took: anyText, "expected-duration": "0s", prefix: "" },
          ...{ request: 'put:<key:"a b" value_size:3 prev_kv:true >', response: "size:4" },
        },
      },
      {
        level: "warn",
        message: "request stats",
        fields: {
          ...{ "start time": anyText, "time spent": anyText, remote: "No remote client info." },
          ...{ "response type": "/etcdserverpb.KV/Put", "request count": 1, "request size": 12 },
          ...{ "response count": 0, "response size": expect.any(Number) as number },
          "request content": 'key:"a b" value_size:3 prev_kv:true ',
        },
      },
    ]);
    await server.stop();
  });

  test("A read, a transaction, a lease and a compaction are logged as etcd writes them.", async () => {
    const { server, client, requests, take } = await logging({ slow: { applyMs: 0, callMs: 3_600_000 } });
    await requests.put("a", "1");
    take();
    await requests.range("a", "b", { limit: 3n });
    await client.kv.txn({ success: [getOp("a")] });
    await client.kv.txn({
      compare: [{ key: "a", target: 3, targetUnion: { case: "value", value: "1" } }],
      success: [putOp("a", "2"), deleteOp("b")],
    });
    await client.lease.leaseGrant({ ID: 255, TTL: 60 });
    await client.kv.compact({ revision: 2 });
    const shown = take().map(({ message, fields: { prefix, request, response } }) => [
      message,
      prefix,
      request,
      response,
    ]);
    const slow = "apply request took too long";
    expect(shown).toEqual([
      [
        slow,
        "read-only range ",
        'key:"a"  range_end:"b"  limit:3',
        expect.stringMatching(/^range_response_count:1 size:\d+$/),
      ],
      [
        ...[slow, "read-only txn ", 'compare:<> success:<request_range:{key:"a"}> failure:<>'],
        expect.stringMatching(/^responses:<range_response_count:1> size:\d+$/),
      ],
      [
        ...[slow, ""],
        'txn:<compare:<target:VALUE key:"a" value_size:1 > success:<request_put:<key:"a" value_size:1 > request_delete_range:{key:"b"}> failure:<>>',
        expect.stringMatching(/^size:\d+$/),
      ],
      [slow, "", "lease_grant:<ttl:60-second id:00000000000000ff>", expect.stringMatching(/^size:\d+$/)],
      [slow, "", "compaction:{revision:2}", "size:4"],
      ["finished scheduled compaction", undefined, undefined, undefined],
    ]);
    await server.stop();
  });

  test("A change that is refused is logged with the reason, a compaction that was done before is not.", async () => {
    const { server, client, requests, take } = await logging();
    await expect(requests.put("a", "1", { lease: 5n })).rejects.toThrow("lease not found");
    const fields = {
      took: anyText,
      request: 'put:<key:"a" value_size:1 lease:5 >',
      response: "",
      error: anyText,
    };
    expect(take()).toEqual([{ level: "warn", message: "failed to apply request", fields }]);
    await client.kv.compact({ revision: 1 });
    take();
    await expect(client.kv.compact({ revision: 1 })).rejects.toThrow("compacted");
    expect(take()).toEqual([]);
    await server.stop();
  });

  test("Quick requests are not logged, and no password is.", async () => {
    const quiet = await logging();
    await quiet.requests.put("a", "1");
    expect(quiet.take()).toEqual([]);
    await quiet.server.stop();
    const loud = await logging({ slow: everything, auth: { bcryptCost: 4 } });
    await loud.client.auth.userAdd({ name: "u", password: "secret" });
    const text = JSON.stringify(loud.take());
    expect(text).toContain("auth_user_add:<name:u>");
    expect(text).not.toMatch(/secret|\$2a/);
    await loud.server.stop();
  });
});

describe("compactions", () => {
  test("The end of each one is logged.", async () => {
    const { server, client, requests, take } = await logging();
    for (const value of ["1", "2", "3"]) await requests.put("a", value);
    await client.kv.compact({ revision: 3 });
    expect(take()).toEqual([
      {
        level: "info",
        message: "finished scheduled compaction",
        fields: {
          ...{
            "compact-revision": 3,
            took: anyText,
            "number-of-keys-compacted": 1,
            hash: expect.any(Number) as number,
          },
          ...{ "current-db-size-bytes": expect.any(Number) as number, "current-db-size": anyText },
          ...{
            "current-db-size-in-use-bytes": expect.any(Number) as number,
            "current-db-size-in-use": anyText,
          },
        },
      },
    ]);
    await server.stop();
  });

  test("An automatic one says when it begins, ends and fails, and a failed one is repeated at the next check.", async () => {
    const clock = new ManualClock();
    const { server, requests, take } = await logging({
      clock,
      autoCompaction: { mode: "periodic", keepMs: 60_000 },
    });
    await requests.put("a", "1");
    let isFailing = true;
    const { proposeRequest } = EtcdServer.prototype;
    const spy = jest.spyOn(EtcdServer.prototype, "proposeRequest").mockImplementation(function (
      this: EtcdServer,
      ...args: Parameters<EtcdServer["proposeRequest"]>
    ) {
      if (isFailing) throw new Error("no space");
      return proposeRequest.apply(this, args);
    } as typeof proposeRequest);
    clock.advance(60_000);
    await new Promise((resolve) => setImmediate(resolve));
    const period = { revision: 1, "compact-period": "1m0s" };
    expect(take()).toEqual([
      { level: "info", message: "starting auto periodic compaction", fields: period },
      {
        ...{ level: "warn", message: "failed auto periodic compaction" },
        fields: { ...period, "retry-interval": "6s", error: "no space" },
      },
    ]);
    isFailing = false;
    clock.advance(6000);
    await new Promise((resolve) => setImmediate(resolve));
    spy.mockRestore();
    expect(take().map(({ message }) => message)).toEqual([
      "starting auto periodic compaction",
      "finished scheduled compaction",
      "completed auto periodic compaction",
    ]);
    await server.stop();
  });
});
