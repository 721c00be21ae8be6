// What the page shows of a cluster: live changes, members, and what it writes with --allow-writes; and a file in its place.
import http from "node:http";
import path from "node:path";
import { startEmbeddedCluster, startEmbeddedServer, type EmbeddedServer } from "../../src/index";
import { createClient } from "../../src/client/client";
import { systemClock } from "../../src/clock";
import { EtcdError, StatusCode } from "../../src/errors";
import { ResponseHeader } from "../../src/proto/gen/etcdserverpb";
import type { LiveLine } from "../../src/ui/api";
import { MemberMonitor } from "../../src/ui/members";
import type { Source } from "../../src/ui/source";
import { fakeTransport } from "../support/fake-transport";
import { urlToStopAt } from "../support/ports";
import { runMain } from "../support/run-main";
import { key64, UiPage } from "../support/ui-page";
import { until } from "../support/until";
import { workFolder } from "../support/work-folder";

const folder = workFolder();
let server: EmbeddedServer;
beforeEach(async () => {
  server = await startEmbeddedServer({ listenClientUrls: [await urlToStopAt()], auth: { bcryptCost: 4 } });
});
afterEach(() => server.stop());

const open = (...words: string[]) => UiPage.start(words, { env: { ETCDCTL_ENDPOINTS: server.endpoint } });
const put = (key: string, value = "") => server.client().kv.put({ key, value });
const valueOf = async (key: string) => (await server.client().kv.range({ key })).kvs[0]?.value.toString();

/** The page of a user who may read /a/ and /c. */
async function openAsReader(): Promise<UiPage> {
  await put("/a/one", "1");
  await put("/b/one", "1");
  const { auth } = server.client();
  for (const [name, role] of [
    ["root", "root"],
    ["reader", "some"],
  ] as const) {
    await auth.userAdd({ name, password: "pw" });
    await auth.roleAdd({ name: role });
    await auth.userGrantRole({ user: name, role });
  }
  const grant = (key: string, rangeEnd: string, permType: number) =>
    auth.roleGrantPermission({ name: "some", perm: { key, rangeEnd, permType } });
  await grant("/a/", "/a0", 0);
  await grant("/c", "", 2);
  await grant("/w/", "/w0", 1);
  await auth.authEnable({});
  return open("--user", "reader:pw");
}

/** The lines of a stream that does not end. */
function follow(page: UiPage, prefix: string): { lines: LiveLine[]; close(): void } {
  const lines: LiveLine[] = [];
  let text = "";
  const headers = { "Content-Type": "application/json", Authorization: `Bearer ${page.token}` };
  const request = http.request(
    `${page.origin}/api/live`,
    { method: "POST", headers, agent: false },
    (response) => {
      response.setEncoding("utf8").on("data", (chunk: string) => {
        const parts = (text + chunk).split("\n");
        text = parts.pop() ?? "";
        lines.push(...parts.map((part) => JSON.parse(part) as LiveLine));
      });
      response.on("error", () => undefined);
    },
  );
  request.on("error", () => undefined);
  request.end(JSON.stringify({ prefix: key64(prefix) }));
  return { lines, close: () => request.destroy() };
}

test("live changes come as they happen, only those below the prefix, and the watch ends with the page", async () => {
  await using page = await open();
  const { lines, close } = follow(page, "/a/");
  await until("the watch", () => lines.some((line) => "since" in line));
  await put("/a/1", "12345");
  await put("/b/1");
  await server.client().kv.deleteRange({ key: "/a/1" });
  const events = () => lines.flatMap((line) => ("events" in line ? line.events : []));
  await until("both changes", () => events().length === 2);
  const key = key64("/a/1");
  expect(events()).toEqual([
    { change: "put", key, label: "/a/1", revision: "2", version: "1", sizeBytes: 5, lease: "" },
    { change: "delete", key, label: "/a/1", revision: "4", version: "0", sizeBytes: 0, lease: "" },
  ]);
  close();
});

