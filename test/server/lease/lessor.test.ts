import type { EngineOptions } from "../../../src/server/apply/engine";
import { createEngine } from "../../../src/server/apply/engine";
import {
  LeaseExistsError,
  leaseIds,
  LeaseNotFoundError,
  LeaseTTLTooLargeError,
} from "../../../src/server/lease/lessor";
import { ManualClock } from "../../support/manual-clock";
import { contentsOf, del, eventTexts, list, put, text, watchRequest } from "../store-harness";
import { toEnd } from "../../../src/storage/steps";

function open(options: Partial<EngineOptions> = {}) {
  const clock = new ManualClock();
  let id = 100n;
  const engine = createEngine({ clock, nextLeaseId: () => ++id, ...options });
  return { clock, ...engine };
}

function keysOf(lessor: ReturnType<typeof open>["lessor"], id: bigint): string[] | undefined {
  const lease = lessor.timeToLive(id);
  return lease && toEnd(lease.sortedKeys()).map(text);
}

describe("granting", () => {
  test("A grant uses the given id or chooses a free one.", () => {
    const { lessor } = open();
    expect(lessor.grant(101n, 10n)).toEqual({ id: 101n, ttl: 10n });
    expect(lessor.grant(0n, 10n)).toEqual({ id: 102n, ttl: 10n });
    expect(() => lessor.grant(101n, 10n)).toThrow(LeaseExistsError);
  });

  test.each([
    [1n, 2n],
    [0n, 2n],
    [-5n, 2n],
    [2n, 2n],
    [9_000_000_000n, 9_000_000_000n],
  ])("A TTL of %d is granted as %d.", (asked, granted) => {
    expect(open().lessor.grant(1n, asked).ttl).toBe(granted);
  });

  test("A TTL that is too large is refused.", () => {
    expect(() => open().lessor.grant(1n, 9_000_000_001n)).toThrow(LeaseTTLTooLargeError);
  });
});

describe("keys", () => {
  test("A key belongs to the lease of its last put.", () => {
    const { store, lessor } = open();
    for (const id of [1n, 2n]) lessor.grant(id, 10n);
    for (const key of ["b", "a", "c", "d"]) put(store, key, "", 1n);
    put(store, "c", "", 2n);
    put(store, "d", "", 0n);
    expect([keysOf(lessor, 1n), keysOf(lessor, 2n)]).toEqual([["a", "b"], ["c"]]);
    del(store, "a");
    expect(keysOf(lessor, 1n)).toEqual(["b"]);
    expect(keysOf(lessor, 3n)).toBeUndefined();
  });

  test("The end of a lease deletes its keys, sorted and in one revision.", () => {
    const { store, lessor } = open();
    lessor.grant(1n, 10n);
    for (const key of ["b", "a", "c"]) put(store, key, "", 1n);
    const events: string[] = [];
    store.newWatchStream({ send: (m) => events.push(...eventTexts(m)) >= 0 }).watch(watchRequest("", ""));
    toEnd(lessor.revoke(1n));
    expect(events).toEqual(["-a@5", "-b@5", "-c@5"]);
    expect(list(store, "", "")).toEqual([]);
    expect(() => toEnd(lessor.revoke(1n))).toThrow(LeaseNotFoundError);
  });

  test("Revoking a lease without keys makes no revision.", () => {
    const { store, lessor } = open();
    lessor.grant(1n, 10n);
    toEnd(lessor.revoke(1n));
    expect(store.revision).toBe(1);
    expect(toEnd(lessor.leases())).toEqual([]);
  });

  test("A put with a missing lease is refused.", () => {
    const { store } = open();
    expect(() => put(store, "a", "", 5n)).toThrow(LeaseNotFoundError);
  });
});

