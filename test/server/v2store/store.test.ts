// The store of version 2 without a server: times, watchers and the form in which it is saved.
import { ManualClock } from "../../support/manual-clock";
import { V2Expiry } from "../../../src/server/v2store/expiry";
import { recordMembers } from "../../../src/server/v2store/membership";
import { recoverStore, saveStore } from "../../../src/server/v2store/save";
import { V2Store } from "../../../src/server/v2store/store";
import { formatTime, parseTime } from "../../../src/server/v2store/time";

const second = 1_000_000_000n;
const start = BigInt(Date.UTC(2026, 0, 1)) * 1_000_000n;
let now = start;
beforeEach(() => {
  now = start;
});
const newStore = () => new V2Store(() => now);
const put = (store: V2Store, path: string, value = "1", ttl?: bigint) =>
  store.set(path, false, value, { expiresAtNs: ttl === undefined ? undefined : now + ttl * second });
const keys = (store: V2Store, path = "/1") => store.get(path, false, true).node.nodes.map(({ key }) => key);

describe("expiration", () => {
  test("removes what has expired, the earliest first, and nothing else", () => {
    const store = newStore();
    put(store, "/1/late", "1", 20n);
    put(store, "/1/early", "1", 5n);
    store.set("/1/dir", true, "", { expiresAtNs: now + 10n * second });
    put(store, "/1/dir/below");
    put(store, "/1/stays");
    const watcher = store.watch("/1", { recursive: true, stream: true, sinceIndex: 1n });
    store.deleteExpired(now + 10n * second);
    expect(keys(store)).toEqual(["/1/late", "/1/stays"]);
    expect(store.hub.history.list().slice(-2)).toMatchObject([
      { action: "expire", node: { key: "/1/early", modifiedIndex: 6 } },
      { action: "expire", node: { key: "/1/dir", dir: true, modifiedIndex: 7 } },
    ]);
    watcher.remove();
  });

  test("follows the last TTL that a key got, however often it changed", () => {
    const store = newStore();
    put(store, "/1/a", "1", 5n);
    for (let i = 0; i < 500; i++) store.update("/1/a", "1", { expiresAtNs: now + 100n * second });
    put(store, "/1/b", "1", 5n);
    put(store, "/1/b");
    store.deleteExpired(now + 50n * second);
    expect(keys(store)).toEqual(["/1/a", "/1/b"]);
    store.update("/1/a", "1", { expiresAtNs: now + second });
    store.deleteExpired(now + 50n * second);
    expect(keys(store)).toEqual(["/1/b"]);
  });

  test("the TTL in a response is rounded up to seconds", () => {
    const store = newStore();
    put(store, "/1/a", "1", 5n);
    now += 1n;
    expect(store.get("/1/a", false, false).node.ttl).toBe(5);
    now += 4n * second;
    expect(store.get("/1/a", false, false).node.ttl).toBe(1);
  });

  test("a timer expires keys when they are due, also after the TTL was shortened", () => {
    const clock = new ManualClock();
    const store = new V2Store(() => BigInt(clock.now()) * 1_000_000n + start);
    const offset = start / 1_000_000n;
    const shifted = {
      now: () => clock.now() + Number(offset),
      monotonicNs: () => clock.monotonicNs(),
      setTimeout: (callback: () => void, ms: number) => clock.setTimeout(callback, ms),
    };
    const expiry = new V2Expiry(store, shifted, (cutoff) => store.deleteExpired(cutoff));
    store.set("/1/a", false, "1", { expiresAtNs: start + 60n * second });
    clock.advance(30_000);
    expect(keys(store)).toEqual(["/1/a"]);
    store.update("/1/a", "1", { expiresAtNs: start + 40n * second });
    clock.advance(10_000);
    expect(keys(store)).toEqual([]);
    expect(clock.pending).toBe(0);
    expiry.close();
  });
});

