// A stop answers what the server has received before it closes the connections.
import { once } from "node:events";
import http from "node:http";
import net from "node:net";
import path from "node:path";
import { connect, type LibraryClient } from "../../../src/client/library/client";
import { drain, type DrainableConnection } from "../../../src/server/streams/drain";
import { startEmbeddedServer } from "../../../src/server/server";
import { urlToStopAt } from "../../support/ports";
import { Requests } from "../../support/requests";
import { until } from "../../support/until";
import { workFolder } from "../../support/work-folder";

const folder = workFolder();

/** Puts new keys until a call fails. Returns the keys by their outcome. */
async function load(client: LibraryClient, name: string, into: { done: string[]; failed: string[] }) {
  const requests = new Requests(client);
  const loop = async (worker: number) => {
    for (let i = 0; ; i++) {
      const key = `${name}/${worker}/${i}`;
      try {
        await requests.put(key, "x");
      } catch {
        return void into.failed.push(key);
      }
      into.done.push(key);
    }
  };
  await Promise.all(Array.from({ length: 4 }, (_, worker) => loop(worker)));
}

test("In five stops under load, every put that was applied was answered, and every answered one is kept.", async () => {
  for (let round = 0; round < 5; round++) {
    const dataDir = path.join(folder(), `d${round}`);
    const server = await startEmbeddedServer({ dataDir, listenClientUrls: [await urlToStopAt()] });
    const outcome = { done: [] as string[], failed: [] as string[] };
    const clients = await Promise.all(
      // A put that ran out of time might be applied later.
      Array.from({ length: 8 }, () => connect({ endpoints: [server.endpoint], timeoutMs: Infinity })),
    );
    const loads = clients.map((client, i) => load(client, `c${i}`, outcome));
    await until("all are at work", () => outcome.done.length > 200);
    await server.stop();
    // The rest waits for another server.
    await Promise.all(clients.map((client) => client.close()));
    await Promise.all(loads);

    const again = await startEmbeddedServer({ dataDir });
    const { kvs } = await again.client().kv.range({ key: "\0", rangeEnd: "\0" });
    await again.stop();
    const kept = new Set(kvs.map(({ key }) => key.toString()));
    expect(outcome.failed.filter((key) => kept.has(key))).toEqual([]);
    expect(outcome.done.filter((key) => !kept.has(key))).toEqual([]);
  }
});

test("Calls that wait for something end at once when the server stops, over sockets and in process.", async () => {
  const server = await startEmbeddedServer({ listenClientUrls: [await urlToStopAt()] });
  const remote = await connect({ endpoints: [server.endpoint] });
  const local = server.client();
  const failures: string[] = [];
  for (const client of [remote, local]) {
    await new Requests(client).put(`held/${client === local}`, "1");
    const { ID } = await client.lease.leaseGrant({ TTL: 60 });
    await client.lock.lock({ name: `l${client === local}`, lease: ID });
    const other = await client.lease.leaseGrant({ TTL: 60 });
    const waiting = client.lock.lock({ name: `l${client === local}`, lease: other.ID });
    waiting.catch((error: Error) => failures.push(error.message));
  }
  await server.client().kv.range({ key: "a" });
  await server.stop({ drainMs: 2 ** 31 - 1 });
  await remote.close(); // or its call would wait for another server
  await until("both have failed", () => failures.length === 2);
});

test("A kept-alive HTTP/1 connection is closed, and a response that is under way is complete.", async () => {
  const server = await startEmbeddedServer();
  await new Requests(server.client()).put("big", "x".repeat(1_000_000));
  const agent = new http.Agent({ keepAlive: true });
  const request = http.request(`${server.endpoint}/v3/kv/range`, { method: "POST", agent });
  request.end(JSON.stringify({ key: Buffer.from("big").toString("base64") }));
  const [response] = (await once(request, "response")) as [http.IncomingMessage];
  const idle = net.connect(server.port, "127.0.0.1");
  await once(idle, "connect");
  const closed = once(idle.resume(), "close");
  const stopped = server.stop({ drainMs: 2 ** 31 - 1 });
  let body = "";
  for await (const chunk of response) body += String(chunk);
  expect((JSON.parse(body) as { count: string }).count).toBe("1");
  await stopped;
  await closed;
  agent.destroy();
});

describe("a connection that is drained", () => {
  function connection(paths: string[]) {
    const events: string[] = [];
    const listeners: (() => void)[] = [];
    const state = { isClosed: false };
    const notify = () => listeners.forEach((listener) => listener());
    const made: DrainableConnection = {
      openPaths: () => paths,
      goAway: () => void events.push("go away"),
      onProgress: (listener) => void listeners.push(listener),
      end: () => void events.push("end"),
      destroy: () => void (events.push("destroy"), (state.isClosed = true), notify()),
      get isClosed() {
        return state.isClosed;
      },
    };
    const close = () => void ((state.isClosed = true), notify());
    return { made, events, close, finish: () => void (paths.pop(), notify()) };
  }
  const never = new AbortController().signal;

  test("ends after its last call that is finite", async () => {
    const { made, events, finish, close } = connection(["/etcdserverpb.Watch/Watch", "/etcdserverpb.KV/Put"]);
    const drained = drain([made], never);
    await Promise.resolve();
    expect(events).toEqual(["go away"]);
    finish();
    await until("it has ended", () => events.includes("end"));
    close();
    await drained;
    expect(events).toEqual(["go away", "end"]);
  });

  test("is destroyed when the time is over, and when its client does not close it", async () => {
    const limit = new AbortController();
    const hanging = connection(["/etcdserverpb.KV/Put"]);
    const drained = drain([hanging.made], limit.signal);
    limit.abort();
    await drained;
    expect(hanging.events).toEqual(["go away", "destroy"]);

    const silent = connection([]);
    await drain([silent.made], never);
    expect(silent.events).toEqual(["go away", "end", "destroy"]);
  });
});
