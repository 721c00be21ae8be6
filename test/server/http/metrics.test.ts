// The /metrics page on the client port, against the names, types, labels and bounds of etcd 3.7.1 (metrics-of-etcd.json).
import { readFileSync } from "node:fs";
import { AlarmRequest_AlarmAction, AlarmType } from "../../../src/proto/gen/etcdserverpb";
import { connect } from "../../../src/client/library/client";
import type { EmbeddedServer } from "../../../src/server/server";
import { startEmbeddedServer } from "../../../src/server/server";
import { httpRequest } from "../../support/http-request";
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
    expect(await valueOf(`grpc_server_msg_sent_total${put}`)).toBe(1);
    expect(await valueOf(`grpc_server_handled_total${putWithCode("OK")}`)).toBe(1);
    expect(await valueOf(`grpc_server_handled_total${putWithCode("InvalidArgument")}`)).toBe(1);
    expect(await valueOf(`grpc_server_handling_seconds_count${put}`)).toBe(2);
    expect(await valueOf(`etcd_server_request_duration_seconds_count{success="true",type="Put"}`)).toBe(1);
    expect(await valueOf(`etcd_server_request_duration_seconds_count{success="false",type="Put"}`)).toBe(1);
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
    expect(await valueOf(`grpc_server_msg_received_total${watch}`)).toBe(1);
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
    const client = await connect({ endpoints: [server.endpoint] });
    try {
      await client.kv.put({ key: "abc", value: "d" });
    } finally {
      await client.close();
    }
    // Key and value with a tag and a length each.
    expect(await valueOf("etcd_network_client_grpc_received_bytes_total")).toBe(8);
    expect(await valueOf("etcd_network_client_grpc_sent_bytes_total")).toBeGreaterThan(10);
    expect(await valueOf(`etcd_server_client_requests_total{client_api_version="3.7",type="unary"}`)).toBe(1);
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
