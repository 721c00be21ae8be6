// Commands on a store without a server: etcdctl's data dir takes writes, other files are read-only.
import { execFileSync } from "node:child_process";
import fs, { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { createClient, type EtcdClient } from "../../src/client/client";
import { systemClock } from "../../src/clock";
import { CliError } from "../../src/errors";
import { openOfflineTransport } from "../../src/offline/offline-transport";
import { AuthUserAddRequest, PutRequest } from "../../src/proto/gen/etcdserverpb";
import { startEmbeddedServer } from "../../src/server/server";
import { readDatabase } from "../../src/storage/read-database";
import { writeDatabase } from "../../src/storage/write-database";
import { rangeRequest, Requests } from "../support/requests";
import { workFolder } from "../support/work-folder";

let clients: EtcdClient[] = [];
// Before the folder is removed.
afterEach(async () => {
  await Promise.all(clients.map((client) => client.close()));
  clients = [];
});
const folder = workFolder();

/** One run of the command line. */
async function offline(target?: string): Promise<Requests> {
  const env = { XDG_DATA_HOME: folder() };
  const client = createClient(await openOfflineTransport({ path: target, env, clock: systemClock }));
  clients.push(client);
  return new Requests(client);
}

async function accounts({ client: { auth } }: Requests) {
  const { users } = await auth.userList({});
  const { roles } = await auth.roleList({});
  const { perm } = await auth.roleGet({ role: "r" });
  return { users, roles, perm, enabled: (await auth.authStatus({})).enabled };
}

const ownDir = () => path.join(folder(), "etcdctl");
const done = async (requests: Requests) => {
  await requests.client.close();
};

describe("the user's data dir", () => {
  test("a read finds no keys and does not create the directory", async () => {
    const requests = await offline();
    expect(await requests.keys("a", "\0")).toBe("");
    expect(existsSync(ownDir())).toBe(false);
  });

  test("a write is on the disk when its response comes", async () => {
    const writer = await offline();
    await writer.put("key1", "value1");
    const reader = await offline();
    expect(await reader.shown("key1")).toEqual(["key1=value1 c2 m2 v1"]);
    await writer.put("key1", "value2");
    expect(await (await offline()).shown("key1")).toEqual(["key1=value2 c2 m3 v2"]);
  });

  test("the time that opening takes does not count for the deadline of a call", async () => {
    await (await offline()).put("key1", "value1");
    let aheadMs = 0;
    const clock = { ...systemClock, now: () => Date.now() + aheadMs };
    const env = { XDG_DATA_HOME: folder() };
    const client = createClient(await openOfflineTransport({ env, clock }));
    clients.push(client);
    const { openSync } = fs;
    const spy = jest.spyOn(fs, "openSync").mockImplementation((...args) => {
      aheadMs = 3_600_000;
      return openSync(...args);
    });
    const { count } = await client.kv.range(rangeRequest("key1"), { deadlineAt: Date.now() + 60_000 });
    spy.mockRestore();
    expect([count, aheadMs]).toEqual([1n, 3_600_000]);
    await expect(client.kv.range(rangeRequest("key1"), { deadlineAt: Date.now() })).rejects.toThrow(
      "context deadline exceeded",
    );
  });

  test("a command that reads and then writes loads the store again", async () => {
    const slow = await offline();
    expect(await slow.keys("a")).toBe("");
    const quick = await offline();
    await quick.put("a", "1");
    await done(quick);
    expect(await slow.put("b", "2")).toBe(3n);
    expect(await slow.keys("a", "c")).toBe("a b");
  });

  test("writers wait for each other", async () => {
    const writes = Array.from({ length: 4 }, async (_, i) => {
      const requests = await offline();
      await requests.put(`k${i}`, "x");
      await done(requests);
    });
    await Promise.all(writes);
    const reader = await offline();
    expect(await reader.keys("k", "l")).toBe("k0 k1 k2 k3");
    expect((await reader.range("k0")).header?.revision).toBe(5n);
  });

  test("a read returns users and roles", async () => {
    const writer = await offline();
    await writer.client.auth.userAdd(AuthUserAddRequest.create({ name: "u", password: "p" }));
    await writer.client.auth.roleAdd({ name: "r" });
    await done(writer);
    expect(await accounts(await offline())).toEqual({ users: ["u"], roles: ["r"], perm: [], enabled: false });
  });

  test("a failed command changes nothing in the file", async () => {
    const requests = await offline();
    await requests.put("a", "1");
    const before = readFileSync(path.join(ownDir(), "member", "snap", "db"));
    await expect(requests.put("", "1")).rejects.toThrow("etcdserver: key is not provided");
    expect(readFileSync(path.join(ownDir(), "member", "snap", "db")).equals(before)).toBe(true);
  });

  test("leases have their full TTL at every opening and never expire", async () => {
    const requests = await offline();
    const { ID } = await requests.client.lease.leaseGrant({ ID: 5n, TTL: 2n });
    await requests.put("a", "1", { lease: ID });
    await done(requests);
    const later = await offline();
    const left = await later.client.lease.leaseTimeToLive({ ID, keys: true });
    expect([left.TTL, left.grantedTTL, left.keys.map(String)]).toEqual([2n, 2n, ["a"]]);
  });

  test("revoked leases, compactions and deletions are saved", async () => {
    const requests = await offline();
    await requests.puts("a=1", "a=2", "b=1");
    await requests.del("b");
    await requests.compact(3n);
    await done(requests);
    const later = await offline();
    await expect(later.shown("a", "", { revision: 2n })).rejects.toThrow(
      "etcdserver: mvcc: required revision has been compacted",
    );
    expect(await later.keys("a", "z")).toBe("a");
  });
});

describe("a path on the command line", () => {
  test("a read fails on a missing path", async () => {
    const requests = await offline(path.join(folder(), "typo"));
    await expect(requests.keys("a")).rejects.toThrow(
      `there is no database at ${path.join(folder(), "typo")}`,
    );
  });

  test("a write creates the missing path", async () => {
    const dir = path.join(folder(), "new");
    await (await offline(dir)).put("a", "1");
    expect(await (await offline(dir)).keys("a")).toBe("a");
  });
});

describe("a member's data dir", () => {
  /** A directory as a real etcd leaves it: the db file has no marker of etcdctl's. */
  async function memberDir(): Promise<string> {
    const dir = path.join(folder(), "member.etcd");
    const server = await startEmbeddedServer({ listenClientUrls: [], dataDir: dir, keys: { a: "1" } });
    await server.stop();
    const again = await startEmbeddedServer({ listenClientUrls: [], dataDir: dir });
    await again.client().kv.put(PutRequest.create({ key: Buffer.from("logged"), value: Buffer.from("2") }));
    const files = path.join(folder(), "killed.etcd");
    cpSync(dir, files, { recursive: true });
    await again.stop();
    rmSync(path.join(files, "etcdctl.lock"));
    const file = path.join(files, "member", "snap", "db");
    const database = readDatabase(file);
    const bytes = Buffer.concat([...writeDatabase(database).chunks]);
    database.close();
    writeFileSync(file, bytes);
    return files;
  }

  test("a read sees the db file and the log", async () => {
    const requests = await offline(await memberDir());
    expect(await requests.keys("a", "\0")).toBe("a logged");
  });

  test("a write fails with a hint how to make a writable copy, which has the log too", async () => {
    const dir = await memberDir();
    const error: unknown = await (await offline(dir)).put("b", "1").catch((thrown: unknown) => thrown);
    expect((error as CliError).message).toBe(
      `${dir} is a member's data dir: it is only read offline, never written`,
    );
    const [hint = ""] = (error as CliError).hints;
    const [, command = ""] = /^to write to a copy: (.*), then use --offline=copy.etcd$/.exec(hint) ?? [];
    execFileSync("sh", ["-c", command], { cwd: folder() });
    const copy = path.join(folder(), "copy.etcd");
    await (await offline(copy)).put("b", "1");
    expect(await (await offline(copy)).keys("a", "\0")).toBe("a b logged");
    expect(existsSync(path.join(copy, "etcdctl.own"))).toBe(false);
  });
});

describe("a snapshot file", () => {
  async function snapshotFile(): Promise<string> {
    const server = await startEmbeddedServer({ listenClientUrls: [], keys: { "/a": "1", "/b": "2" } });
    const blobs: Uint8Array[] = [];
    await server.client().auth.userAdd(AuthUserAddRequest.create({ name: "u", password: "p" }));
    await server.client().auth.roleAdd({ name: "r" });
    for await (const { blob } of server.client().maintenance.snapshot({})) blobs.push(blob);
    await server.stop();
    const file = path.join(folder(), "backup.db");
    writeFileSync(file, Buffer.concat(blobs));
    return file;
  }

  test("a read returns the keys with their revisions", async () => {
    const requests = await offline(await snapshotFile());
    expect(await requests.shown("/", "0")).toEqual(["/a=1 c2 m2 v1", "/b=2 c2 m2 v1"]);
    const { members } = await requests.client.cluster.memberList({ linearizable: false });
    expect(members.map(({ name }) => name)).toEqual(["default"]);
  });

  test("a snapshot file has users and roles", async () => {
    expect(await accounts(await offline(await snapshotFile()))).toEqual({
      users: ["u"],
      roles: ["r"],
      perm: [],
      enabled: false,
    });
  });

  test("defragment fails on a snapshot file", async () => {
    const { client } = await offline(await snapshotFile());
    await expect(client.maintenance.defragment({})).rejects.toThrow("is only read offline, never written");
  });

  test("a write fails with a hint how to make a writable copy", async () => {
    const file = await snapshotFile();
    const before = readFileSync(file);
    const requests = await offline(file);
    const refused = await requests.put("a", "1").catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(CliError);
    expect((refused as CliError).message).toContain("is only read offline, never written");
    expect((refused as CliError).hints.join()).toContain("--offline=copy.etcd");
    expect(readFileSync(file).equals(before)).toBe(true);
  });
});