describe("watchers", () => {
  test("a stream that does not read ends after 100 events, which it still gets", async () => {
    const store = newStore();
    const watcher = store.watch("/1", { recursive: true, stream: true, sinceIndex: 0n });
    for (let i = 0; i < 150; i++) put(store, "/1/a", String(i));
    const values: unknown[] = [];
    for (let event = await watcher.next(); event !== undefined; event = await watcher.next()) {
      values.push(event.node.value);
    }
    expect(values).toEqual(Array.from({ length: 100 }, (_, i) => String(i)));
    expect(store.hub.count).toBe(0);
  });

  test("a watch of a hidden key sees it, a watch above does not", () => {
    const store = newStore();
    const above = store.watch("/1", { recursive: true, stream: true, sinceIndex: 0n });
    const exact = store.watch("/1/_h/a", { recursive: false, stream: false, sinceIndex: 0n });
    const inside = store.watch("/1/_h", { recursive: true, stream: false, sinceIndex: 0n });
    put(store, "/1/_h/a");
    expect(store.hub.count).toBe(1);
    for (const each of [above, exact, inside]) each.remove();
  });

  test("a watch for a later index waits for it", async () => {
    const store = newStore();
    const watcher = store.watch("/1/a", { recursive: false, stream: false, sinceIndex: 3n });
    put(store, "/1/a", "first");
    put(store, "/1/a", "second");
    put(store, "/1/a", "third");
    expect((await watcher.next())?.node.value).toBe("third");
  });
});

