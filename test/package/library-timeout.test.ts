// No call of the library waits for ever for a server that does not answer. What may last long is not cut off.
import {
  connect,
  EtcdError,
  startEmbeddedServer,
  StatusCode,
  type CallOptions,
  type EtcdClient,
} from "../../src/index";
import { ManualClock } from "../support/manual-clock";
import { deadEndpoint } from "../support/ports";

/** Two endpoints at which nothing listens. */
function deadEndpoints(): Promise<string[]> {
  return Promise.all([deadEndpoint(), deadEndpoint()]);
}

async function firstOf<T>(stream: AsyncIterable<T>): Promise<T> {
  for await (const each of stream) return each;
  throw new Error("the stream is empty");
}

/** Opens its stream and never sends a request. */
function silence(): AsyncIterable<never> {
  return { [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => undefined) }) };
}

const anyCalls: [string, (client: EtcdClient, options?: CallOptions) => Promise<unknown>][] = [
  ["a unary call", (client, options) => client.kv.range({ key: "a" }, options)],
  ["a server stream", (client, options) => firstOf(client.maintenance.snapshot({}, options))],
  ["a duplex stream", (client, options) => firstOf(client.watch.watch(silence(), options))],
  ["a lock", (client, options) => client.lock.lock({ name: "a" }, options)],
];

test.each(anyCalls)("%s to a dead port fails after 5 seconds by default", async (_name, call) => {
  const clock = new ManualClock();
  const client = await connect({ endpoints: await deadEndpoints(), clock });
  let error: unknown;
  const ended = call(client).catch((reason: unknown) => (error = reason));
  await clock.runUntil(() => error !== undefined || clock.now() > 5000);
  await ended;
  expect(error).toMatchObject({ name: "EtcdError", code: StatusCode.DeadlineExceeded });
  expect(clock.now()).toBe(5000);
  await client.close();
});

test.each(anyCalls)("%s to a dead port fails with a hint for each endpoint", async (_name, call) => {
  const endpoints = await deadEndpoints();
  const client = await connect({ endpoints, timeoutMs: 300 });
  const error = await call(client).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(EtcdError);
  const hints = endpoints.map((endpoint) => expect.stringContaining(endpoint) as string);
  expect(error).toMatchObject({ message: "context deadline exceeded", hints });
  await client.close();
});

test.each(anyCalls)("%s may have another time limit", async (_name, call) => {
  const client = await connect({ endpoints: await deadEndpoints(), timeoutMs: Infinity });
  await expect(call(client, { timeoutMs: 50 })).rejects.toMatchObject({ code: StatusCode.DeadlineExceeded });
  await client.close();
});

test("connect with a user and password fails at a dead port too", async () => {
  const options = { endpoints: await deadEndpoints(), credentials: { user: "root", password: "a" } };
  await expect(connect({ ...options, timeoutMs: 50 })).rejects.toMatchObject({
    code: StatusCode.DeadlineExceeded,
  });
});

test("of deadlineAt and timeoutMs the earlier one counts", async () => {
  const clock = new ManualClock();
  const client = await connect({ endpoints: await deadEndpoints(), clock });
  const endOf = async (options: { deadlineAt?: number; timeoutMs?: number }) => {
    const start = clock.now();
    const call = client.kv.range({ key: "a" }, options).catch((error: unknown) => error);
    let ended = false;
    void call.then(() => (ended = true));
    await clock.runUntil(() => ended);
    expect(await call).toMatchObject({ code: StatusCode.DeadlineExceeded });
    return clock.now() - start;
  };
  expect(await endOf({ deadlineAt: 100, timeoutMs: 200 })).toBe(100);
  expect(await endOf({ deadlineAt: 100_000, timeoutMs: 200 })).toBe(200);
  expect(await endOf({ deadlineAt: clock.now() + 20_000 })).toBe(20_000);
  await client.close();
});

test("an established watch lasts longer than the time limit", async () => {
  await using server = await startEmbeddedServer();
  const clock = new ManualClock();
  const client = await connect({ endpoints: [server.endpoint], clock, timeoutMs: 1000 });
  async function* requests() {
    yield { requestUnion: { case: "createRequest", value: { key: "a" } } } as const;
    yield* silence();
  }
  const responses = client.watch.watch(requests())[Symbol.asyncIterator]();
  expect((await responses.next()).value).toMatchObject({ created: true });
  clock.advance(60_000);
  await server.client().kv.put({ key: "a", value: "1" });
  expect((await responses.next()).value).toMatchObject({ events: [{ kv: { version: 1n } }] });
  await client.close();
});

test("lock waits longer than the time limit, unless the call asks for one", async () => {
  await using server = await startEmbeddedServer();
  const clock = new ManualClock();
  const client = await connect({ endpoints: [server.endpoint], clock, timeoutMs: 1000 });
  const first = await client.lock.lock({ name: "a" });
  const second = client.lock.lock({ name: "a" });
  const prefix = { key: "a/", rangeEnd: "a0", countOnly: true };
  while ((await server.client().kv.range(prefix)).count < 2n) await new Promise(setImmediate);
  clock.advance(60_000);
  await expect(server.client().lock.lock({ name: "a" }, { timeoutMs: 20 })).rejects.toMatchObject({
    code: StatusCode.DeadlineExceeded,
  });
  await client.lock.unlock({ key: first.key });
  expect((await second).key).not.toEqual(first.key);
  await client.close();
});
