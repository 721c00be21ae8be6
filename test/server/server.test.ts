// startEmbeddedServer and EmbeddedServer as programs use them.
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import { connect } from "../../src/client/library/client";
import type { EmbeddedServer } from "../../src/server/server";
import { startEmbeddedServer } from "../../src/server/server";
import { urlToStopAt } from "../support/ports";
import { Requests } from "../support/requests";
import { WatchSession } from "../support/watch-session";
import { workFolder } from "../support/work-folder";

const folder = workFolder();

describe("an embedded server", () => {
  test("It listens on a free port and lists the URL in the member list.", async () => {
    const server = await startEmbeddedServer();
    expect(server.endpoint).toBe(`http://127.0.0.1:${server.port}`);
    expect(server.endpoints).toEqual([server.endpoint]);
    const client = server.client();
    const { members } = await client.cluster.memberList({ linearizable: true });
    expect(members).toMatchObject([{ name: "default", clientURLs: [server.endpoint] }]);
    await server.stop();
  });

  test("Several servers run at the same time.", async () => {
    const servers = await Promise.all(Array.from({ length: 5 }, () => startEmbeddedServer()));
    expect(new Set(servers.map(({ port }) => port)).size).toBe(5);
    await Promise.all(servers.map((server, i) => new Requests(server.client()).put("a", String(i))));
    const values = servers.map((server) => new Requests(server.client()).shown("a"));
    expect(await Promise.all(values)).toEqual([0, 1, 2, 3, 4].map((i) => [`a=${i} c2 m2 v1`]));
    await Promise.all(servers.map((server) => server.stop()));
  });

  test("It starts with the given keys, in one revision.", async () => {
    const server = await startEmbeddedServer({
      listenClientUrls: [],
      keys: { "/a": "1", "/b": Buffer.from([0]) },
    });
    const requests = new Requests(server.client());
    expect(await requests.shown("/", "0")).toEqual(["/a=1 c2 m2 v1", "/b=\0 c2 m2 v1"]);
    await server.stop();
  });

  test("`await using` stops it.", async () => {
    let port: number;
    {
      await using server = await startEmbeddedServer({ listenClientUrls: [await urlToStopAt()] });
      port = server.port;
    }
    await expect(dial(port)).rejects.toThrow("ECONNREFUSED");
  });

  test("It starts on a data dir, writes and stops under faked timers.", async () => {
    jest.useFakeTimers();
    try {
      const faked = await startEmbeddedServer({ dataDir: path.join(folder(), "faked") });
      await faked.client().put("a", "1");
      await faked.stop();
    } finally {
      jest.useRealTimers();
    }
  });

  test("It takes large requests and answers with megabytes under faked timers.", async () => {
    jest.useFakeTimers();
    try {
      const faked = await startEmbeddedServer();
      const client = await connect({ endpoints: [faked.endpoint] });
      const value = Buffer.alloc(1_400_000, "v");
      await Promise.all(["a", "b", "c"].map((key) => client.put(key, value)));
      const read = await Promise.all([1, 2].map(() => client.getAll({ prefix: "" })));
      expect(read.map(({ size }) => size)).toEqual([3, 3]);
      await client.close();
      await faked.stop();
    } finally {
      jest.useRealTimers();
    }
  });

  test("It works under faked timers.", async () => {
    jest.useFakeTimers();
    try {
      const server = await startEmbeddedServer({ minLeaseTtlSeconds: 1 });
      const client = server.client();
      const { ID } = await client.lease.leaseGrant({ ID: 0n, TTL: 1n });
      const requests = new Requests(client);
      await requests.put("a", "1", { lease: ID });
      const watch = new WatchSession(client);
      await watch.create("a");
      expect(await watch.shown(1)).toEqual(["DELETE a m3"]);
      await server.stop();
    } finally {
      jest.useRealTimers();
    }
  });

  test("It does not take a directory for the log without one for the data.", async () => {
    await expect(startEmbeddedServer({ walDir: folder() })).rejects.toThrow(
      new TypeError("option walDir of startEmbeddedServer needs dataDir: without it all data is in memory"),
    );
  });

  test("It continues with the state in the data dir.", async () => {
    const dataDir = path.join(folder(), "d");
    const first = await startEmbeddedServer({ dataDir, name: "m" });
    const requests = new Requests(first.client());
    await requests.puts("a=1", "a=2");
    const { ID } = await first.client().lease.leaseGrant({ ID: 7n, TTL: 100n });
    await first.stop();

    const second = await startEmbeddedServer({ dataDir, name: "m" });
    expect(await new Requests(second.client()).shown("a", "", { revision: 2n })).toEqual(["a=1 c2 m2 v1"]);
    expect((await second.client().lease.leaseLeases({})).leases).toEqual([{ ID }]);
    await second.stop();
  });
});