test("live says when no member responds, and continues when one does", async () => {
  const listenClientUrls = [server.endpoint];
  await using page = await open();
  const { lines, close } = follow(page, "/a/");
  await until("the watch", () => lines.some((line) => "since" in line));
  await server.stop();
  await until("the absence", () => lines.some((line) => "away" in line));
  server = await startEmbeddedServer({ listenClientUrls });
  await until("the watch again", () => lines.some((line) => "away" in line && line.away === ""));
  expect(lines.filter((line) => "away" in line)).toHaveLength(2);
  await put("/a/1");
  await until("the change", () => lines.some((line) => "events" in line));
  close();
});

test("live says why when no member responds at the start", async () => {
  const { endpoint } = server;
  await server.stop();
  await using page = await UiPage.start([], { env: { ETCDCTL_ENDPOINTS: endpoint } });
  const { lines, close } = follow(page, "");
  await until("the reason", () => lines.length > 0);
  expect(lines).toEqual([{ away: expect.stringContaining(": connection refused") as string }]);
  close();
});

test("live of a user who may not read the keys says which permission is missing", async () => {
  await using page = await openAsReader();
  expect(await page.lines("live", { prefix: key64("/b/") })).toEqual([
    {
      error: expect.stringContaining("etcdserver: permission denied") as string,
      hints: [
        expect.stringMatching(/^this needs read permission on the keys that begin with "\/b\/"/) as string,
      ],
    },
  ]);
});

describe("members", () => {
  test("that respond no more stay as they were listed, marked as away", async () => {
    await using page = await open();
    const [before] = (await page.call("members", {})).members;
    expect(before).toMatchObject({ name: "default", isAway: false, lastSeen: expect.any(Number) as number });
    await server.stop();
    const [after] = await until("the absence", async () => {
      const { members } = await page.call("members", {});
      return members[0]?.isAway === true && members;
    });
    const { name, id, peerUrls, lastSeen } = before ?? {};
    expect(after).toMatchObject({ name, id, peerUrls, isHealthy: false, version: "" });
    expect(after?.lastSeen).toBeGreaterThanOrEqual(lastSeen ?? Infinity);
    expect(after?.problems[0]).toContain("connection refused");
  });

  test("have their status and health, and each reading is kept for the plots", async () => {
    await put("a", "1");
    await using page = await open();
    const first = await page.call("members", {});
    expect(first.members).toEqual([
      expect.objectContaining({
        name: "default",
        role: "leader",
        isHealthy: true,
        problems: [],
        revision: "2",
      }),
    ]);
    expect(first.samples).toHaveLength(1);
    expect(first.samples[0]).toMatchObject({ revision: 2, latencyMs: expect.any(Number) as number });
    await put("a", "2");
    const second = await until("the next reading", async () => {
      const state = await page.call("members", { since: first.now });
      return state.samples.length > 0 && state;
    });
    expect(second.samples[0]).toMatchObject({ revision: 3, member: first.samples[0]?.member });
    expect((await page.call("members", {})).samples.length).toBeGreaterThan(1);
  });

  test("with an alarm are unhealthy", async () => {
    const { header } = await server.client().kv.range({ key: "a" });
    const memberID = header?.memberId ?? 0n;
    await server.client().maintenance.alarm({ action: 1, memberID, alarm: 1 });
    await using page = await open();
    expect((await page.call("members", {})).members).toEqual([
      expect.objectContaining({ isHealthy: false, problems: ["alarm NOSPACE"] }),
    ]);
  });

  test("that refuse their status, as etcd 3.5 does without the role root, are healthy, and shown once", async () => {
    const deny = () => {
      throw new EtcdError(StatusCode.PermissionDenied, "etcdserver: permission denied", true);
    };
    const answers = { Status: deny, Range: deny, Alarm: deny };
    const members = [{ ID: 7n, name: "m0", clientURLs: ["http://a:1"], peerURLs: [] }];
    const client = createClient(fakeTransport({ ...answers, MemberList: () => ({ members }) }));
    const source: Source = {
      ...{ kind: "cluster", name: "", userName: "", client, endpoints: ["http://a:1"] },
      ...{ clientOf: () => Promise.resolve(client), call: () => ({}), clock: systemClock },
    };
    const state = await new MemberMonitor(source).read(0, { source, signal: new AbortController().signal });
    expect(state.members).toMatchObject([
      { id: "7", name: "m0", isHealthy: true, problems: [], version: "" },
    ]);
  });

  test("whose URL leads to another member are away, and that member is shown once", async () => {
    const clientURLs = ["http://a:1"];
    const members = [
      { ID: 7n, name: "m0", clientURLs, peerURLs: [] },
      { ID: 8n, name: "m1", clientURLs, peerURLs: [] },
    ];
    const answers = {
      Status: () => ({ header: ResponseHeader.create({ memberId: 7n }), version: "3.7.1" }),
      Range: () => ({}),
      Alarm: () => ({}),
    };
    const client = createClient(fakeTransport({ ...answers, MemberList: () => ({ members }) }));
    const source: Source = {
      ...{ kind: "cluster", name: "", userName: "", client, endpoints: clientURLs },
      ...{ clientOf: () => Promise.resolve(client), call: () => ({}), clock: systemClock },
    };
    const state = await new MemberMonitor(source).read(0, { source, signal: new AbortController().signal });
    expect(state.members).toMatchObject([
      { id: "7", isHealthy: true, version: "3.7.1" },
      { id: "8", isHealthy: false, isAway: true, version: "", problems: ["member 7 responds there"] },
    ]);
  });

  test("of a cluster of three are found from one endpoint, and one that stops is unhealthy", async () => {
    await using cluster = await startEmbeddedCluster({ size: 3 });
    const env = { ETCDCTL_ENDPOINTS: cluster.members[0]?.endpoint };
    await using page = await UiPage.start([], { env });
    const { members } = await page.call("members", {});
    expect(members.map(({ isHealthy }) => isHealthy)).toEqual([true, true, true]);
    expect(members.map(({ role }) => role).sort()).toEqual(["follower", "follower", "leader"]);
    await cluster.members[2]?.stop();
    const later = await until("the stopped member is noticed", async () => {
      const state = await page.call("members", {});
      return state.members.some(({ isHealthy }) => !isHealthy) && state;
    });
    const [stopped] = later.members.filter(({ isHealthy }) => !isHealthy);
    expect(later.members).toHaveLength(3);
    expect(stopped?.problems[0]).toMatch(/./);
  });
});