describe("expiry", () => {
  test("The TTL counts down, and its end deletes the lease and its keys.", () => {
    const { clock, store, lessor } = open();
    lessor.grant(1n, 10n);
    put(store, "a", "", 1n);
    clock.advance(3500);
    expect(lessor.timeToLive(1n)).toMatchObject({ ttl: 6n, grantedTtl: 10n });
    clock.advance(6499);
    expect(list(store, "a")).toHaveLength(1);
    clock.advance(1);
    expect([list(store, "a"), lessor.has(1n), store.revision]).toEqual([[], false, 3]);
    expect(clock.pending).toBe(0);
  });

  test("Each renewal starts the TTL again.", () => {
    const { clock, lessor } = open();
    lessor.grant(1n, 10n);
    for (let i = 0; i < 5; i++) {
      clock.advance(9000);
      expect(lessor.renew(1n)).toBe(10n);
    }
    clock.advance(9999);
    expect(lessor.has(1n)).toBe(true);
    clock.advance(1);
    expect(lessor.has(1n)).toBe(false);
    expect(() => lessor.renew(1n)).toThrow(LeaseNotFoundError);
  });

  test("Leases end in order of their expiry, each in a separate revision.", () => {
    const { clock, store, lessor } = open();
    const order = [7, 3, 9, 5, 4, 8, 6];
    for (const ttl of order) {
      lessor.grant(BigInt(ttl), BigInt(ttl));
      put(store, `k${ttl}`, "", BigInt(ttl));
    }
    expect(toEnd(lessor.leases())).toEqual([3n, 4n, 5n, 6n, 7n, 8n, 9n]);
    const before = store.revision;
    lessor.renew(4n);
    clock.advance(2000);
    toEnd(lessor.revoke(5n));
    for (let second = 3; second <= 9; second++) {
      clock.advance(1000);
      expect(toEnd(lessor.leases()).sort()).toEqual(
        [4n, 6n, 7n, 8n, 9n, 3n].filter((id) => id > BigInt(second)).sort(),
      );
    }
    expect(store.revision).toBe(before + order.length);
  });

  test("There is one timer for any number of leases and any TTL.", () => {
    const { clock, lessor } = open();
    for (let id = 1n; id <= 100n; id++) lessor.grant(id, 9_000_000_000n);
    expect(clock.pending).toBe(1);
    clock.advance(2 ** 31);
    expect(clock.pending).toBe(1);
    lessor.close();
    expect(clock.pending).toBe(0);
  });

  test("A renewal after the expiry fails, even if the timer is late.", () => {
    const { clock, store, lessor } = open();
    lessor.grant(1n, 10n);
    put(store, "a", "", 1n);
    // The clock moves without firing its timers, as if the timer were late.
    jest.spyOn(clock, "monotonicNs").mockReturnValue(BigInt(11e9));
    expect(() => lessor.renew(1n)).toThrow(LeaseNotFoundError);
    expect(list(store, "a")).toEqual([]);
  });

  test("The callback for expired leases is called once, and again after 3 s for a lease that still exists.", () => {
    const expired: bigint[] = [];
    const { clock, lessor } = open({
      onLeaseExpired: (id) => {
        expired.push(id);
        if (id === 1n || expired.filter((each) => each === id).length === 2) toEnd(lessor.revoke(id));
      },
    });
    lessor.grant(1n, 5n);
    lessor.grant(2n, 6n);
    clock.advance(6000);
    expect([expired, toEnd(lessor.leases())]).toEqual([[1n, 2n], [2n]]);
    expect(() => lessor.renew(2n)).toThrow(LeaseNotFoundError);
    clock.advance(2999);
    expect(expired).toEqual([1n, 2n]);
    clock.advance(1);
    expect([expired, toEnd(lessor.leases()), clock.pending]).toEqual([[1n, 2n, 2n], [], 0]);
  });
});

describe("a db file", () => {
  test("Restored leases have their keys and the full TTL plus the grace time.", () => {
    const first = open();
    first.lessor.grant(5n, 60n);
    first.lessor.grant(3n, 10n);
    put(first.store, "a", "", 5n);
    first.clock.advance(9000);
    expect(first.lessor.dump()).toEqual([
      { ID: 3n, TTL: 10n, RemainingTTL: 0n },
      { ID: 5n, TTL: 60n, RemainingTTL: 0n },
    ]);
    const contents = { ...contentsOf(first.store), leases: first.lessor.dump() };
    const { clock, store, lessor } = open({ contents });
    expect([keysOf(lessor, 5n), toEnd(lessor.leases())]).toEqual([["a"], [3n, 5n]]);
    clock.advance(10_999);
    expect(lessor.has(3n)).toBe(true);
    clock.advance(1);
    expect(lessor.has(3n)).toBe(false);
    clock.advance(50_000);
    expect([lessor.has(5n), list(store, "a")]).toEqual([false, []]);
  });

  test("A lease with a checkpoint has the remaining TTL until it is renewed.", () => {
    const leases = [{ ID: 1n, TTL: 600n, RemainingTTL: 100n }];
    const { clock, lessor } = open({
      contents: { records: [], leases, finishedCompactRevision: 0, scheduledCompactRevision: 0 },
    });
    clock.advance(1000);
    expect(lessor.timeToLive(1n)).toMatchObject({ ttl: 100n, grantedTtl: 600n });
    expect(lessor.dump()).toEqual(leases);
    expect(lessor.renew(1n)).toBe(600n);
    expect(lessor.dump()).toEqual([{ ID: 1n, TTL: 600n, RemainingTTL: 0n }]);
  });
});

describe("a log", () => {
  const contents = {
    ...{ records: [], finishedCompactRevision: 0, scheduledCompactRevision: 0 },
    leases: [{ ID: 1n, TTL: 10n, RemainingTTL: 0n }],
  };

  test("No lease expires while a log is repeated. Then those of the log have their full TTL and the grace time too.", () => {
    const { clock, lessor } = open({ contents, isReplaying: true });
    lessor.grant(2n, 10n);
    clock.advance(60_000);
    expect(toEnd(lessor.leases())).toHaveLength(2);
    lessor.promote();
    clock.advance(10_999);
    expect(toEnd(lessor.leases())).toHaveLength(2);
    clock.advance(1);
    expect(toEnd(lessor.leases())).toEqual([]);
  });

  test("The first renewal after a start ends the grace time.", () => {
    const { clock, lessor } = open({ contents });
    expect(lessor.renew(1n)).toBe(10n);
    clock.advance(9999);
    expect(lessor.has(1n)).toBe(true);
    clock.advance(1);
    expect(lessor.has(1n)).toBe(false);
  });
});

test("Chosen ids consist of member id, time and counter, and are positive.", () => {
  const next = leaseIds(0x8e9e05c52164694dn, 0x0123456789);
  expect([next(), next()].map((id) => id.toString(16))).toEqual(["694d012345678901", "694d012345678902"]);
  expect(leaseIds(0xffffn, 0)()).toBe(0x7fff000000000001n);
});
