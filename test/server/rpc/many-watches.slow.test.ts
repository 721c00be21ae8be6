// Many watches and connections on one server, and a reader that is slow.
import { connect, type LibraryClient } from "../../../src/client/library/client";
import type { WatchRequest, WatchResponse } from "../../../src/proto/gen/etcdserverpb";
import { WatchCreateRequest } from "../../../src/proto/gen/etcdserverpb";
import type { EmbeddedServer } from "../../../src/server/server";
import { startEmbeddedServer } from "../../../src/server/server";
import { httpRequest } from "../../support/http-request";
import { PushQueue } from "../../support/push-queue";
import { bytes } from "../../support/requests";
import { until } from "../../support/until";

let server: EmbeddedServer;
beforeEach(async () => {
  server = await startEmbeddedServer();
});
afterEach(() => server.stop());

const create = (key: string): WatchRequest => ({
  requestUnion: { case: "createRequest", value: WatchCreateRequest.create({ key: bytes(key) }) },
});

async function metric(name: string): Promise<number> {
  const { body } = await httpRequest({ url: `${server.endpoint}/metrics` });
  return Number(new RegExp(`^${name} (.*)$`, "m").exec(body.toString())?.[1]);
}

test("Ten thousand watches on one connection each receive their event.", async () => {
  const count = 10_000;
  const client = await connect({ endpoints: [server.endpoint] });
  try {
    const requests = new PushQueue<WatchRequest>();
    const responses = client.watch.watch(requests)[Symbol.asyncIterator]();
    for (let at = 0; at < count; at++) requests.push(create(`k${at}`));
    for (let at = 0; at < count; at++) {
      const { created, canceled } = (await responses.next()).value as WatchResponse;
      expect([created, canceled]).toEqual([true, false]);
    }
    expect(await metric("etcd_debugging_mvcc_watcher_total")).toBe(count);
    await Promise.all(
      Array.from({ length: count }, (_, at) => server.client().kv.put({ key: `k${at}`, value: `${at}` })),
    );
    const seen = new Set<string>();
    while (seen.size < count) {
      const { events } = (await responses.next()).value as WatchResponse;
      for (const { kv } of events) seen.add(String(kv?.value));
    }
    await responses.return?.();
  } finally {
    await client.close();
  }
  await until("the watchers are gone", async () => (await metric("etcd_debugging_mvcc_watcher_total")) === 0);
});

test("A reader that takes nothing becomes unsynced, stops no other reader, and later reads everything.", async () => {
  const puts = 3000;
  const value = Buffer.alloc(65_536, 1);
  const [slowClient, quickClient] = await Promise.all([
    connect({ endpoints: [server.endpoint] }),
    connect({ endpoints: [server.endpoint] }),
  ]);
  const open = async (client: LibraryClient) => {
    const stream = client.watch.watch([create("a")])[Symbol.asyncIterator]();
    await stream.next();
    return stream;
  };
  const versionsFrom = async (stream: AsyncIterator<WatchResponse>) => {
    const versions: bigint[] = [];
    while (versions.length < puts) {
      const { events } = (await stream.next()).value as WatchResponse;
      for (const { kv } of events) versions.push(kv?.version ?? 0n);
    }
    return versions;
  };
  const all = Array.from({ length: puts }, (_, at) => BigInt(at + 1));
  try {
    const [slow, quick] = [await open(slowClient), await open(quickClient)];
    const reading = versionsFrom(quick);
    const writer = server.client();
    for (let at = 0; at < puts; at++) await writer.kv.put({ key: "a", value });
    expect(await reading).toEqual(all);
    // The stream holds at most 128 messages of a mebibyte. The rest stays in the store.
    expect(await metric("etcd_debugging_mvcc_slow_watcher_total")).toBe(1);
    expect(await metric("etcd_debugging_mvcc_pending_events_total")).toBeLessThan(puts);
    expect(await versionsFrom(slow)).toEqual(all);
    expect(await metric("etcd_debugging_mvcc_slow_watcher_total")).toBe(0);
  } finally {
    await Promise.all([slowClient.close(), quickClient.close()]);
  }
});

test("A thousand connections watch the same key.", async () => {
  const clients = await Promise.all(
    Array.from({ length: 1000 }, () => connect({ endpoints: [server.endpoint], timeoutMs: 60_000 })),
  );
  try {
    const streams = clients.map((client) => client.watch.watch([create("a")])[Symbol.asyncIterator]());
    await Promise.all(streams.map((stream) => stream.next()));
    await server.client().kv.put({ key: "a", value: "1" });
    const events = await Promise.all(
      streams.map(async (stream) => (await stream.next()).value as WatchResponse),
    );
    expect(events.every(({ events: [event] }) => event?.kv?.version === 1n)).toBe(true);
    expect(await metric("etcd_debugging_mvcc_watch_stream_total")).toBe(1000);
  } finally {
    await Promise.all(clients.map((client) => client.close()));
  }
});
