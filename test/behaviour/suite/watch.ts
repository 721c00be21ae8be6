// Watches: past and future events without a gap, the options, and how a watch ends.
import { readHistory } from "../../../src/client/history";
import { systemClock } from "../../../src/clock";
import { WatchCreateRequest_FilterType } from "../../../src/proto/gen/etcdserverpb";
import { deleteOp, deleteRequest, putOp, putRequest, text } from "../../support/requests";
import { freshServer, type Runner } from "../runner";

export function watchBehaviour(runner: Runner): void {
  const server = freshServer(runner);

  test("a watch starts with a confirmation that has its ID, then events follow", async () => {
    const watch = server.etcd.watch();
    expect(await watch.create("a")).toMatchObject({
      created: true,
      canceled: false,
      watchId: 0n,
      events: [],
    });
    await server.etcd.puts("a=1", "b=1", "a=2");
    await server.etcd.del("a");
    expect(await watch.shown(3)).toEqual(["PUT a=1 c2 m2 v1", "PUT a=2 c2 m4 v2", "DELETE a m5"]);
    await watch.end();
  });

  test("a watch from a past revision sends the history and then new events, without a gap", async () => {
    await server.etcd.puts("a=1", "a=2", "a=3");
    const watch = server.etcd.watch();
    await watch.create("a", "", { startRevision: 3n });
    await server.etcd.put("a", "4");
    expect(await watch.shown(3)).toEqual(["PUT a=2 c2 m3 v2", "PUT a=3 c2 m4 v3", "PUT a=4 c2 m5 v4"]);
    await watch.end();
  });

  test("a watch from a future revision sends no event before it", async () => {
    const watch = server.etcd.watch();
    await watch.create("a", "", { startRevision: 4n });
    await server.etcd.puts("a=1", "a=2", "a=3");
    expect(await watch.shown(1)).toEqual(["PUT a=3 c2 m4 v3"]);
    await watch.end();
  });

  test.each([
    ["a range", "a", "c", ["a", "b"]],
    ["from a key on", "b", "\0", ["b", "c"]],
    ["everything", "\0", "\0", ["a", "b", "c"]],
  ])("a watch covers %s", async (_, key, end, keys) => {
    const watch = server.etcd.watch();
    await watch.create(key, end);
    await server.etcd.puts("a=1", "b=1", "c=1");
    const events = await watch.events(keys.length);
    expect(events.map(({ kv }) => text(kv?.key ?? new Uint8Array()))).toEqual(keys);
    await watch.end();
  });

  test("the changes of one txn arrive in one response, in order", async () => {
    const watch = server.etcd.watch();
    await watch.create("\0", "\0");
    await server.etcd.put("z", "1");
    await server.etcd.txn({ success: [putOp("b", "1"), deleteOp("z"), putOp("a", "1")] });
    await watch.next();
    const { events, header } = await watch.next();
    expect(events.map(({ kv }) => text(kv?.key ?? new Uint8Array()))).toEqual(["b", "z", "a"]);
    expect(header?.revision).toBe(3n);
    await watch.end();
  });

  test("prev_kv adds the previous key-value, also to past events", async () => {
    await server.etcd.puts("a=1", "a=2");
    const watch = server.etcd.watch();
    await watch.create("a", "", { prevKv: true, startRevision: 2n });
    await server.etcd.del("a");
    expect(await watch.shown(3)).toEqual([
      "PUT a=1 c2 m2 v1",
      "PUT a=2 c2 m3 v2 was a=1 c2 m2 v1",
      "DELETE a m4 was a=2 c2 m3 v2",
    ]);
    await watch.end();
  });

  test.each([
    ["puts", WatchCreateRequest_FilterType.NOPUT, ["DELETE a m3", "DELETE a m5"]],
    ["deletes", WatchCreateRequest_FilterType.NODELETE, ["PUT a=1 c2 m2 v1", "PUT a=2 c4 m4 v1"]],
  ])("a filter removes %s", async (_, filter, shown) => {
    const watch = server.etcd.watch();
    await watch.create("a", "", { filters: [filter] });
    await server.etcd.put("a", "1");
    await server.etcd.del("a");
    await server.etcd.put("a", "2");
    await server.etcd.del("a");
    expect(await watch.shown(2)).toEqual(shown);
    await watch.end();
  });

  test("a stream carries several watches, and canceling one does not stop the others", async () => {
    const watch = server.etcd.watch();
    expect((await watch.create("a")).watchId).toBe(0n);
    expect((await watch.create("b")).watchId).toBe(1n);
    watch.send({ case: "cancelRequest", value: { watchId: 0n } });
    expect(await watch.next()).toMatchObject({
      watchId: 0n,
      canceled: true,
      cancelReason: "",
      compactRevision: 0n,
    });
    await server.etcd.puts("a=1", "b=1");
    expect(await watch.next()).toMatchObject({ watchId: 1n });
    await watch.end();
  });

  test("a watch can choose its ID, but not one in use", async () => {
    const watch = server.etcd.watch();
    expect(await watch.create("a", "", { watchId: 7n })).toMatchObject({ watchId: 7n, created: true });
    const second = await watch.create("b", "", { watchId: 7n });
    expect(second).toMatchObject({ created: true, canceled: true, watchId: -1n });
    expect(second.cancelReason).toBe("mvcc: duplicate watch ID provided on the WatchStream");
    await watch.end();
  });

  test("a watch whose range end is not after its key is canceled at once", async () => {
    const watch = server.etcd.watch();
    expect(await watch.create("b", "a")).toMatchObject({ canceled: true, watchId: -1n });
    await watch.end();
  });

  test("a watch from a compacted revision is canceled with the compact revision", async () => {
    await server.etcd.puts("a=1", "a=2", "a=3");
    await server.etcd.compact(4n);
    const watch = server.etcd.watch();
    expect(await watch.create("a", "", { startRevision: 2n })).toMatchObject({
      created: true,
      canceled: false,
    });
    expect(await watch.next()).toMatchObject({ canceled: true, compactRevision: 4n });
    await watch.end();
  });

  test("a progress request is answered with the current revision", async () => {
    await server.etcd.puts("a=1", "a=2");
    const watch = server.etcd.watch();
    await watch.create("a");
    watch.send({ case: "progressRequest", value: {} });
    expect(await watch.next()).toMatchObject({ watchId: -1n, events: [], header: { revision: 3n } });
    await watch.end();
  });

  test("the history of a key that never was ends, though a server ignores questions about watches of the past", async () => {
    await server.etcd.puts("a=1", "a=2");
    const options = () => ({});
    const { client } = server.etcd;
    const parts = readHistory({
      ...{ client, key: Buffer.from("b"), rangeEnd: new Uint8Array(), clock: systemClock },
      ...{ callOptions: options, streamOptions: options },
    });
    expect(await parts.next()).toEqual({ done: true, value: undefined });
  });

  test("the history of a key has all its versions, though a server answers before it has sent them", async () => {
    const { etcd } = server;
    await etcd.put("a", "1");
    await etcd.client.kv.deleteRange(deleteRequest("a"));
    await etcd.puts("a=2", "b=1");
    const options = () => ({});
    const parts = readHistory({
      ...{ client: etcd.client, key: Buffer.from("a"), rangeEnd: new Uint8Array(), clock: systemClock },
      ...{ callOptions: options, streamOptions: options },
    });
    const shown: string[] = [];
    for await (const part of parts)
      if (part.kind === "events")
        for (const { kv } of part.events)
          shown.push(`${text(kv?.value ?? new Uint8Array())} m${kv?.modRevision}`);
    expect(shown).toEqual(["1 m2", " m3", "2 m4"]);
  });

  test("fragments split a response that is too large, even when it is one revision", async () => {
    const value = Buffer.alloc(800_000, "x");
    const keys = ["a", "b", "c", "d"];
    for (const key of keys) await server.etcd.client.kv.put(putRequest(key, "", { value }));
    const watch = server.etcd.watch();
    await watch.create("a", "z", { fragment: true, prevKv: true });
    await server.etcd.del("a", "z");
    const fragments = [await watch.next()];
    while (fragments.at(-1)?.fragment) fragments.push(await watch.next());
    expect(fragments.length).toBeGreaterThan(1);
    const events = fragments.flatMap((fragment) => fragment.events);
    expect(events.map(({ prevKv }) => text(prevKv?.key ?? new Uint8Array()))).toEqual(keys);
    await watch.end();
  });

  test("ten watches receive a thousand writes in order", async () => {
    const watches = Array.from({ length: 10 }, () => server.etcd.watch());
    for (const watch of watches) await watch.create("a", "b");
    const writes = Array.from({ length: 1000 }, (_, at) => server.etcd.put(`a${at % 7}`, `${at}`));
    await Promise.all(writes);
    for (const watch of watches) {
      const revisions = (await watch.events(1000)).map(({ kv }) => Number(kv?.modRevision));
      expect(revisions).toEqual(Array.from({ length: 1000 }, (_, at) => at + 2));
      await watch.end();
    }
  });
}
