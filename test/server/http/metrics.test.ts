// The /metrics page on the client port, against the names, types, labels and bounds of etcd 3.7.1 (metrics-of-etcd.json).
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { goFloat } from "../../../src/server/http/metrics/family";
import { metricsPage } from "../../../src/server/http/metrics/page";
import { createEtcdServer } from "../../../src/server/member/create-etcd-server";
import { AlarmRequest_AlarmAction, AlarmType, RangeResponse } from "../../../src/proto/gen/etcdserverpb";
import { connect, type LibraryClient } from "../../../src/client/library/client";
import { encode } from "../../../src/proto/message";
import type { EmbeddedServer } from "../../../src/server/server";
import { startEmbeddedServer } from "../../../src/server/server";
import { httpRequest } from "../../support/http-request";
import { ManualClock } from "../../support/manual-clock";
import { until } from "../../support/until";
import { workFolder } from "../../support/work-folder";
import recorded from "./metrics-of-etcd.json";

interface Family {
  readonly type: string;
  readonly labels?: string;
  readonly bounds?: string;
}

const ofEtcd = new Map<string, Family>(Object.entries(recorded));
const onLinuxOnly = process.platform === "linux" ? undefined : /^(os_fd|process_(?!resident|cpu|start))/;

let server: EmbeddedServer;
beforeEach(async () => {
  server = await startEmbeddedServer({ metrics: "extensive" });
});
afterEach(() => server.stop());

async function page(): Promise<string> {
  const { status, headers, body } = await httpRequest({ url: `${server.endpoint}/metrics` });
  expect([status, headers["content-type"]]).toEqual([
    200,
    expect.stringContaining("text/plain; version=0.0.4"),
  ]);
  return body.toString();
}

/** The value of a sample, written as on the page without its value. */
async function valueOf(sample: string): Promise<number> {
  const line = (await page()).split("\n").find((each) => each.startsWith(`${sample} `));
  return line === undefined ? NaN : Number(line.slice(sample.length + 1));
}

/** Types, labels and bounds as in the recorded file. */
function familiesOf(text: string): Map<string, Family> {
  const families = new Map<string, { type: string; labels: Set<string>; bounds: Set<string> }>();
  let current = { type: "", labels: new Set<string>(), bounds: new Set<string>() };
  for (const line of text.trimEnd().split("\n")) {
    const [, name, type = ""] = /^# TYPE (\w+) (\w+)$/.exec(line) ?? [];
    if (name !== undefined) {
      current = { type, labels: new Set(), bounds: new Set() };
      families.set(name, current);
    }
    if (line.startsWith("#")) continue;
    for (const [, label = "", value = ""] of line.matchAll(/(\w+)="([^"]*)"/g)) {
      if (label === "le") current.bounds.add(value);
      else current.labels.add(label);
    }
  }
  const joined = (texts: Set<string>) => [...texts].join(" ");
  return new Map(
    [...families].map(([name, { type, labels, bounds }]) => [
      name,
      {
        type,
        ...(labels.size > 0 ? { labels: [...labels].sort().join(" ") } : {}),
        ...(bounds.size > 0 ? { bounds: joined(bounds) } : {}),
      },
    ]),
  );
}

