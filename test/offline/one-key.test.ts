// A get of one key from a large file of small values: with an index, a small part of the file is read. Whatever state the index
// is in, the answers are those of the whole file.
import fs from "node:fs";
import path from "node:path";
import { createClient, type EtcdClient } from "../../src/client/client";
import { systemClock } from "../../src/clock";
import { openOfflineTransport } from "../../src/offline/offline-transport";
import { CompactionRequest, TxnRequest, type RangeRequest } from "../../src/proto/gen/etcdserverpb";
import { startEmbeddedServer } from "../../src/server/server";
import { crc32c } from "../../src/storage/crc32c";
import { writeDatabase } from "../../src/storage/write-database";
import { bytes, del, newStore, put } from "../server/store-harness";
import { bytesRead } from "../support/bytes-read";
import { deleteOp, getOp, putOp, rangeRequest, Requests } from "../support/requests";
import { seeded } from "../support/seeded";
import { until } from "../support/until";
import { sharedFolder } from "../support/work-folder";

const folder = sharedFolder();
const backup = path.join(folder, "backup.db");
const keyCount = 30_000;
const keyOf = (number: number) => `/things/${String(number).padStart(6, "0")}`;
const valueOf = (number: number, round: number) => `${number},${round} `.padEnd(560, "v");

let compacted = 0;
let newest = 0;

/** Keys in no order, a tenth of them several times or deleted; older revisions are compacted. */
beforeAll(async () => {
  const store = newStore();
  const random = seeded(11);
  const write = store.write();
  for (let i = 0; i < keyCount; i++) {
    const number = (i * 7919) % keyCount;
    write.put(bytes(keyOf(number)), bytes(valueOf(number, 0)), 0n);
  }
  write.end();
  for (let round = 1; round < keyCount / 10; round++) {
    const number = random(keyCount / 20);
    if (random(4) === 0) del(store, keyOf(number));
    else put(store, keyOf(number), valueOf(number, round));
    if (round === 1000) compacted = store.revision;
  }
  store.compact(compacted);
  await store.compacting;
  newest = store.revision;
  const contents = {
    records: store.records(),
    leases: [],
    members: [],
    finishedCompactRevision: store.finishedCompactRevision,
    scheduledCompactRevision: store.finishedCompactRevision,
    consistentIndex: 200_000n,
    term: 3n,
    clusterVersion: "3.5.0",
    storageVersion: "",
    otherBuckets: [],
  };
  fs.writeFileSync(backup, Buffer.concat([...writeDatabase(contents).chunks]));
  await until(
    "a later change will show in the times of the file",
    () => Date.now() - fs.statSync(backup).ctimeMs > 60,
  );
});

const cacheOf = (name: string) => path.join(folder, name);
const indexesIn = (cache: string) => {
  const keys = path.join(cache, "etcdctl-node", "keys");
  return fs.existsSync(keys) ? fs.readdirSync(keys).map((name) => path.join(keys, name)) : [];
};

async function offline(file: string, cache?: string): Promise<EtcdClient> {
  const env = cache === undefined ? {} : { XDG_CACHE_HOME: cache };
  return createClient(await openOfflineTransport({ path: file, env, clock: systemClock }));
}

/** What one command shows for one request. */
async function answer(file: string, request: RangeRequest, cache?: string): Promise<unknown> {
  const client = await offline(file, cache);
  try {
    return await client.kv.range(request);
  } catch (error) {
    return String(error);
  } finally {
    await client.close();
  }
}

/** The same for many requests on the whole file, loaded once. */
async function answersOfAll(file: string, requests: readonly RangeRequest[]): Promise<unknown[]> {
  const client = await offline(file);
  await client.kv.range(rangeRequest("/", "0", { countOnly: true }));
  const answers = [];
  for (const request of requests) answers.push(await client.kv.range(request).catch(String));
  await client.close();
  return answers;
}

function someRequests(seed: number, count: number): RangeRequest[] {
  const random = seeded(seed);
  return Array.from({ length: count }, (_, i) => {
    const number = i % 3 === 0 ? random(keyCount) : random(keyCount / 20);
    const key = i % 11 === 0 ? `${keyOf(number)}x` : keyOf(number);
    const revision = i % 2 === 0 ? 0n : BigInt(compacted - 50 + random(newest - compacted + 60));
    const options = [{}, { keysOnly: true }, { countOnly: true }, { minModRevision: BigInt(compacted) }];
    return rangeRequest(key, "", { revision, ...options[i % 4] });
  });
}

