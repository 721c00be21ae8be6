// How much of a file is read for the keys and one value.
import fs, { writeFileSync } from "node:fs";
import path from "node:path";
import { createClient, type EtcdClient } from "../../src/client/client";
import { systemClock } from "../../src/clock";
import { openOfflineTransport } from "../../src/offline/offline-transport";
import { LeaseGrantRequest, PutRequest } from "../../src/proto/gen/etcdserverpb";
import { startEmbeddedServer, type EmbeddedServer } from "../../src/server/server";
import { segmentsOf } from "../../src/storage/wal/log-reader";
import { bytesRead } from "../support/bytes-read";
import { rangeRequest, Requests } from "../support/requests";
import { testFolder } from "./fixture-files";

const folder = testFolder();
const kib = 1024;

interface Data {
  readonly count: number;
  readonly valueBytes: number;
  readonly leased?: boolean;
  readonly keyBytes?: number;
}

const keyOf = (index: number, keyBytes = 20) => `k${String(index).padStart(keyBytes - 1, "0")}`;
const valueOf = (index: number, valueBytes: number) => Buffer.alloc(valueBytes, `${index},`);

/** A snapshot with these keys. */
async function snapshot(
  name: string,
  { count, valueBytes, leased = false, keyBytes }: Data,
): Promise<string> {
  await using server = await startEmbeddedServer();
  const { kv, lease, maintenance } = server.client();
  if (leased) await lease.leaseGrant(LeaseGrantRequest.create({ ID: 7n, TTL: 1000n }));
  for (let index = 0; index < count; index++) {
    const put = { key: Buffer.from(keyOf(index, keyBytes)), value: valueOf(index, valueBytes) };
    await kv.put(PutRequest.create({ ...put, lease: leased ? 7n : 0n }));
  }
  const parts: Uint8Array[] = [];
  for await (const { blob } of maintenance.snapshot({})) parts.push(blob);
  const file = path.join(folder.path, name);
  writeFileSync(file, Buffer.concat(parts));
  return file;
}

async function offline(file: string): Promise<EtcdClient> {
  return createClient(await openOfflineTransport({ path: file, env: {}, clock: systemClock }));
}

describe("one key of a snapshot", () => {
  const cases: readonly (readonly [string, Data, number])[] = [
    ["values of 4 KiB", { count: 2000, valueBytes: 4 * kib }, 0.05],
    ["values of 4 KiB with a lease", { count: 2000, valueBytes: 4 * kib, leased: true }, 0.08],
    ["keys of 300 bytes and values of 64 KiB", { count: 200, valueBytes: 64 * kib, keyBytes: 300 }, 0.05],
    ["values of 1 MiB", { count: 40, valueBytes: kib * kib }, 0.05],
  ];
  test.each(cases)("%s: only the heads of the records are read", async (name, data, share) => {
    const file = await snapshot(name.replaceAll(" ", "-"), data);
    const wanted = data.count >> 1;
    const sizeBytes = await bytesRead(async () => {
      const client = await offline(file);
      const { kvs, header } = await client.kv.range(rangeRequest(keyOf(wanted, data.keyBytes)));
      expect(kvs).toHaveLength(1);
      expect(Buffer.from(kvs[0]?.value ?? []).equals(valueOf(wanted, data.valueBytes))).toBe(true);
      expect(kvs[0]?.lease).toBe(data.leased === true ? 7n : 0n);
      expect(header?.revision).toBe(BigInt(data.count + 1));
      await client.close();
    });
    expect(sizeBytes / fs.statSync(file).size).toBeLessThan(share);
  });

  test("a large snapshot is read without its hash; everything that reads more checks the hash first", async () => {
    const data = { count: 70, valueBytes: kib * kib };
    const file = await snapshot("altered", data);
    const bytes = fs.readFileSync(file);
    bytes.write("#", bytes.indexOf(valueOf(3, 100)) + 50);
    writeFileSync(file, bytes);
    const client = await offline(file);
    const { kvs } = await client.kv.range(rangeRequest(keyOf(60)));
    expect(Buffer.from(kvs[0]?.value ?? []).equals(valueOf(60, data.valueBytes))).toBe(true);
    const range = client.kv.range(rangeRequest("k", "l", { keysOnly: true }));
    await expect(range).rejects.toThrow("altered or truncated");
    await expect(client.maintenance.status({})).rejects.toThrow("altered or truncated");
    await client.close();
  });
});

test("after a stop, the next start reads only a short log, although the segment before it was long", async () => {
  const dataDir = path.join(folder.path, "stopped");
  const server = await startEmbeddedServer({ dataDir });
  const requests = new Requests(server.client());
  for (const index of [1, 2, 3]) await requests.put(`k${index}`, valueOf(index, kib * kib).toString());
  await server.stop();
  const walDir = path.join(dataDir, "member", "wal");
  expect(segmentsOf(walDir).map(({ firstIndex }) => firstIndex)).toEqual([0n, expect.any(BigInt)]);
  let again: EmbeddedServer | undefined;
  const sizeBytes = await bytesRead(async () => {
    again = await startEmbeddedServer({ dataDir });
  });
  expect(sizeBytes).toBeLessThan(512 * kib);
  expect(again?.replayedEntries).toBe(0);
  expect(await again?.client().kv.range(rangeRequest("k", "l"))).toMatchObject({ count: 3n });
  await again?.stop();
});
