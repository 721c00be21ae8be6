// The lease of a session: when it is renewed, and when it counts as lost.
import { sleep } from "../../../src/clock";
import { createClient } from "../../../src/client/client";
import { openSession, type Session } from "../../../src/client/concurrency/session";
import { EtcdError, StatusCode } from "../../../src/errors";
import { serverError } from "../../../src/etcd/error-table";
import type { LeaseKeepAliveRequest } from "../../../src/proto/gen/etcdserverpb";
import { fakeTransport, silence, type Answer } from "../../support/fake-transport";
import { seeded } from "../../support/seeded";
import { ManualClock } from "../../support/manual-clock";

type Requests = AsyncIterable<LeaseKeepAliveRequest>;

async function session(
  LeaseKeepAlive: Answer,
  clock = new ManualClock(),
  LeaseGrant: Answer = () => ({ ID: 5n, TTL: 9n }),
  signal?: AbortSignal,
) {
  const { lease } = createClient(fakeTransport({ LeaseGrant, LeaseKeepAlive }));
  return openSession(lease, { ttlSeconds: 9n, clock, callOptions: () => ({}), signal });
}

test("a session is lost when the server has ended its lease, and says why", async () => {
  const clock = new ManualClock();
  const { lost, leaseId } = await session(async function* (requests: Requests) {
    let answers = 0;
    for await (const { ID } of requests) yield { ID, TTL: answers++ < 2 ? 9n : 0n };
  }, clock);
  expect(leaseId).toBe(5n);
  await clock.runUntil(() => lost.aborted);
  expect(clock.now()).toBe(6000);
  expect(lost.reason).toMatchObject({ message: "the server has ended it" });
});

test("without a response a session is lost after its TTL, counted from the arrival of the last response as in Go", async () => {
  const clock = new ManualClock();
  let streams = 0;
  const slow: Answer = async function* (requests: Requests, options) {
    for await (const { ID } of requests) {
      if (streams++ > 0) await silence(options);
      // The answer takes two of its nine seconds.
      clock.advance(2000);
      yield { ID, TTL: 9n };
      await silence(options);
    }
  };
  const { lost } = await session(slow, clock);
  await clock.runUntil(() => lost.aborted);
  expect(clock.now()).toBe(11_000);
  expect(lost.reason).toMatchObject({ message: expect.stringContaining("could not be renewed") as string });
});

test("the client leaves a hanging member while there is time to use another one", async () => {
  const clock = new ManualClock();
  const openedMs: number[] = [];
  const { lost } = await session(async function* (requests: Requests, options) {
    openedMs.push(clock.now());
    let answers = 0;
    for await (const { ID } of requests) {
      yield { ID, TTL: answers++ === 0 ? 9n : 0n };
      if (openedMs.length < 3) await silence(options);
    }
  }, clock);
  await clock.runUntil(() => lost.aborted);
  // The renewal is due after 3 s and silent when half of the other 6 s are over. Then a stream is opened beside it.
  expect(openedMs).toEqual([0, 6000, 12_000]);
  expect(lost.reason).toMatchObject({ message: "the server has ended it" });
});

test("the reason is the last error of a server, not a later timeout", async () => {
  const clock = new ManualClock();
  let streams = 0;
  const { lost } = await session(async function* (requests: Requests, options) {
    for await (const { ID } of requests) {
      if (++streams === 1) yield { ID, TTL: 9n };
      if (streams < 4) throw serverError("authFailed");
      await silence(options);
    }
  }, clock);
  await clock.runUntil(() => lost.aborted);
  expect(lost.reason).toMatchObject({
    message: "it could not be renewed: etcdserver: authentication failed, invalid user ID or password",
  });
});

test("the first renewal may take as long as the grant took", async () => {
  const clock = new ManualClock();
  const { lost } = await session(
    async function* (_: Requests, options) {
      yield* [];
      await silence(options);
    },
    clock,
    () => {
      clock.advance(4000);
      return { ID: 5n, TTL: 9n };
    },
  );
  await clock.runUntil(() => lost.aborted);
  expect(clock.now()).toBe(13_000);
});

test("a session that has ended is not renewed any more, and is not lost", async () => {
  const clock = new ManualClock();
  const opened = await session(async function* (requests: Requests, options) {
    for await (const { ID } of requests) {
      if (options.signal?.aborted) return;
      yield { ID, TTL: 9n };
    }
  }, clock);
  opened.end();
  await clock.runUntil(() => clock.pending === 0);
  clock.advance(60_000);
  await new Promise((resolve) => setImmediate(resolve));
  expect(opened.lost.aborted).toBe(false);
  expect(clock.pending).toBe(0);
});

test.each(["release()", "a closed client"])(
  "after %s a session is lost when the time of its last renewal is over",
  async (how) => {
    const clock = new ManualClock();
    const closing = new AbortController();
    let renewedMs = -1;
    const renewals: Answer = async function* (requests: Requests, options) {
      for await (const { ID } of requests) {
        if (options.signal?.aborted) return;
        renewedMs = clock.now();
        yield { ID, TTL: 9n };
      }
    };
    const opened = await session(renewals, clock, undefined, closing.signal);
    await clock.runUntil(() => renewedMs === 6000);
    clock.advance(1000);
    if (how === "release()") opened.release();
    else closing.abort();
    await clock.runUntil(() => opened.lost.aborted);
    expect(renewedMs).toBe(6000);
    expect(clock.now()).toBe(15_000);
    expect(opened.lost.reason).toMatchObject({ message: "it was not renewed any more" });
  },
);