const edges = () => [
  rangeRequest("/things/"),
  rangeRequest("\0"),
  rangeRequest("zzz"),
  rangeRequest(keyOf(0)),
  rangeRequest(keyOf(keyCount - 1)),
  rangeRequest(keyOf(7), "", { revision: BigInt(newest) }),
  rangeRequest(keyOf(7), "", { revision: BigInt(newest + 1) }),
  rangeRequest(keyOf(7), "", { revision: 1n }),
];

describe("a backup", () => {
  test("the first get leaves an index that only its user can read; the next ones read a small part of the file", async () => {
    const cache = cacheOf("cache-1");
    const sizeBytes = fs.statSync(backup).size;
    expect(
      await bytesRead(async () => void (await answer(backup, rangeRequest(keyOf(5)), cache))),
    ).toBeGreaterThan(sizeBytes * 0.9);
    const [index = ""] = indexesIn(cache);
    expect(fs.statSync(index).mode & 0o777).toBe(0o600);
    expect(fs.statSync(index).size).toBeLessThan(sizeBytes * 0.03);
    expect(fs.readFileSync(index).includes("things")).toBe(false);
    const requests = [...edges(), ...someRequests(1, 60)];
    const expected = await answersOfAll(backup, requests);
    const answers: unknown[] = [];
    for (const request of requests) {
      const read = await bytesRead(async () => void answers.push(await answer(backup, request, cache)));
      expect(read).toBeLessThan(sizeBytes * 0.05);
    }
    expect(answers).toEqual(expected);
  });

  test("other commands read all of it, also after a get in the same process", async () => {
    const client = await offline(backup, cacheOf("cache-1"));
    expect(await client.kv.range(rangeRequest(keyOf(keyCount - 1)))).toMatchObject({ count: 1n });
    const { count } = await client.kv.range(rangeRequest("/", "0", { countOnly: true }));
    expect(Number(count)).toBeGreaterThan(keyCount * 0.9);
    expect(await client.kv.range(rangeRequest(keyOf(keyCount - 1)))).toMatchObject({ count: 1n });
    await client.close();
  });

  test("an index that is damaged anywhere changes no answer", async () => {
    const cache = cacheOf("cache-1");
    const [index = ""] = indexesIn(cache);
    const whole = fs.readFileSync(index);
    const requests = [rangeRequest(keyOf(3)), rangeRequest(keyOf(keyCount - 5)), rangeRequest("/nothing")];
    const expected = await answersOfAll(backup, requests);
    const random = seeded(5);
    const blocks = Math.floor(whole.length / 4096);
    const damages: (() => Buffer)[] = [
      () => Buffer.alloc(0),
      () => whole.subarray(0, 4096),
      () => whole.subarray(0, whole.length - 4096),
      () => Buffer.alloc(whole.length),
      ...[0, blocks >> 1, blocks >> 1, blocks - 1].map((block) => () => {
        const damaged = Buffer.from(whole);
        const at = block * 4096 + random(4000);
        damaged[at] = (damaged[at] ?? 0) ^ (1 << random(8));
        return damaged;
      }),
    ];
    for (const damage of damages) {
      fs.writeFileSync(index, damage());
      const i = random(requests.length);
      expect(await answer(backup, requests[i] as RangeRequest, cache)).toEqual(expected[i]);
    }
  });

  test("the index of another state of the file is not used, even if size and time of modification are the same", async () => {
    const file = path.join(folder, "changed.db");
    fs.copyFileSync(backup, file);
    await until(
      "a later change will show in the times of the file",
      () => Date.now() - fs.statSync(file).ctimeMs > 60,
    );
    const cache = cacheOf("cache-2");
    const request = rangeRequest(keyOf(keyCount - 5));
    await answer(file, request, cache);
    expect(indexesIn(cache)).toHaveLength(1);
    const { atime, mtime } = fs.statSync(file);
    const content = fs.readFileSync(file);
    const value = valueOf(keyCount - 5, 0);
    // Both keys trade places.
    const at = content.indexOf(keyOf(keyCount - 5));
    const other = content.indexOf(keyOf(keyCount - 6));
    content.write(keyOf(keyCount - 6), at);
    content.write(keyOf(keyCount - 5), other);
    fs.writeFileSync(file, content);
    fs.utimesSync(file, atime, mtime);
    const changed = (await answer(file, request, cache)) as { kvs: { value: Uint8Array }[] };
    expect(Buffer.from(changed.kvs[0]?.value ?? []).toString()).toBe(valueOf(keyCount - 6, 0));
    expect(value).not.toBe(valueOf(keyCount - 6, 0));
  });

  test("eight indexes are kept", async () => {
    const cache = cacheOf("cache-3");
    const keys = path.join(cache, "etcdctl-node", "keys");
    fs.mkdirSync(keys, { recursive: true });
    for (let i = 0; i < 10; i++) {
      fs.writeFileSync(path.join(keys, `old-${i}`), "");
      fs.utimesSync(path.join(keys, `old-${i}`), i, i);
    }
    await answer(backup, rangeRequest("a"), cache);
    expect(
      fs
        .readdirSync(keys)
        .filter((name) => name.startsWith("old-"))
        .sort(),
    ).toEqual([3, 4, 5, 6, 7, 8, 9].map((i) => `old-${i}`));
    expect(indexesIn(cache)).toHaveLength(8);
  });

  test.each([
    ["is not a directory", (cache: string) => fs.writeFileSync(cache, "")],
    ["is a relative path", () => undefined],
  ])("a cache folder that %s is no hindrance", async (name, make) => {
    const cache = name.includes("relative") ? "cache" : cacheOf("cache-4");
    make(cache);
    expect(await answer(backup, rangeRequest(keyOf(keyCount - 1)), cache)).toMatchObject({ count: 1n });
    expect(fs.existsSync("cache")).toBe(false);
  });
});