test("A data dir may have files of others, as etcd's may; the member directory itself is refused.", async () => {
  const dataDir = folder();
  writeFileSync(path.join(dataDir, "server.crt"), "a certificate");
  await (await startEmbeddedServer({ listenClientUrls: [], dataDir })).stop();
  expect(readdirSync(dataDir).sort()).toEqual(["member", "server.crt"]);
  const inside = startEmbeddedServer({ listenClientUrls: [], dataDir: path.join(dataDir, "member") });
  await expect(inside).rejects.toThrow("is not an etcd data dir");
});

test("A start on the data dir of another server fails within the time of a test, and names the process.", async () => {
  const dataDir = path.join(folder(), "held");
  await using holder = await startEmbeddedServer({ dataDir, listenClientUrls: [] });
  await expect(startEmbeddedServer({ dataDir, listenClientUrls: [] })).rejects.toThrow(
    new RegExp(`^the data dir is in use: process ${process.pid} on .*\\(waited 2000 ms\\)$`),
  );
  const waiting = startEmbeddedServer({ dataDir, listenClientUrls: [], lockWaitMs: 30_000 });
  await holder.stop();
  await (await waiting).stop();
});

test("A file is refused as a data dir.", async () => {
  const dataDir = path.join(folder(), "file");
  writeFileSync(dataDir, "text");
  await expect(startEmbeddedServer({ dataDir, listenClientUrls: [] })).rejects.toThrow(
    `${dataDir} is a file: a data dir is a directory`,
  );
});

describe("a server that cannot listen", () => {
  test("A port in use rejects the start and releases the data dir.", async () => {
    const first = await startEmbeddedServer();
    const dataDir = path.join(folder(), "d");
    await expect(startEmbeddedServer({ listenClientUrls: [first.endpoint], dataDir })).rejects.toThrow(
      `listen tcp ${first.endpoint.replace("http://", "")}: bind: address already in use`,
    );
    await (await startEmbeddedServer({ listenClientUrls: [], dataDir })).stop();
    await first.stop();
  });

  test("The error names the URL.", async () => {
    const start = (url: string) => startEmbeddedServer({ listenClientUrls: [url] });
    await expect(start("http://example.org:0")).rejects.toThrow(
      "expected IP in URL for binding (http://example.org:0)",
    );
    await expect(start("https://127.0.0.1:0")).rejects.toThrow(
      "TLS key/cert (--cert-file, --key-file) must be provided for client url https://127.0.0.1:0 with HTTPS scheme",
    );
  });
});

describe("stop()", () => {
  let server: EmbeddedServer;
  beforeEach(async () => {
    server = await startEmbeddedServer({ listenClientUrls: [await urlToStopAt()] });
  });

  test("stop() may be called twice.", async () => {
    await Promise.all([server.stop(), server.stop()]);
    await server.stop();
  });

  test("stop() ends running calls, in process and over the network.", async () => {
    const clients = [server.client(), await connect({ endpoints: [server.endpoint] })];
    const watches = clients.map((client) => new WatchSession(client));
    await Promise.all(watches.map((watch) => watch.create("a")));
    const ends = watches.map((watch) => expect(watch.next()).rejects.toThrow());
    await server.stop();
    await Promise.all(ends);
    await expect(new Requests(server.client()).keys("a")).rejects.toThrow("etcdserver: server stopped");
    for (const client of clients) await client.close();
  });

  test("stop() does not wait for idle connections.", async () => {
    const socket = await dial(server.port);
    socket.on("error", () => undefined);
    const closed = new Promise((resolve) => socket.once("close", resolve));
    await server.stop();
    await closed;
  });

  test("stop() removes the file of the unix socket.", async () => {
    const file = path.join(folder(), "etcd.sock");
    const other = await startEmbeddedServer({ listenClientUrls: [`unix://${file}`] });
    const client = await connect({ endpoints: [other.endpoint] });
    await new Requests(client).put("a", "1");
    await client.close();
    await other.stop();
    await server.stop();
    expect(existsSync(file)).toBe(false);
  });
});

function dial(port: number): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, "127.0.0.1", () => resolve(socket));
    socket.once("error", reject);
  });
}