test("a session that was released and whose lease was revoked is not lost", async () => {
  const clock = new ManualClock();
  const opened = await session(async function* (_: Requests, options) {
    yield* [];
    await silence(options);
  }, clock);
  opened.release();
  opened.end();
  await clock.runUntil(() => clock.pending === 0);
  expect(opened.lost.aborted).toBe(false);
});

describe("the lease of a session", () => {
  const late = (cause?: unknown) =>
    new EtcdError(StatusCode.DeadlineExceeded, "context deadline exceeded", true, { cause });
  const keepAlive: Answer = async function* (_: Requests, options) {
    yield* [];
    await silence(options);
  };

  /** How long the client retries a grant that always fails like this. Each attempt takes one second. */
  async function retriedForMs(error: EtcdError, grantTimeoutMs?: number): Promise<number> {
    const clock = new ManualClock();
    const LeaseGrant: Answer = () => {
      clock.advance(1000);
      throw error;
    };
    const { lease } = createClient(fakeTransport({ LeaseGrant, LeaseKeepAlive: keepAlive }));
    const call = () => ({ deadlineAt: clock.now() + 5000 });
    let failed: unknown;
    openSession(lease, { ttlSeconds: 9n, clock, callOptions: call, grantTimeoutMs }).catch(
      (e: unknown) => (failed = e),
    );
    await clock.runUntil(() => failed !== undefined);
    expect(failed).toBe(error);
    return clock.now();
  }

  test("is requested again while a reachable cluster elects a leader", async () => {
    expect(await retriedForMs(late(new Error("sent, and no answer")))).toBeGreaterThanOrEqual(30_000);
    expect(await retriedForMs(serverError("noLeader"))).toBeGreaterThanOrEqual(30_000);
    expect(await retriedForMs(serverError("noLeader"), 2000)).toBeLessThan(5000);
  });

  test("is requested on one clock and renewed on the other, which need not keep the process alive", async () => {
    const [clock, renewalClock] = [new ManualClock(), new ManualClock()];
    let calls = 0;
    const LeaseGrant: Answer = () => {
      if (calls++ === 0) throw serverError("noLeader");
      return Promise.resolve({ ID: 5n, TTL: 9n });
    };
    const { lease } = createClient(fakeTransport({ LeaseGrant, LeaseKeepAlive: keepAlive }));
    const call = () => ({ deadlineAt: clock.now() + 5000 });
    let opened: Session | undefined;
    const opening = openSession(lease, { ttlSeconds: 9n, clock, renewalClock, callOptions: call });
    void opening.then((session) => (opened = session));
    await clock.runUntil(() => opened !== undefined);
    expect(clock.now()).toBeGreaterThan(0);
    expect(clock.pending).toBe(0);
    expect(renewalClock.pending).toBeGreaterThan(0);
    opened?.end();
  });

  test("is requested once while no member is reachable", async () => {
    expect(await retriedForMs(late())).toBe(1000);
  });
});

describe("on a slow link", () => {
  /** An etcd whose lease ends when no renewal has arrived for `ttlMs`. `delayMs` is the time of the nth way, in both directions. */
  function slowServer(clock: ManualClock, ttlMs: number, delayMs: (n: number) => number) {
    let ways = 0;
    let endsMs = Infinity;
    const way = () => sleep(clock, delayMs(ways++));
    const answer = async () => {
      await way();
      const isAlive = clock.now() < endsMs;
      if (isAlive) endsMs = clock.now() + ttlMs;
      await way();
      return { ID: 5n, TTL: isAlive ? BigInt(ttlMs / 1000) : 0n };
    };
    const LeaseKeepAlive: Answer = async function* (requests: Requests) {
      for await (const { ID } of requests) yield { ...(await answer()), ID };
    };
    return { LeaseGrant: answer, LeaseKeepAlive };
  }

  async function isKept(ttlSeconds: bigint, delayMs: (n: number) => number): Promise<boolean> {
    const clock = new ManualClock();
    const { lease } = createClient(fakeTransport(slowServer(clock, Number(ttlSeconds) * 1000, delayMs)));
    let held: Session | undefined;
    void openSession(lease, { ttlSeconds, clock, callOptions: () => ({}) }).then(
      (session) => (held = session),
    );
    await clock.runUntil(() => held !== undefined);
    await clock.runUntil(() => held?.lost.aborted === true || clock.now() > 60_000);
    held?.end();
    return held?.lost.aborted === false;
  }

  test.each([
    [2n, 50],
    [2n, 400],
    [2n, 900],
    [3n, 400],
    [3n, 1400],
    [5n, 2000],
    [10n, 2000],
  ])("a lease of %d s is kept when each way takes %d ms", async (ttlSeconds, delayMs) => {
    expect(await isKept(ttlSeconds, () => delayMs)).toBe(true);
  });

  test.each([
    [3n, 100, 700],
    [5n, 100, 1500],
    [10n, 500, 2000],
  ])(
    "a lease of %d s is kept when the time of a way jumps between %d and %d ms",
    async (ttlSeconds, low, high) => {
      const random = seeded(7);
      expect(await isKept(ttlSeconds, () => low + random(high - low))).toBe(true);
    },
  );
});