describe("a data dir", () => {
  const dir = path.join(folder, "copy.etcd");
  const writer = async () => new Requests(await offline(dir));
  const database = path.join(dir, "member", "snap", "db");

  /** As docs/OFFLINE.md says. */
  beforeAll(async () => {
    fs.mkdirSync(path.dirname(database), { recursive: true });
    fs.copyFileSync(backup, database);
    fs.writeFileSync(path.join(dir, "etcdctl.own"), "");
    const requests = await writer();
    await requests.put("first", "1");
    await requests.client.close();
  });

  /** Reads some keys with and without the index, and returns the largest share of the file that was read with it. */
  async function compare(requests: readonly RangeRequest[]): Promise<number> {
    const expected = await answersOfAll(dir, requests);
    let largest = 0;
    for (const [i, request] of requests.entries()) {
      const read = await bytesRead(async () => expect(await answer(dir, request)).toEqual(expected[i]));
      largest = Math.max(largest, read);
    }
    return largest / fs.statSync(database).size;
  }

  test("the first get after a write reads a small part of it", async () => {
    expect(await compare([rangeRequest("first"), ...edges(), ...someRequests(2, 20)])).toBeLessThan(0.05);
  });

  test("what is in the log is seen", async () => {
    const { client } = await writer();
    const { kv } = client;
    const requests = new Requests(client);
    await requests.put(keyOf(20_000), "again");
    await requests.put("new", "1");
    await kv.txn(
      TxnRequest.create({
        compare: [
          {
            key: bytes("/things/00700"),
            rangeEnd: bytes("/things/00701"),
            target: 0,
            result: 1,
            targetUnion: { case: "version", value: 0n },
          },
        ],
        success: [putOp("compared", "yes"), getOp("/", "0")],
        failure: [putOp("compared", "no")],
      }),
    );
    await kv.txn(
      TxnRequest.create({ success: [deleteOp("/things/00600", "/things/00601"), putOp("deleted", "1")] }),
    );
    await kv.deleteRange({ key: bytes("/nothing"), rangeEnd: bytes("/nothinh"), prevKv: false });
    await client.kv.compact(CompactionRequest.create({ revision: BigInt(compacted + 200) }));
    await client.close();
    const asked = ["new", "compared", "deleted", keyOf(20_000), keyOf(6_005), keyOf(7_005), keyOf(3)].map(
      (key) => rangeRequest(key),
    );
    const old = [rangeRequest(keyOf(3), "", { revision: BigInt(compacted + 100) })];
    expect(await compare([...asked, ...old, ...edges(), ...someRequests(3, 20)])).toBeLessThan(0.05);
  });

  test("a log of many puts needs none of their keys", async () => {
    const { client } = await writer();
    const puts = Array.from({ length: 4000 }, (_, i) => putOp(keyOf(i * 7), "short"));
    for (let at = 0; at < puts.length; at += 100)
      await client.kv.txn(TxnRequest.create({ success: puts.slice(at, at + 100) }));
    await client.close();
    expect(await compare([rangeRequest("new"), rangeRequest(keyOf(7)), rangeRequest(keyOf(8))])).toBeLessThan(
      0.1,
    );
  });

  const revoke = async (ID: bigint) => {
    const { client } = await writer();
    await client.lease.leaseRevoke({ ID });
    await client.close();
  };

  test("a lease that was granted and revoked in the log needs none of its keys", async () => {
    const requests = await writer();
    await requests.grant(1000n, 7n);
    await requests.put("leased", "1", { lease: 7n });
    await requests.put(keyOf(3), "leased", { lease: 7n });
    await requests.grant(1000n, 8n);
    await requests.put("saved", "1", { lease: 8n });
    await requests.client.close();
    await revoke(7n);
    const asked = ["leased", "saved", keyOf(3), keyOf(4)].map((key) => rangeRequest(key));
    expect(await compare(asked)).toBeLessThan(0.1);
  });

  test("a log with conditions on many keys needs only these", async () => {
    const { client } = await writer();
    const hundred = Array.from({ length: 100 }, (_, i) => i);
    const conditions = 1000;
    for (let at = 0; at < conditions; at += 100)
      await client.kv.txn(
        TxnRequest.create({
          compare: hundred.map((i) => ({
            key: bytes(keyOf((at + i) * 29)),
            rangeEnd: new Uint8Array(),
            target: 0,
            result: 1,
            targetUnion: { case: "version", value: -1n },
          })),
          success: [putOp("compared", String(at))],
        }),
      );
    await client.close();
    expect(await compare([rangeRequest("compared"), rangeRequest(keyOf(29))])).toBeLessThan(0.3);
  });

  test("a lease of the db file that was revoked in the log needs only its keys", async () => {
    const before = await writer();
    await before.grant(1000n, 9n);
    for (const key of ["other", "moved", "freed", keyOf(3), keyOf(21_000)])
      await before.put(key, "leased", { lease: 9n });
    await before.put("moved", "again", { lease: 8n });
    await before.client.close();
    // A stop writes the db file if the log is long.
    await using server = await startEmbeddedServer({ dataDir: dir, listenClientUrls: [] });
    await server.client().put("long", "x".repeat(1_000_000));
    await server.stop();
    const keys = ["saved", "other", "moved", "freed", keyOf(3), keyOf(4), keyOf(21_000)];
    const asked = [...keys.map((key) => rangeRequest(key)), ...someRequests(4, 10)];
    expect(await compare(asked)).toBeLessThan(0.05);
    const after = await writer();
    await after.put("freed", "2");
    await after.client.close();
    await revoke(9n);
    expect(await compare(asked)).toBeLessThan(0.05);
    await revoke(8n);
    expect(await compare(asked)).toBeLessThan(0.05);
    expect(await answer(dir, rangeRequest("moved"))).toMatchObject({ count: 0n });
    expect(await answer(dir, rangeRequest("freed"))).toMatchObject({ count: 1n });
  });

  test("with an index of etcdctl before it had the keys of leases, the command reads all of it", async () => {
    const index = path.join(dir, "member", "etcdctl.keys");
    const old = fs.readFileSync(index);
    const header = old.subarray(0, 4092);
    expect(header.readDoubleLE(4084)).toBeGreaterThan(1);
    header.writeDoubleLE(0, 4084);
    old.writeUInt32LE(crc32c(0, header), 4092);
    const places = Math.ceil(old.readDoubleLE(16) / 409);
    fs.writeFileSync(index, old.subarray(0, 4096 * (1 + places)));
    expect(await compare([rangeRequest("saved"), rangeRequest(keyOf(3))])).toBeGreaterThan(0.9);
  });
});