/** Names in the tables of docs/METRICS.md by heading. */
function documented(): Map<string, string[]> {
  const tables = readFileSync("docs/METRICS.md", "utf8").split(/^## /m).slice(1);
  return new Map(
    tables.map((table) => [
      table.split("\n", 1)[0] ?? "",
      Array.from(table.matchAll(/^\| `(\w+)`/gm), ([, name = ""]) => name),
    ]),
  );
}

async function overNetwork<T>(work: (client: LibraryClient) => Promise<T>): Promise<T> {
  const client = await connect({ endpoints: [server.endpoint] });
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

async function useEverything(): Promise<void> {
  const { kv, lease, maintenance } = server.client();
  await kv.put({ key: "a", value: "1" });
  await kv.range({ key: "a" });
  await lease.leaseGrant({ TTL: 100 });
  await maintenance.alarm({
    action: AlarmRequest_AlarmAction.ACTIVATE,
    memberID: 1n,
    alarm: AlarmType.CORRUPT,
  });
  await httpRequest({ url: `${server.endpoint}/readyz` });
}

test("Every metric of etcd is on the page with its type, labels and bounds, unless METRICS.md leaves it out.", async () => {
  await useEverything();
  const leftOut = new Set(documented().get("Left out"));
  const expected = [...ofEtcd].filter(([name]) => !leftOut.has(name) && onLinuxOnly?.test(name) !== true);
  const ours = familiesOf(await page());
  expect(Object.fromEntries(ours)).toEqual(Object.fromEntries(expected));
});

test("METRICS.md lists every metric of etcd once.", () => {
  expect([...documented().values()].flat().sort()).toEqual([...ofEtcd.keys()].sort());
});

test("Every line has Prometheus' format.", async () => {
  await useEverything();
  for (const line of (await page()).trimEnd().split("\n")) {
    expect(line).toMatch(
      /^(# HELP \w+ .+|# TYPE \w+ (gauge|counter|histogram)|\w+(\{\w+="[^"]*"(,\w+="[^"]*")*\})? [-\d.e+]+)$/,
    );
  }
});

test("Numbers have the form of Go's.", async () => {
  expect([1e6, 999_999, 1_716_224, 0.0001, 0.00001234, 123_456.5, 2 ** 64, 0, -1].map(goFloat)).toEqual([
    ...["1e+06", "999999", "1.716224e+06", "0.0001", "1.234e-05", "123456.5", "1.8446744073709552e+19"],
    ...["0", "-1"],
  ]);
  expect([NaN, Infinity, -Infinity].map(goFloat)).toEqual(["NaN", "+Inf", "-Inf"]);
  const samples = (await page()).split("\n").filter((line) => !line.startsWith("#"));
  expect(samples).toContain("etcd_server_quota_backend_bytes 2.147483648e+09");
  const values = samples.slice(0, -1).map((line) => line.slice(line.lastIndexOf(" ") + 1));
  expect(values).toEqual(values.map((value) => goFloat(value === "+Inf" ? Infinity : Number(value))));
});

test("a sum may be infinite or no number", async () => {
  const odd = createEtcdServer({ clock: new ManualClock() });
  odd.metrics.snapshotSeconds.observe(Infinity);
  expect(await metricsPage(odd)).toMatch(/^etcd_\w+_sum \+Inf$/m);
  odd.metrics.snapshotSeconds.observe(-Infinity);
  expect(await metricsPage(odd)).toMatch(/^etcd_\w+_sum NaN$/m);
  odd.close();
});

// What etcd 3.7.1 answers.
test.each([
  [undefined, "underscores"],
  ["*/*", "underscores"],
  [
    "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
    "underscores",
  ],
  ["text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2", "allow-utf-8"],
  ["text/plain;escaping=dots;q=0.1, text/plain", "underscores"],
  ["text/plain;escaping=dots", "dots"],
  ["*/*; escaping=values", "values"],
  ["text/plain;escaping=none", "underscores"],
])("Accept: %s has the escaping %s.", async (accept, escaping) => {
  const headers = accept === undefined ? {} : { accept };
  const { headers: received } = await httpRequest({ url: `${server.endpoint}/metrics`, headers });
  expect(received["content-type"]).toBe(`text/plain; version=0.0.4; charset=utf-8; escaping=${escaping}`);
});

test.each([
  ["gzip", true],
  ["deflate, gzip;q=0.5", true],
  ["gzip, deflate, br", true],
  ["gzip;q=0.5, *;q=0.1", true],
  ["identity, gzip", false],
  ["*", false],
  ["gzip;q=0", false],
  ["br", false],
  ["GZIP", false],
  ["br;x=1, gzip", false],
])("Accept-Encoding: %s compresses the page: %s.", async (encoding, isCompressed) => {
  const url = `${server.endpoint}/metrics`;
  const { headers, body } = await httpRequest({ url, headers: { "accept-encoding": encoding } });
  expect(headers["content-encoding"]).toBe(isCompressed ? "gzip" : undefined);
  expect(headers["content-length"]).toBeUndefined();
  expect((isCompressed ? gunzipSync(body) : body).toString()).toMatch(/^# HELP \w+ [^]*\} \d\n$/);
});

test("The buckets of a histogram add up, and their last one is its count.", async () => {
  await server.client().lease.leaseGrant({ TTL: 3 });
  await server.client().lease.leaseGrant({ TTL: 4 });
  const bucket = (le: string) => valueOf(`etcd_debugging_lease_ttl_total_bucket{le="${le}"}`);
  expect([await bucket("2"), await bucket("4"), await bucket("+Inf")]).toEqual([0, 2, 2]);
  expect(await valueOf("etcd_debugging_lease_ttl_total_sum")).toBe(7);
  expect(await valueOf("etcd_debugging_lease_ttl_total_count")).toBe(2);
});

describe("What clients do is counted:", () => {
  const put = `{grpc_method="Put",grpc_service="etcdserverpb.KV",grpc_type="unary"}`;
  const putWithCode = (code: string) => put.replace("{", `{grpc_code="${code}",`);

  test("calls, by method and status", async () => {
    const { kv } = server.client();
    await kv.put({ key: "a", value: "1" });
    await expect(kv.put({ key: "" })).rejects.toThrow("key is not provided");
    expect(await valueOf(`grpc_server_started_total${put}`)).toBe(2);
    expect(await valueOf(`grpc_server_msg_received_total${put}`)).toBe(2);
    expect(await valueOf(`grpc_server_msg_sent_total${put}`)).toBe(2);
    expect(await valueOf(`grpc_server_handled_total${putWithCode("OK")}`)).toBe(1);
    expect(await valueOf(`grpc_server_handled_total${putWithCode("InvalidArgument")}`)).toBe(1);
    expect(await valueOf(`grpc_server_handling_seconds_count${put}`)).toBe(2);
  });

  const requests = (type: string, success: boolean) =>
    valueOf(`etcd_server_request_duration_seconds_count{success="${success}",type="${type}"}`);

  test("requests that reach the log, also those that are refused when they are applied", async () => {
    const { kv, lease, maintenance } = server.client();
    await expect(kv.put({ key: "" })).rejects.toThrow("key is not provided");
    await expect(kv.put({ key: "a", value: Buffer.alloc(3_000_000) })).rejects.toThrow("too large");
    await expect(kv.put({ key: "a", lease: 5n })).rejects.toThrow("lease not found");
    await maintenance.alarm({ action: AlarmRequest_AlarmAction.GET });
    await lease.leaseGrant({ TTL: 2, ID: 7n });
    server.clock.advance(10_000);
    await until("the lease has expired", async () => (await requests("LeaseRevoke", true)) === 1);
    expect(await requests("Put", true)).toBe(1);
    expect(await requests("Put", false)).toBe(1);
    expect(await requests("Alarm", true)).toBe(1);
    const apply = `etcd_server_apply_duration_seconds_count{op="Put",success="false",version="v3"}`;
    expect(await valueOf(apply)).toBe(1);
  });

  test("reads, without those of a wrong shape", async () => {
    const { kv } = server.client();
    await kv.range({ key: "a" });
    await expect(kv.range({ key: "" })).rejects.toThrow("key is not provided");
    await expect(kv.range({ key: "a", revision: 9 })).rejects.toThrow("future revision");
    for await (const part of kv.rangeStream({ key: "a" })) expect(part.rangeResponse?.count).toBe(0n);
    const range = { request: { case: "requestRange", value: { key: "a" } } } as const;
    await kv.txn({ success: [range] });
    expect(await requests("Range", true)).toBe(1);
    expect(await requests("Range", false)).toBe(1);
    expect(await requests("ReadonlyTxn", true)).toBe(1);
    expect(await valueOf(`etcd_server_range_duration_seconds_count{success="true"}`)).toBe(2);
    expect(await valueOf(`etcd_server_range_duration_seconds_count{success="false"}`)).toBe(1);
  });

  test("the messages and the end of a stream", async () => {
    const watch = `{grpc_method="Watch",grpc_service="etcdserverpb.Watch",grpc_type="bidi_stream"}`;
    for await (const { created } of server
      .client()
      .watch.watch([{ requestUnion: { case: "createRequest", value: { key: "a" } } }])) {
      expect(created).toBe(true);
      break;
    }
    expect(await valueOf(`grpc_server_started_total${watch}`)).toBe(1);
    // As in etcd, the end of the client's messages counts as one.
    await until(
      "the end is counted",
      async () => (await valueOf(`grpc_server_msg_received_total${watch}`)) === 2,
    );
    expect(await valueOf(`grpc_server_msg_sent_total${watch}`)).toBe(1);
    const canceled = watch.replace("{", `{grpc_code="Canceled",`);
    expect(await valueOf(`grpc_server_handled_total${canceled}`)).toBe(1);
  });

  test("ranges, puts, deletes and transactions", async () => {
    const { kv } = server.client();
    await kv.put({ key: "a", value: "12" });
    await kv.deleteRange({ key: "b" });
    await kv.range({ key: "a" });
    const ops = [
      { request: { case: "requestPut", value: { key: "c", value: "3" } } },
      { request: { case: "requestPut", value: { key: "d", value: "4" } } },
    ] as const;
    await kv.txn({ success: [...ops] });
    const names = ["put", "delete", "range", "txn"].map((name) => `etcd_mvcc_${name}_total`);
    expect(await Promise.all(names.map(valueOf))).toEqual([3, 1, 1, 1]);
    expect(await valueOf("etcd_debugging_mvcc_total_put_size_in_bytes")).toBe(7);
    expect(await valueOf("etcd_debugging_mvcc_keys_total")).toBe(3);
    expect(await valueOf("etcd_debugging_mvcc_current_revision")).toBe(3);
    await kv.deleteRange({ key: "a" });
    await kv.put({ key: "c", value: "3" });
    expect(await valueOf("etcd_debugging_mvcc_keys_total")).toBe(2);
  });

  test("the bytes of messages over a connection", async () => {
    await overNetwork(({ kv }) => kv.put({ key: "abc", value: "d" }));
    // Key and value with a tag and a length each.
    expect(await valueOf("etcd_network_client_grpc_received_bytes_total")).toBe(8);
    expect(await valueOf("etcd_network_client_grpc_sent_bytes_total")).toBeGreaterThan(10);
    expect(await valueOf(`etcd_server_client_requests_total{client_api_version="3.7",type="unary"}`)).toBe(1);
  });

  const bytes = async () => [
    await valueOf("etcd_network_client_grpc_received_bytes_total"),
    await valueOf("etcd_network_client_grpc_sent_bytes_total"),
  ];

  test("the bytes of a response that is sent in parts", async () => {
    const success = Array.from({ length: 100 }, (_, at) => ({
      request: { case: "requestPut", value: { key: `k${at}`, value: Buffer.alloc(10_000) } } as const,
    }));
    await server.client().kv.txn({ success });
    const response = await overNetwork(({ kv }) => kv.range({ key: "k", rangeEnd: "l" }));
    expect(await bytes()).toEqual([6, encode(RangeResponse, response).length]);
  });

  test("the bytes that calls of the JSON gateway have over gRPC", async () => {
    const key = Buffer.from("a").toString("base64");
    await httpRequest({ url: `${server.endpoint}/v3/kv/put`, method: "POST", body: JSON.stringify({ key }) });
    const gateway = await bytes();
    await overNetwork(({ kv }) => kv.put({ key: "a" }));
    expect(await bytes()).toEqual(gateway.map((count) => 2 * count));
  });

  test("how long it takes to send the responses of a watch", async () => {
    await overNetwork(async (client) => {
      await client.put("a", "1");
      for await (const { type } of client.watch({ key: "a", fromRevision: 1 })) {
        expect(type).toBe("put");
        break;
      }
    });
    const count = (what: string) => valueOf(`etcd_debugging_server_watch_send_loop_${what}_seconds_count`);
    expect(await count("control_stream_duration")).toBe(1);
    await until("the response is sent", async () => (await count("watch_stream_duration")) === 1);
    expect(await count("watch_stream_duration_per_event")).toBe(1);
  });

  test("leases and compactions", async () => {
    const { kv, lease } = server.client();
    const { ID } = await lease.leaseGrant({ TTL: 100 });
    await lease.leaseRevoke({ ID });
    await kv.put({ key: "a" });
    await kv.put({ key: "a" });
    await kv.compact({ revision: 3, physical: true });
    expect(await valueOf("etcd_debugging_lease_granted_total")).toBe(1);
    expect(await valueOf("etcd_debugging_lease_revoked_total")).toBe(1);
    expect(await valueOf("etcd_debugging_mvcc_db_compaction_keys_total")).toBe(1);
    expect(await valueOf("etcd_debugging_mvcc_compact_revision")).toBe(3);
  });

  test("health checks", async () => {
    await httpRequest({ url: `${server.endpoint}/health` });
    await httpRequest({ url: `${server.endpoint}/livez` });
    expect(await valueOf("etcd_server_health_success")).toBe(1);
    const check = `{name="serializable_read",status="success",type="livez"}`;
    expect(await valueOf(`etcd_server_healthchecks_total${check}`)).toBe(1);
    // Each of both reads a key.
    expect(await requests("Range", true)).toBe(2);
  });
});

test("has_leader becomes 0 after a second voter is added, and linearizable reads count as failed.", async () => {
  expect(await valueOf("etcd_server_has_leader")).toBe(1);
  await server.client().cluster.memberAdd({ peerURLs: ["http://127.0.0.1:1"] });
  expect(await valueOf("etcd_server_has_leader")).toBe(0);
  await expect(server.client().kv.range({ key: "a" })).rejects.toThrow("no leader");
  await expect(server.client().kv.put({ key: "a" })).rejects.toThrow("no leader");
  expect(await valueOf("etcd_server_read_indexes_failed_total")).toBe(1);
  expect(await valueOf("etcd_server_proposals_failed_total")).toBe(1);
});

test("The page shows the features as they are set.", async () => {
  await using other = await startEmbeddedServer({
    featureGates: { AllAlpha: true, PriorityRequest: false, FastLeaseKeepAlive: false },
  });
  const { body } = await httpRequest({ url: `${other.endpoint}/metrics` });
  const values = Object.fromEntries(
    [...body.toString().matchAll(/^etcd_server_feature_enabled\{name="(\w+)",stage="\w+"\} (\d)$/gm)].map(
      ([, name, value]) => [name, value],
    ),
  );
  expect(values).toMatchObject({
    ...{ AllAlpha: "1", AllBeta: "0", StopGRPCServiceOnDefrag: "1", PriorityRequest: "0" },
    ...{ FastLeaseKeepAlive: "0", TxnModeWriteWithSharedBuffer: "1" },
  });
});

describe("With a data dir,", () => {
  // Before the folder is removed.
  afterEach(() => server.stop());
  const dir = workFolder();
  const count = (name: string) => valueOf(`${name}_duration_seconds_count`);

  beforeEach(async () => {
    await server.stop();
    server = await startEmbeddedServer({ dataDir: dir(), snapshotCount: 10 });
  });

  test("each write and sync of the log is counted, also those that make the log", async () => {
    const before = [await count("etcd_disk_wal_write"), await count("etcd_disk_wal_fsync")];
    const beforeBytes = await valueOf("etcd_disk_wal_write_bytes_total");
    expect(before).toEqual([expect.any(Number), expect.any(Number)]);
    expect(Math.min(...before, beforeBytes)).toBeGreaterThan(0);
    await server.client().kv.put({ key: "a", value: Buffer.alloc(1000) });
    expect(await count("etcd_disk_wal_write")).toBe((before[0] ?? 0) + 1);
    expect(await count("etcd_disk_wal_fsync")).toBe((before[1] ?? 0) + 1);
    expect(await valueOf("etcd_disk_wal_write_bytes_total")).toBeGreaterThan(beforeBytes + 1000);
  });

  test("each .snap file and db file is counted", async () => {
    const names = [
      "etcd_snap_fsync",
      "etcd_debugging_snap_save_total",
      "etcd_debugging_snap_save_marshalling",
    ];
    const counts = () => Promise.all([...names, "etcd_disk_backend_commit"].map(count));
    const before = await counts();
    for (let at = 0; at < 12; at++) await server.client().kv.put({ key: "a", value: Buffer.alloc(20_000) });
    await until(
      "a db file is written",
      async () => (await count("etcd_disk_backend_commit")) > (before[3] ?? 0),
    );
    for (const [at, value] of (await counts()).entries()) expect(value).toBeGreaterThan(before[at] ?? 0);
  });
});
