// Ranges: their ends, limits, sort orders, filters by revision, and deletes of ranges.
import type { RangeRequest } from "../../../src/proto/gen/etcdserverpb";
import { RangeRequest_SortOrder, RangeRequest_SortTarget } from "../../../src/proto/gen/etcdserverpb";
import { rangeRequest, show, text } from "../../support/requests";
import { freshServer, testSince, type Runner } from "../runner";

const { ASCEND, DESCEND, NONE } = RangeRequest_SortOrder;
const { KEY, VERSION, CREATE, MOD, VALUE } = RangeRequest_SortTarget;

export function rangeBehaviour(runner: Runner): void {
  const server = freshServer(runner);

  test.each([
    ["one key", "b", "", "b"],
    ["a half-open range", "a", "c", "a aa b"],
    ["a prefix is a range to its next sibling", "a", "b", "a aa"],
    ["from a key on", "b", "\0", "b c"],
    ["everything", "\0", "\0", "a aa b c"],
    ["an end before the key", "c", "a", ""],
    ["an end at the key", "b", "b", ""],
    ["a key that is not there", "ab", "", ""],
  ])("a range reads %s", async (_, key, end, keys) => {
    await server.etcd.puts("b=1", "a=1", "c=1", "aa=1");
    expect(await server.etcd.keys(key, end)).toBe(keys);
  });

  test("a limited range reports that there is more, and the count of all keys", async () => {
    await server.etcd.puts("a=1", "b=1", "c=1");
    const limited = await server.etcd.range("a", "z", { limit: 2n });
    expect(limited).toMatchObject({ more: true, count: 3n });
    expect(limited.kvs.map(show)).toEqual(["a=1 c2 m2 v1", "b=1 c3 m3 v1"]);
    expect(await server.etcd.range("a", "z", { limit: 3n })).toMatchObject({ more: false, count: 3n });
    expect(await server.etcd.range("a", "z", { limit: 9n })).toMatchObject({ more: false, count: 3n });
  });

  test("count_only returns no keys and ignores the limit", async () => {
    await server.etcd.puts("a=1", "b=1", "c=1");
    for (const limit of [0n, 1n]) {
      const counted = await server.etcd.range("a", "z", { countOnly: true, limit });
      expect(counted).toMatchObject({ kvs: [], count: 3n });
    }
  });

  test("keys_only leaves out the values and nothing else", async () => {
    await server.etcd.puts("a=1", "a=2");
    expect(await server.etcd.shown("a", "", { keysOnly: true })).toEqual(["a= c2 m3 v2"]);
  });

  test.each([
    ["key ascending", KEY, ASCEND, "a b c d"],
    ["key descending", KEY, DESCEND, "d c b a"],
    ["version ascending, equal ones by key", VERSION, ASCEND, "b c d a"],
    ["version descending, equal ones by key", VERSION, DESCEND, "a b c d"],
    ["creation ascending", CREATE, ASCEND, "b a d c"],
    ["creation descending", CREATE, DESCEND, "c d a b"],
    ["last change ascending", MOD, ASCEND, "b d c a"],
    ["last change descending", MOD, DESCEND, "a c d b"],
    ["value ascending", VALUE, ASCEND, "d c b a"],
    ["value descending", VALUE, DESCEND, "a b c d"],
    ["last change, ascending, when no order is given", MOD, NONE, "b d c a"],
  ])("a range can be sorted by %s", async (_, sortTarget, sortOrder, keys) => {
    await server.etcd.puts("b=3", "a=0", "d=1", "c=2", "a=4");
    expect(await server.etcd.keys("a", "z", { sortTarget, sortOrder })).toBe(keys);
  });

  testSince(
    runner,
    "3.5",
    "equal ones of more than twelve keys have the order in which etcd's sort leaves them",
    async () => {
      const keys = "abcdefghijklmnop";
      await server.etcd.puts(...Array.from(`${keys}cgmcb`, (key) => `${key}=1`));
      const byVersion = async (sortOrder: RangeRequest["sortOrder"], limit = 0n) => {
        const { kvs } = await server.etcd.range("a", "z", { sortTarget: VERSION, sortOrder, limit });
        return kvs.map(({ key }) => text(key)).join("");
      };
      expect(await byVersion(ASCEND)).toBe("ijpdefonahklmgbc");
      expect(await byVersion(DESCEND)).toBe("cgbmefahijkldnop");
      expect(await byVersion(DESCEND, 5n)).toBe("cgbme");
    },
  );

  test("the limit applies after sorting", async () => {
    await server.etcd.puts("a=3", "b=2", "c=1");
    const options = { sortTarget: VALUE, sortOrder: ASCEND, limit: 2n };
    const answer = await server.etcd.range("a", "z", options);
    expect(answer.kvs.map(show)).toEqual(["c=1 c4 m4 v1", "b=2 c3 m3 v1"]);
    expect(answer).toMatchObject({ more: true, count: 3n });
  });

  test.each<[string, Partial<RangeRequest>, string]>([
    ["changed since 4", { minModRevision: 4n }, "a c"],
    ["changed up to 4", { maxModRevision: 4n }, "b c"],
    ["changed in 3 to 4", { minModRevision: 3n, maxModRevision: 4n }, "b c"],
    ["created since 3", { minCreateRevision: 3n }, "b c"],
    ["created up to 3", { maxCreateRevision: 3n }, "a b"],
    ["created by 3, changed since 4", { maxCreateRevision: 3n, minModRevision: 4n }, "a"],
  ])("a range can be limited to keys %s", async (_, filter, keys) => {
    await server.etcd.puts("a=1", "b=1", "c=1", "a=2");
    expect(await server.etcd.keys("a", "z", filter)).toBe(keys);
  });

  test("the count includes what the filter by revision removes", async () => {
    await server.etcd.puts("a=1", "b=1", "c=1");
    const answer = await server.etcd.range("a", "z", { minModRevision: 4n });
    expect(answer).toMatchObject({ count: 3n, more: false });
    expect(answer.kvs).toHaveLength(1);
  });

  test("a range at an old revision returns the keys of that revision", async () => {
    await server.etcd.puts("a=1", "b=1", "c=1");
    await server.etcd.del("a", "z");
    expect(await server.etcd.keys("a", "z", { revision: 4n })).toBe("a b c");
    expect(await server.etcd.keys("a", "z", { revision: 3n })).toBe("a b");
    const old = await server.etcd.range("a", "z", { revision: 3n });
    expect(old.header?.revision).toBe(5n);
  });

  test("a serializable range returns what was written before", async () => {
    await server.etcd.put("a", "1");
    expect(await server.etcd.shown("a", "", { serializable: true })).toEqual(["a=1 c2 m2 v1"]);
  });

  test("deleting a range makes one revision for all its keys", async () => {
    await server.etcd.puts("a=1", "b=1", "c=1");
    expect(await server.etcd.del("a", "c")).toMatchObject({ deleted: 2n, header: { revision: 5n } });
    expect(await server.etcd.keys("\0", "\0")).toBe("c");
    expect(await server.etcd.del("\0", "\0")).toMatchObject({ deleted: 1n, header: { revision: 6n } });
  });

  testSince(runner, "3.7", "the responses of a range stream add up to the range", async () => {
    const names = Array.from({ length: 300 }, (_, at) => `k${String(at).padStart(3, "0")}`);
    for (let at = 0; at < names.length; at += 100) {
      await server.etcd.puts(...names.slice(at, at + 100).map((name) => `${name}=${"v".repeat(9_000)}`));
    }
    const keys: string[] = [];
    let count = 0n;
    for await (const { rangeResponse } of server.etcd.client.kv.rangeStream(rangeRequest("k", "l"))) {
      keys.push(...(rangeResponse?.kvs ?? []).map((kv) => text(kv.key)));
      count ||= rangeResponse?.count ?? 0n;
    }
    expect(keys).toEqual(names);
    expect(count).toBe(300n);
  });
}
