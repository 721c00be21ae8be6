// `serve --data-dir` is killed at random moments under sixteen writers, also during checkpoints and when its log begins a new
// segment. No write that was acknowledged is lost, none is half there, and each write has one revision. Every tenth directory
// is opened by a real etcd too. ETCDCTL_KILLS=300 sets the number of kills.
import { cpSync, rmSync } from "node:fs";
import path from "node:path";
import { connect } from "../../src/client/library/client";
import type { LibraryClient } from "../../src/client/library/client";
import { Child } from "../support/child";
import { program } from "../support/etcdctl";
import { freePorts } from "../support/ports";
import { etcdPrograms, findEtcd } from "../support/real-etcd";
import { deleteRequest, putOp, rangeRequest } from "../support/requests";
import { seeded } from "../support/seeded";
import { until } from "../support/until";
import { sharedFolder } from "../support/work-folder";

const kills = Number(process.env["ETCDCTL_KILLS"] ?? 12);
const writerCount = 16;
const folder = sharedFolder();
const dataDir = path.join(folder, "d");
const below = seeded(kills);

/** The count of each writer: what was acknowledged last, and what was sent last. */
const writers = Array.from({ length: writerCount }, (_, index) => ({ index, acknowledged: 0, sent: 0 }));

const sum = (of: "acknowledged" | "sent") => writers.reduce((total, each) => total + each[of], 0);

async function serve(): Promise<{ child: Child; client: LibraryClient }> {
  const flags = [
    "--listen-client-urls",
    "http://127.0.0.1:0",
    "--data-dir",
    dataDir,
    "--snapshot-count",
    "200",
  ];
  const child = new Child([...program, "serve", ...flags], { cwd: folder });
  await child.printed("stdout", "serving on ");
  const [, endpoint = ""] = /^serving on (\S+)/.exec(child.stdout.toString()) ?? [];
  return { child, client: await connect({ endpoints: [endpoint] }) };
}

const digits = 10;
const counted = (count: number, sizeBytes: number) =>
  Buffer.alloc(sizeBytes, String(count).padStart(digits, "0")).toString();
const countIn = (value: Uint8Array | undefined) => Number(Buffer.from(value ?? []).subarray(0, digits));

/** Writes two keys in each transaction until the server is gone. */
async function write(
  client: LibraryClient,
  writer: (typeof writers)[number],
  sizeBytes: number,
): Promise<void> {
  for (;;) {
    const count = ++writer.sent;
    const value = counted(count, sizeBytes);
    const success = [putOp(`a${writer.index}`, value), putOp(`b${writer.index}`, value.slice(0, digits))];
    try {
      await client.kv.txn({ compare: [], success, failure: [] }, { timeoutMs: Infinity });
    } catch {
      return;
    }
    writer.acknowledged = count;
  }
}

async function check(client: LibraryClient, revisionBefore: bigint): Promise<bigint> {
  let revision = 0n;
  for (const writer of writers) {
    const read = async (name: string) =>
      (await client.kv.range(rangeRequest(`${name}${writer.index}`))) as {
        header: { revision: bigint };
        kvs: { value: Uint8Array; version: bigint }[];
      };
    const [a, b] = await Promise.all([read("a"), read("b")]);
    const found = countIn(a.kvs[0]?.value);
    expect(countIn(b.kvs[0]?.value)).toBe(found);
    expect(Buffer.from(a.kvs[0]?.value ?? []).toString()).toBe(counted(found, a.kvs[0]?.value.length ?? 0));
    expect(found).toBeGreaterThanOrEqual(writer.acknowledged);
    expect(found).toBeLessThanOrEqual(writer.sent);
    expect(a.kvs[0]?.version ?? 0n).toBe(BigInt(found));
    writer.acknowledged = writer.sent = found;
    ({ revision } = a.header);
  }
  expect(revision).toBe(revisionBefore + BigInt(sum("acknowledged")));
  return revision;
}

async function checkInEtcd(): Promise<void> {
  const copy = path.join(folder, "copy");
  cpSync(dataDir, copy, { recursive: true });
  const [port = 0, peerPort = 0] = await freePorts(2);
  const url = `http://127.0.0.1:${port}`;
  const peerUrl = `http://127.0.0.1:${peerPort}`;
  const flags = ["--listen-client-urls", url, "--advertise-client-urls", url, "--listen-peer-urls", peerUrl];
  const etcd = new Child([etcdPrograms("3.5").etcd, "--data-dir", copy, ...flags], { cwd: folder });
  const client = await connect({ endpoints: [url] });
  await until("etcd answers", async () => {
    return client.kv.range(rangeRequest("x")).then(
      () => true,
      () => false,
    );
  });
  const kept = writers.map((each) => ({ ...each }));
  await check(client, 1n);
  writers.forEach((each, index) => Object.assign(each, kept[index]));
  await client.kv.put({ key: "from etcd", value: "1" });
  await client.kv.deleteRange(deleteRequest("from etcd"));
  await client.close();
  etcd.signal("SIGKILL");
  await etcd.finish();
  rmSync(copy, { recursive: true, force: true });
}

test(`${kills} kills lose nothing that was acknowledged`, async () => {
  for (let kill = 1; kill <= kills; kill++) {
    const { child, client } = await serve();
    await check(client, 1n);
    // The kill comes after a random number of writes. With large values the log begins a new segment of 64 MB about every second.
    const sizeBytes = kill % 4 === 0 ? 200_000 : 100 + below(400);
    const writing = writers.map((writer) => write(client, writer, sizeBytes));
    const enough = sum("acknowledged") + 1 + below(kill % 4 === 0 ? 600 : 1000);
    await until("enough writes are acknowledged", () => sum("acknowledged") >= enough);
    child.signal("SIGKILL");
    await child.finish();
    await client.close();
    await Promise.all(writing);
    if (kill % 10 === 0 && findEtcd("3.5") !== undefined) await checkInEtcd();
  }
  const { child, client } = await serve();
  await check(client, 1n);
  await client.close();
  child.signal("SIGTERM");
  expect((await child.finish()).exit).toBe(0);
});