test("a user who may read only some keys starts at these", async () => {
  await using page = await openAsReader();
  expect(await page.call("level", { prefix: "" })).toEqual({
    entries: [
      { kind: "folder", key: key64("/a/"), label: "/a/" },
      { kind: "key", key: key64("/c"), label: "/c" },
    ],
    next: null,
  });
  expect((await page.call("level", { prefix: key64("/a/") })).entries).toMatchObject([{ label: "one" }]);
  expect((await page.send("level", { prefix: key64("/b/") })).status).toBe(502);
  const { members } = await page.call("members", {});
  expect(members).toMatchObject([{ name: "default", isHealthy: true, problems: [] }]);
});

describe("with --allow-writes", () => {
  const send = async (page: UiPage, name: string, body: object) => {
    const { status, body: text } = await page.send(name, body);
    return { status, ...(JSON.parse(text.toString()) as { error?: string; revision?: string }) };
  };
  const changed = {
    status: 400,
    error: "the key was changed by another client meanwhile: nothing has been written",
    hints: [],
  };

  test("a value is written if the key is still as the page showed it, and its lease stays", async () => {
    const { ID } = await server.client().lease.leaseGrant({ TTL: 1000n });
    await server.client().kv.put({ key: "a", value: "1", lease: ID });
    await using page = await open("--allow-writes");
    const key = key64("a");
    expect(await send(page, "put", { key, value: "2", modRevision: "2" })).toEqual({
      status: 200,
      revision: "3",
    });
    expect((await server.client().kv.range({ key: "a" })).kvs[0]).toMatchObject({ lease: ID, version: 2n });
    expect(await send(page, "put", { key, value: "3", modRevision: "2" })).toEqual(changed);
    expect(await send(page, "delete", { key, modRevision: "2" })).toEqual(changed);
    expect(await valueOf("a")).toBe("2");
    expect(await send(page, "delete", { key, modRevision: "3" })).toEqual({ status: 200, revision: "4" });
    expect(await valueOf("a")).toBeUndefined();
  });

  test("a new key does not replace one that exists", async () => {
    await put("a", "1");
    await using page = await open("--allow-writes");
    expect(await send(page, "put", { key: key64("a"), value: "2", modRevision: "0" })).toEqual(changed);
    expect((await send(page, "put", { key: key64("b"), value: "new", modRevision: "0" })).status).toBe(200);
    expect(await valueOf("b")).toBe("new");
  });

  test("an old version is restored, also after a deletion", async () => {
    await put("a", "old");
    await put("a", "new");
    await using page = await open("--allow-writes");
    const key = key64("a");
    expect((await send(page, "restore", { key, revision: "2", modRevision: "3" })).status).toBe(200);
    expect(await valueOf("a")).toBe("old");
    await server.client().kv.deleteRange({ key: "a" });
    expect((await send(page, "restore", { key, revision: "3", modRevision: "0" })).status).toBe(200);
    expect(await valueOf("a")).toBe("new");
    expect(await send(page, "restore", { key, revision: "1", modRevision: "6" })).toEqual({
      status: 400,
      error: "the key did not exist at revision 1",
      hints: [],
    });
  });

  test("a call from another site writes nothing", async () => {
    await put("a", "1");
    await using page = await open("--allow-writes");
    const body = { key: key64("a"), value: "2", modRevision: "2" };
    expect((await page.send("put", body, { Origin: "http://evil.example" })).status).toBe(403);
    expect(await valueOf("a")).toBe("1");
  });
});

