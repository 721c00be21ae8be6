// A directory whose log has changes of every kind that the db file does not have: keys, a compaction, leases, users and an
// alarm. Whoever continues it, a real etcd or our server, shows the same. etcd 3.7 cannot read the logs of 3.4 and 3.5, and 3.4
// does not know the passwords in later logs.
import { cpSync, rmSync } from "node:fs";
import path from "node:path";
import { program } from "../support/etcdctl";
import { noEtcd, startEtcd, type EtcdVersion } from "../support/real-etcd";
import { ServerGroup, type Member, type ServerGroupOptions } from "../support/server-group";
import { testUnless } from "../support/skip";
import { sharedFolder } from "../support/work-folder";

type Who = EtcdVersion | "our server";

const folder = sharedFolder();
const base64 = (text: string) => Buffer.from(text).toString("base64");
const from = (key: string) => ({ key: base64(key), range_end: base64("\0") });

function start(who: Who, options: Omit<ServerGroupOptions, "command"> = {}): Promise<ServerGroup> {
  return who === "our server"
    ? ServerGroup.start({ ...options, command: [...program, "serve"] })
    : startEtcd(who, options);
}

function firstOf({ members: [member] }: ServerGroup): Member {
  if (member === undefined) throw new Error("no member");
  return member;
}

class Caller {
  private token = "";

  constructor(
    private readonly group: ServerGroup,
    readonly member = firstOf(group),
  ) {}

  async call(method: string, body: object = {}): Promise<Record<string, unknown>> {
    const answer = await this.group.request(this.member, {
      method: "POST",
      path: `/v3/${method}`,
      headers: this.token === "" ? {} : { authorization: this.token },
      body: JSON.stringify(body),
    });
    const rest = JSON.parse(answer.body.toString()) as Record<string, unknown>;
    delete rest["header"];
    expect([method, rest, answer.status]).toEqual([method, rest, 200]);
    return rest;
  }

  put(key: string, value: string, lease?: unknown) {
    return this.call("kv/put", { key: base64(key), value: base64(value), lease });
  }

  async login(name: string, password: string): Promise<void> {
    this.token = "";
    this.token = String((await this.call("auth/authenticate", { name, password }))["token"]);
  }
}

/** Leases have the same IDs everywhere, so that the answers can be compared. */
async function fill(group: ServerGroup): Promise<void> {
  const caller = new Caller(group);
  const each = async (method: string, ...bodies: object[]) => {
    for (const body of bodies) await caller.call(method, body);
  };
  for (const value of ["1", "2", "3"]) for (const key of ["a", "b", value]) await caller.put(key, value);
  await caller.call("kv/deleterange", { key: base64("b") });
  await each("lease/grant", { ID: "77", TTL: "1000" }, { ID: "78", TTL: "1000" });
  await caller.put("leased", "1", "77");
  await caller.put("revoked", "1", "78");
  await caller.call("lease/revoke", { ID: "78" });
  await caller.call("lease/keepalive", { ID: "77" });
  const put = { request_put: { key: base64("t"), value: base64("1") } };
  await caller.call("kv/txn", {
    compare: [{ key: base64("a"), value: base64("3") }],
    success: [put, { request_delete_range: { key: base64("3") } }],
  });
  await caller.call("kv/compaction", { revision: "8" });
  await each("auth/user/add", { name: "root", password: "r" }, { name: "u", password: "old" });
  await each("auth/role/add", { name: "root" }, { name: "some" });
  await each("auth/user/grant", { user: "root", role: "root" }, { user: "u", role: "some" });
  const perm = { permType: "READWRITE", key: base64("a"), range_end: base64("b") };
  await caller.call("auth/role/grant", { name: "some", perm });
  await caller.call("auth/user/changepw", { name: "u", password: "new" });
  await caller.call("auth/enable");
  await caller.login("u", "new");
  await caller.put("a", "4");
  await caller.login("root", "r");
  await caller.call("maintenance/alarm", {
    action: "ACTIVATE",
    memberID: `${caller.member.id}`,
    alarm: "NOSPACE",
  });
}

/** What a client sees, in turn with two changes. */
async function shown(group: ServerGroup): Promise<unknown[]> {
  const caller = new Caller(group);
  await caller.login("root", "r");
  const { TTL, grantedTTL, ...lease } = await caller.call("lease/timetolive", { ID: "77", keys: true });
  expect(Number(TTL)).toBeGreaterThan(500);
  const { alarms } = await caller.call("maintenance/alarm", { action: "GET" });
  const [alarm] = alarms as { memberID: string; alarm: string }[];
  expect(alarm?.alarm).toBe("NOSPACE");
  const seen = [
    await caller.call("kv/range", from("\0")),
    await caller.call("kv/range", { ...from("\0"), revision: "9" }),
    await caller.call("lease/leases"),
    [lease, grantedTTL],
    await caller.call("auth/user/get", { name: "u" }),
    await caller.call("auth/role/get", { role: "some" }),
  ];
  await caller.call("maintenance/alarm", { action: "DEACTIVATE", ...alarm });
  await caller.login("u", "new");
  await caller.put("a", "5");
  seen.push(await caller.call("kv/range", { key: base64("a") }));
  return seen;
}

const turns: readonly (readonly [Who, Who])[] = [
  ["our server", "our server"],
  ["our server", "3.5"],
  ["our server", "3.7"],
  ["3.4", "our server"],
  ["3.5", "our server"],
  ["3.7", "our server"],
];

for (const [first, second] of turns) {
  const missing = [first, second]
    .map((who) => (who === "our server" ? undefined : noEtcd(who)))
    .find(Boolean);
  testUnless(missing, `what ${first} had when it was killed is there in ${second}`, async () => {
    const copy = path.join(folder, `${first}-${second}`.replaceAll(" ", "-"));
    let expected: unknown[];
    {
      await using group = await start(first);
      await fill(group);
      const member = firstOf(group);
      await group.kill(member);
      cpSync(member.dataDir, copy, { recursive: true });
      await group.restart(member);
      expected = await shown(group);
    }
    rmSync(path.join(copy, "etcdctl.lock"), { force: true });
    const prepare = ({ dataDir }: Member) => Promise.resolve(cpSync(copy, dataDir, { recursive: true }));
    await using group = await start(second, { prepare });
    expect(await shown(group)).toEqual(expected);
  });
}
