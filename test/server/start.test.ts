// The server as programs see it: started on a free port, several at once, gone without a trace.
import { existsSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import { connect } from "../../src/client/client";
import type { EmbeddedServer } from "../../src/server/server";
import { startEmbeddedServer } from "../../src/server/server";
import { Requests } from "../support/requests";
import { WatchSession } from "../support/watch-session";
import { workFolder } from "../support/work-folder";

const folder = workFolder();

describe("an embedded server", () => {
  it("listens on a free port and lists it as its client URL", async () => {
    const server = await startEmbeddedServer();
    expect(server.endpoint).toBe(`http://127.0.0.1:${server.port}`);
    expect(server.endpoints).toEqual([server.endpoint]);
    const client = server.client();
    const { members } = await client.cluster.memberList({ linearizable: true });
    expect(members).toMatchObject([{ name: "default", clientURLs: [server.endpoint] }]);
    await server.stop();
  });

  it("runs beside others of its kind", async () => {
    const servers = await Promise.all(Array.from({ length: 5 }, () => startEmbeddedServer()));
    expect(new Set(servers.map(({ port }) => port)).size).toBe(5);
    await Promise.all(servers.map((server, i) => new Requests(server.client()).put("a", String(i))));
    const values = servers.map((server) => new Requests(server.client()).shown("a"));
    expect(await Promise.all(values)).toEqual([0, 1, 2, 3, 4].map((i) => [`a=${i} c2 m2 v1`]));
    await Promise.all(servers.map((server) => server.stop()));
  });

  it("starts with the keys it is given, in one revision", async () => {
    const server = await startEmbeddedServer({
      listenClientUrls: [],
      keys: { "/a": "1", "/b": Buffer.from([0]) },
    });
    const requests = new Requests(server.client());
    expect(await requests.shown("/", "0")).toEqual(["/a=1 c2 m2 v1", "/b=\0 c2 m2 v1"]);
    await server.stop();
  });

  it("is stopped by `await using`", async () => {
    let port: number;
    {
      await using server = await startEmbeddedServer();
      port = server.port;
    }
    await expect(dial(port)).rejects.toThrow("ECONNREFUSED");
  });

  it("does not mind faked timers", async () => {
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

  it("takes a data dir up where it was left", async () => {
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

describe("where it can not listen", () => {
  it("says so, and leaves nothing behind", async () => {
    const first = await startEmbeddedServer();
    const dataDir = path.join(folder(), "d");
    await expect(startEmbeddedServer({ listenClientUrls: [first.endpoint], dataDir })).rejects.toThrow(
      `cannot listen on ${first.endpoint}: listen EADDRINUSE`,
    );
    await (await startEmbeddedServer({ listenClientUrls: [], dataDir })).stop();
    await first.stop();
  });

  it("names the URL", async () => {
    const start = (url: string) => startEmbeddedServer({ listenClientUrls: [url] });
    await expect(start("http://example.org:0")).rejects.toThrow(
      "expected IP in URL for binding (http://example.org:0)",
    );
    await expect(start("https://127.0.0.1:0")).rejects.toThrow(
      "TLS key/cert (--cert-file, --key-file) must be provided for client url https://127.0.0.1:0 with HTTPS scheme",
    );
  });
});

describe("stopping", () => {
  let server: EmbeddedServer;
  beforeEach(async () => {
    server = await startEmbeddedServer();
  });

  it("may be asked for twice", async () => {
    await Promise.all([server.stop(), server.stop()]);
    await server.stop();
  });

  it("ends calls that are under way, in process and over the network", async () => {
    const clients = [server.client(), await connect({ endpoints: [server.endpoint] })];
    const watches = clients.map((client) => new WatchSession(client));
    await Promise.all(watches.map((watch) => watch.create("a")));
    const ends = watches.map((watch) => expect(watch.next()).rejects.toThrow());
    await server.stop();
    await Promise.all(ends);
    await expect(new Requests(server.client()).keys("a")).rejects.toThrow("etcdserver: server stopped");
    for (const client of clients) await client.close();
  });

  it("does not wait for connections that say nothing", async () => {
    const socket = await dial(server.port);
    socket.on("error", () => undefined);
    const closed = new Promise((resolve) => socket.once("close", resolve));
    await server.stop();
    await closed;
  });

  it("removes its socket's file", async () => {
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