test("a backup file and the data dir of a member that is gone are shown like a cluster, without changes", async () => {
  const dataDir = path.join(folder(), "member");
  const member = await startEmbeddedServer({ dataDir });
  await member.client().kv.put({ key: "/a/1", value: "old" });
  await member.client().kv.put({ key: "/a/1", value: "new" });
  const backup = path.join(folder(), "backup.db");
  await runMain(["snapshot", "save", backup], { env: { ETCDCTL_ENDPOINTS: member.endpoint } });
  await member.stop();
  for (const place of [backup, dataDir]) {
    await using page = await UiPage.start([`--offline=${place}`, "--allow-writes"]);
    expect(await page.call("about", {})).toEqual({
      source: { kind: "offline", name: place },
      allowWrites: true,
    });
    expect((await page.call("level", { prefix: key64("/") })).entries.map(({ label }) => label)).toEqual([
      "a/",
    ]);
    expect((await page.call("key", { key: key64("/a/1") })).value.text).toBe("new");
    const { versions } = await page.call("history", { key: key64("/a/1") });
    expect(versions.map(({ revision }) => revision)).toEqual(["3", "2"]);
    const { lines } = await page.call("diff", { key: key64("/a/1"), from: "2", to: "3" });
    expect(lines.map(({ text }) => text)).toEqual(["old", "new"]);
    expect(await page.lines("live", { prefix: "" })).toEqual([
      { notice: "nothing changes in a file: the live view needs a server" },
    ]);
    expect((await page.call("members", {})).members[0]).toMatchObject({ revision: "3", problems: [] });
    expect(await page.lines("search", { prefix: "", text: "1" })).toContainEqual({ end: "all" });
  }
  await using page = await UiPage.start([`--offline=${backup}`, "--allow-writes"]);
  const refused = await page.send("put", { key: key64("x"), value: "", modRevision: "0" });
  expect({ status: refused.status, body: refused.body.toString() }).toEqual({
    status: 502,
    body: expect.stringContaining("it is only read offline, never written") as string,
  });
});