describe("the saved form", () => {
  test("equals the one that etcd 3.4 has written for the same requests", () => {
    const store = newStore();
    const member = { id: 0x667880157b8812c8n, name: "default", clientURLs: [], isLearner: false };
    recordMembers(store, [], [{ ...member, peerURLs: ["http://127.0.0.1:42380"] }]);
    store.set("/0/version", false, "3.4.0", {});
    put(store, "/1/a", '<x>"');
    put(store, "/1/d/_h");
    now = parseTime("2026-11-27T16:44:08.653906707Z");
    put(store, "/1/t", "1", 100n);
    store.set("/1/t", false, "", { expiresAtNs: now + second, refresh: true });
    now += 2n * second;
    store.deleteExpired(now);
    const saved = saveStore(store).replace(/(,null)+/g, (nulls) => `,NULLS=${nulls.length / 5}`);
    expect(saved).toBe(
      [
        '{"Root":{"Path":"/","CreatedIndex":0,"ModifiedIndex":0,"ExpireTime":"0001-01-01T00:00:00Z","Value":"","Children":{',
        '"0":{"Path":"/0","CreatedIndex":0,"ModifiedIndex":0,"ExpireTime":"0001-01-01T00:00:00Z","Value":"","Children":{',
        '"members":{"Path":"/0/members","CreatedIndex":1,"ModifiedIndex":1,"ExpireTime":"0001-01-01T00:00:00Z","Value":"","Children":{',
        '"667880157b8812c8":{"Path":"/0/members/667880157b8812c8","CreatedIndex":1,"ModifiedIndex":1,"ExpireTime":"0001-01-01T00:00:00Z","Value":"","Children":{',
        '"raftAttributes":{"Path":"/0/members/667880157b8812c8/raftAttributes","CreatedIndex":1,"ModifiedIndex":1,"ExpireTime":"0001-01-01T00:00:00Z","Value":"{\\"peerURLs\\":[\\"http://127.0.0.1:42380\\"]}","Children":null}}}}},',
        '"version":{"Path":"/0/version","CreatedIndex":2,"ModifiedIndex":2,"ExpireTime":"0001-01-01T00:00:00Z","Value":"3.4.0","Children":null}}},',
        '"1":{"Path":"/1","CreatedIndex":0,"ModifiedIndex":0,"ExpireTime":"0001-01-01T00:00:00Z","Value":"","Children":{',
        '"a":{"Path":"/1/a","CreatedIndex":3,"ModifiedIndex":3,"ExpireTime":"0001-01-01T00:00:00Z","Value":"\\u003cx\\u003e\\"","Children":null},',
        '"d":{"Path":"/1/d","CreatedIndex":4,"ModifiedIndex":4,"ExpireTime":"0001-01-01T00:00:00Z","Value":"","Children":{',
        '"_h":{"Path":"/1/d/_h","CreatedIndex":4,"ModifiedIndex":4,"ExpireTime":"0001-01-01T00:00:00Z","Value":"1","Children":null}}}}}}},',
        '"WatcherHub":{"EventHistory":{"Queue":{"Events":[',
        '{"action":"create","node":{"key":"/0/members/667880157b8812c8/raftAttributes","value":"{\\"peerURLs\\":[\\"http://127.0.0.1:42380\\"]}","modifiedIndex":1,"createdIndex":1}},',
        '{"action":"set","node":{"key":"/0/version","value":"3.4.0","modifiedIndex":2,"createdIndex":2}},',
        '{"action":"set","node":{"key":"/1/a","value":"\\u003cx\\u003e\\"","modifiedIndex":3,"createdIndex":3}},',
        '{"action":"set","node":{"key":"/1/d/_h","value":"1","modifiedIndex":4,"createdIndex":4}},',
        '{"action":"set","node":{"key":"/1/t","value":"1","expiration":"2026-11-27T16:45:48.653906707Z","ttl":100,"modifiedIndex":5,"createdIndex":5}},',
        '{"action":"set","node":{"key":"/1/t","value":"1","expiration":"2026-11-27T16:44:09.653906707Z","ttl":1,"modifiedIndex":6,"createdIndex":6},"prevNode":{"key":"/1/t","value":"1","expiration":"2026-11-27T16:45:48.653906707Z","ttl":100,"modifiedIndex":5,"createdIndex":5},"refresh":true},',
        '{"action":"expire","node":{"key":"/1/t","modifiedIndex":7,"createdIndex":6},"prevNode":{"key":"/1/t","value":"1","expiration":"2026-11-27T16:44:09.653906707Z","ttl":-1,"modifiedIndex":6,"createdIndex":6}}',
        ',NULLS=993],"Size":7,"Front":0,"Back":7,"Capacity":1000},"StartIndex":1,"LastIndex":7}},"CurrentIndex":7,',
        '"Stats":{"getsSuccess":0,"getsFail":0,"setsSuccess":5,"setsFail":0,"deleteSuccess":0,"deleteFail":0,"updateSuccess":0,"updateFail":0,"createSuccess":1,"createFail":0,"compareAndSwapSuccess":0,"compareAndSwapFail":0,"compareAndDeleteSuccess":0,"compareAndDeleteFail":0,"expireCount":1,"watchers":0},"CurrentVersion":2}',
      ].join(""),
    );
  });

  test("a store that is saved and recovered is the same, its TTLs and its full history included", () => {
    const store = newStore();
    put(store, "/1/t", "é\u2028<", 60n);
    store.set("/1/dir", true, "", {});
    for (let i = 0; i < 1100; i++) put(store, "/1/a", String(i));
    const saved = saveStore(store);
    const recovered = recoverStore(saved, () => now);
    expect(saveStore(recovered)).toBe(saved);
    expect(recovered.nextExpiryNs).toBe(now + 60n * second);
    expect(() => recovered.watch("/1/a", { recursive: false, stream: false, sinceIndex: 2n })).toThrow(
      "the requested history has been cleared [103/2]",
    );
    put(recovered, "/1/dir/new");
    expect(keys(recovered, "/1/dir")).toEqual(["/1/dir/new"]);
  });

  test.each(["", "{}", '{"Root":null}', '{"Root":{"Path":1}}', '{"Root":{"Path":"/","CreatedIndex":-1}}'])(
    "%s is not a store",
    (text) => {
      expect(() => recoverStore(text, () => now)).toThrow(Error);
    },
  );

  test.each([
    ["2026-11-27T16:45:48.653906707Z", "2026-11-27T16:45:48.653906707Z"],
    ["2026-11-27T18:45:48.5+02:00", "2026-11-27T16:45:48.5Z"],
    ["1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"],
  ])("the time %s is read and written as %s", (text, written) => {
    expect(formatTime(parseTime(text))).toBe(written);
  });
});
