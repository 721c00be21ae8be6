import { setImmediate as turn } from "node:timers/promises";
import { createClient } from "../../src/client/client";
import { keepAlive, keepAliveOnce } from "../../src/client/lease";
import { EtcdError, StatusCode } from "../../src/errors";
import type { LeaseKeepAliveRequest, LeaseKeepAliveResponse } from "../../src/proto/gen/etcdserverpb";
import { fakeTransport, silence, type Answer } from "../support/fake-transport";
import { ManualClock } from "../support/manual-clock";

type Requests = AsyncIterable<LeaseKeepAliveRequest>;

const unavailable = (): never => {
  throw new EtcdError(StatusCode.Unavailable, "no connection", false);
};

async function keep(LeaseKeepAlive: Answer, clock = new ManualClock()) {
  const { lease } = createClient(fakeTransport({ LeaseKeepAlive }));
  const failures: string[] = [];
  const responses: LeaseKeepAliveResponse[] = [];
  const startMs = clock.now();
  let isOver = false;
  const over = (async () => {
    const call = { deadlineAt: clock.now() + 5000 };
    const onFailure = (error: EtcdError) => void failures.push(error.desc);
    for await (const response of keepAlive(lease, 5n, {
      callOptions: call,
      streamOptions: {},
      clock,
      onFailure,
    })) {
      responses.push(response);
    }
  })().finally(() => (isOver = true));
  await clock.runUntil(() => isOver);
  await over;
  return { responses, failures, tookMs: clock.now() - startMs, clock };
}

test("a lease is renewed three times per TTL, until the server says that it has expired", async () => {
  const clock = new ManualClock();
  const sentMs: number[] = [];
  const { responses } = await keep(async function* (requests: Requests) {
    for await (const { ID } of requests) {
      sentMs.push(clock.now());
      yield { ID, TTL: sentMs.length < 4 ? 9n : 0n };
    }
  }, clock);
  expect(responses).toHaveLength(3);
  expect(sentMs.map((ms) => ms - (sentMs[0] as number))).toEqual([0, 3000, 6000, 9000]);
});

test("a broken stream is replaced by a new one", async () => {
  let opened = 0;
  const { responses, failures } = await keep(async function* (requests: Requests) {
    opened++;
    for await (const { ID } of requests) {
      yield { ID, TTL: opened === 1 ? 9n : 0n };
      unavailable();
    }
  });
  expect(opened).toBe(2);
  expect(responses).toHaveLength(1);
  expect(failures).toEqual(["no connection"]);
});

test("a lease without a response for its TTL counts as expired", async () => {
  let asked = 0;
  const { responses, tookMs, clock } = await keep(async function* (requests: Requests, options) {
    for await (const { ID } of requests) {
      if (asked++ === 0) yield { ID, TTL: 30n };
      await silence(options);
    }
  });
  expect(responses).toHaveLength(1);
  expect(asked).toBeGreaterThan(1);
  expect(tookMs).toBeGreaterThanOrEqual(30_000);
  expect(tookMs).toBeLessThan(32_000);
  expect(clock.pending).toBe(0);
});

test("without any member it ends after the deadline of one call", async () => {
  const { failures, tookMs } = await keep(unavailable);
  expect(failures.length).toBeGreaterThan(3);
  expect(tookMs).toBeLessThan(6000);
});

describe("keepAliveOnce", () => {
  const once = (LeaseKeepAlive: Answer) =>
    keepAliveOnce(createClient(fakeTransport({ LeaseKeepAlive })).lease, 5n, {}, new ManualClock());

  test("returns the response", async () => {
    await expect(
      once(async function* (requests: Requests) {
        for await (const { ID } of requests) yield { ID, TTL: 9n };
      }),
    ).resolves.toMatchObject({ ID: 5n, TTL: 9n });
  });

  test("fails for a missing lease, and with the server's refusal", async () => {
    await expect(once(() => [{ ID: 5n, TTL: 0n }])).rejects.toThrow("etcdserver: requested lease not found");
    await expect(
      once(() => {
        throw new EtcdError(StatusCode.PermissionDenied, "etcdserver: permission denied", true);
      }),
    ).rejects.toThrow("etcdserver: permission denied");
  });
});

test("Responses that the server sends unasked do not pile up while the reader is slow.", async () => {
  let isSent = false;
  const { lease } = createClient(
    fakeTransport({
      LeaseKeepAlive: async function* (requests: Requests) {
        for await (const { ID } of requests) {
          for (let i = 0; i < 1000; i++) yield { ID, TTL: 9n };
          isSent = true;
        }
      },
    }),
  );
  const stop = new AbortController();
  const renewals = keepAlive(lease, 5n, {
    callOptions: {},
    streamOptions: { signal: stop.signal },
    clock: new ManualClock(),
    onFailure: () => undefined,
  });
  await renewals.next();
  while (!isSent) await turn();
  let left = 0;
  const reading = (async () => {
    for await (const { TTL } of renewals) left += Number(TTL > 0n);
  })();
  for (let i = 0; i < 100; i++) await turn();
  expect(left).toBe(16);
  stop.abort();
  await expect(reading).rejects.toThrow("context canceled");
});

test("The longest TTL of a server causes no further request: no timer overflows.", async () => {
  const clock = new ManualClock();
  let requests = 0;
  const { lease } = createClient(
    fakeTransport({
      LeaseKeepAlive: async function* (sent: Requests) {
        for await (const { ID } of sent) {
          requests++;
          yield { ID, TTL: 2n ** 63n - 1n };
        }
      },
    }),
  );
  const stop = new AbortController();
  const streamOptions = { signal: stop.signal };
  const renewals = keepAlive(lease, 5n, {
    callOptions: {},
    streamOptions,
    clock,
    onFailure: () => undefined,
  });
  await renewals.next();
  const second = renewals.next();
  for (let days = 0; days < 60; days++) {
    clock.advance(24 * 3600 * 1000);
    await turn();
  }
  expect(requests).toBe(1);
  stop.abort();
  await expect(second).rejects.toThrow("context canceled");
});
