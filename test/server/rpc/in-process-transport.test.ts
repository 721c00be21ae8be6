// In-process calls end like calls over a socket.
import { StatusCode } from "../../../src/errors";
import { RangeRequest, WatchCreateRequest, type WatchRequest } from "../../../src/proto/gen/etcdserverpb";
import type { EmbeddedServer } from "../../../src/server/server";
import { startEmbeddedServer } from "../../../src/server/server";
import { Requests, bytes, rangeRequest } from "../../support/requests";

let server: EmbeddedServer;
beforeEach(async () => {
  server = await startEmbeddedServer({ listenClientUrls: [], keys: { a: "1", b: "2" } });
});
afterEach(() => server.stop());

const watchA: WatchRequest = {
  requestUnion: { case: "createRequest", value: WatchCreateRequest.create({ key: bytes("a") }) },
};

test("a watch stream takes no more requests while its client reads no responses", async () => {
  let taken = 0;
  async function* creates(): AsyncGenerator<WatchRequest> {
    for (; taken < 100_000; taken++) yield watchA;
  }
  const responses = server.client().watch.watch(creates())[Symbol.asyncIterator]();
  await responses.next();
  for (let turn = 0; turn < 2000; turn++) await new Promise((resolve) => setImmediate(resolve));
  expect(taken).toBeLessThan(1000);
  await responses.return?.(undefined);
});

describe("an in-process call", () => {
  test("A call fails when its deadline passes, before it starts or while it runs.", async () => {
    const client = server.client();
    const late = client.kv.range(rangeRequest("a"), { deadlineAt: Date.now() - 1 });
    await expect(late).rejects.toMatchObject({
      code: StatusCode.DeadlineExceeded,
      message: "context deadline exceeded",
    });
    const watch = client.watch.watch(endlessRequests(), { deadlineAt: Date.now() + 50 });
    await expect(drain(watch)).rejects.toThrow("context deadline exceeded");
  });

  test("A call fails when it is canceled.", async () => {
    const cancel = new AbortController();
    const watch = drain(server.client().watch.watch(endlessRequests(), { signal: cancel.signal }));
    cancel.abort();
    await expect(watch).rejects.toMatchObject({ code: StatusCode.Canceled, message: "context canceled" });
    const next = server.client().kv.range(rangeRequest("a"), { signal: cancel.signal });
    await expect(next).rejects.toThrow("context canceled");
  });

  test("A call fails after its client is closed.", async () => {
    const client = server.client();
    await client.close();
    await expect(new Requests(client).keys("a")).rejects.toMatchObject({ code: StatusCode.Canceled });
    expect(await new Requests(server.client()).keys("a")).toBe("a");
  });

  test("Client and server work on copies of each message.", async () => {
    const { client } = new Requests(server.client());
    const first = await client.kv.range(rangeRequest("a"));
    first.kvs[0]?.value.fill(0);
    const request = RangeRequest.create({ key: bytes("a") });
    const answer = client.kv.range(request);
    request.key.fill(120);
    expect(Buffer.from((await answer).kvs[0]?.value ?? []).toString()).toBe("1");
  });

  test("A client may leave a stream at any time.", async () => {
    for await (const response of server.client().kv.rangeStream(rangeRequest("a", "z"))) {
      expect(response.rangeResponse?.kvs.length).toBe(2);
      break;
    }
    for await (const response of server.client().watch.watch(endlessRequests())) {
      expect(response.created).toBe(true);
      break;
    }
  });
});

async function* endlessRequests(): AsyncGenerator<WatchRequest> {
  yield watchA;
  await new Promise(() => undefined);
}

async function drain(stream: AsyncIterable<unknown>): Promise<number> {
  let count = 0;
  for await (const each of stream) if (each !== undefined) count++;
  return count;
}
