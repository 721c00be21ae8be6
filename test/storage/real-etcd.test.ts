// Files go from a real etcd through this reader and writer back to a real etcd, which must serve the same data.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { AuthUserAddRequest } from "../../src/proto/gen/etcdserverpb";
import { startEmbeddedServer } from "../../src/server/server";
import { classifyOfflinePath, openReadOnly } from "../../src/storage/offline-path";
import { readDatabase } from "../../src/storage/read-database";
import { snapshotStream } from "../../src/storage/write-database";
import { Requests } from "../support/requests";
import { describeWithEtcd, etcdPrograms, startEtcd } from "../support/real-etcd";
import type { ServerGroup } from "../support/server-group";
import { workFolder } from "../support/work-folder";

const folder = workFolder();
const base64 = (text: string) => Buffer.from(text).toString("base64");

/** The data that clients see in a cluster of one member, without the values that differ between members. */
async function served(group: ServerGroup) {
  const [member] = group.members;
  if (member === undefined) throw new Error("no member");
  const ask = async (method: string, body = "{}") => {
    const { header, ...answer } = await group.gateway(member, method, body);
    return { answer, revision: (header as { revision?: string }).revision };
  };
  const everything = JSON.stringify({ key: "AA==", range_end: "AA==" });
  const leases = (await ask("lease/leases")).answer as { leases?: { ID: string }[] };
  return {
    keys: await ask("kv/range", everything),
    hash: await ask("maintenance/hashkv"),
    past: await ask("kv/range", JSON.stringify({ key: "AA==", range_end: "AA==", revision: "50" })),
    leases,
    attached: await Promise.all(
      (leases.leases ?? []).map(async ({ ID }) => {
        const { answer } = await ask("lease/timetolive", JSON.stringify({ ID, keys: true }));
        return { ID, keys: answer.keys, grantedTTL: answer.grantedTTL };
      }),
    ),
    users: (await ask("auth/user/list")).answer,
    roles: (await ask("auth/role/get", JSON.stringify({ role: "reader" }))).answer,
  };
}

async function fill(group: ServerGroup): Promise<void> {
  const [member] = group.members;
  if (member === undefined) throw new Error("no member");
  const call = (method: string, body: object) => group.gateway(member, method, JSON.stringify(body));
  const value = base64("v".repeat(500));
  for (let i = 0; i < 60; i++) await call("kv/put", { key: base64(`key-${i}`), value });
  const { ID } = await call("lease/grant", { TTL: 3600 });
  await call("kv/put", { key: base64("leased"), value: base64("x"), lease: ID });
  await call("kv/put", { key: base64("large"), value: base64("z".repeat(300_000)) });
  await call("kv/deleterange", { key: base64("key-1"), range_end: base64("key-2") });
  await call("kv/put", { key: base64("key-1"), value: base64("again") });
  await call("kv/compaction", { revision: 30, physical: true });
  await call("auth/user/add", { name: "root", password: "pw" });
  await call("auth/role/add", { name: "reader" });
  await call("auth/role/grant", { name: "reader", perm: { permType: "READ", key: base64("k") } });
}

describeWithEtcd("3.5", "a db file of etcd 3.5", () => {
  test("the rewritten file gives etcdutl and a restored etcd the same data as the original", async () => {
    await using original = await startEtcd("3.5");
    await fill(original);
    const { etcdctl, etcdutl } = etcdPrograms("3.5");
    const run = (program: string, ...args: string[]) =>
      execFileSync(program, args, {
        env: { ETCDCTL_API: "3" },
        encoding: "utf8",
        stdio: ["ignore", "pipe", "ignore"],
      });
    const inWorkDir = (name: string) => path.join(original.workDir, name);

    const saved = inWorkDir("saved.db");
    run(etcdctl, "--endpoints", original.endpoints.join(), "snapshot", "save", saved);
    const database = readDatabase(saved);
    const ours = inWorkDir("ours.db");
    writeFileSync(ours, Buffer.concat([...snapshotStream(database).chunks]));
    database.close();
    const status = (file: string): unknown => {
      const { totalSize, ...same } = JSON.parse(run(etcdutl, "snapshot", "status", file, "-w", "json")) as {
        totalSize: number;
      };
      expect(totalSize).toBeGreaterThan(300_000);
      return same;
    };
    expect(status(ours)).toEqual(status(saved));

    const restored = inWorkDir("restored.etcd");
    run(etcdutl, "snapshot", "restore", ours, "--data-dir", restored);
    await using copy = await startEtcd("3.5", { flags: () => ["--data-dir", restored] });
    expect(await served(copy)).toEqual(await served(original));
    const [member] = copy.members;
    if (member !== undefined)
      await copy.gateway(member, "kv/put", JSON.stringify({ key: base64("new"), value: "" }));
  });

  test("users of the embedded server can log in on an etcd that starts on its db file", async () => {
    await using server = await startEmbeddedServer({ auth: { bcryptCost: 4 } });
    const { auth, maintenance } = server.client();
    await new Requests(server.client()).put("a", "1");
    await auth.userAdd(AuthUserAddRequest.create({ name: "root", password: "pw" }));
    await auth.roleAdd({ name: "root" });
    await auth.userGrantRole({ user: "root", role: "root" });
    const parts: Uint8Array[] = [];
    for await (const { blob } of maintenance.snapshot({})) parts.push(blob);
    await auth.authEnable({});

    const saved = path.join(folder(), "saved.db");
    writeFileSync(saved, Buffer.concat(parts));
    const restored = path.join(folder(), "restored.etcd");
    const { etcdutl } = etcdPrograms("3.5");
    execFileSync(etcdutl, ["snapshot", "restore", saved, "--data-dir", restored], { stdio: "ignore" });
    await using copy = await startEtcd("3.5", { flags: () => ["--data-dir", restored] });
    const [member] = copy.members;
    if (member === undefined) throw new Error("no member");
    const call = (method: string, body: object) => copy.gateway(member, method, JSON.stringify(body));
    await call("auth/enable", {});
    expect(await call("auth/authenticate", { name: "root", password: "pw" })).toHaveProperty("token");
    await expect(call("auth/authenticate", { name: "root", password: "other" })).rejects.toThrow(
      "authentication failed",
    );
  });

  test("openReadOnly refuses the file while etcd runs on it, and reads it afterwards", async () => {
    await using group = await startEtcd("3.5");
    const [member] = group.members;
    if (member === undefined) throw new Error("no member");
    await group.gateway(member, "kv/put", JSON.stringify({ key: base64("a"), value: base64("1") }));
    const offline = classifyOfflinePath(member.dataDir);
    if (offline.kind !== "member-data-dir") throw new Error(`taken for ${offline.kind}`);
    if (process.platform === "linux") {
      await expect(openReadOnly(offline)).rejects.toThrow(/is in use: process \d+ has its db file locked$/);
    }
    member.child?.signal("SIGTERM");
    await member.child?.ended;
    const database = await openReadOnly(offline);
    expect(database.members).toMatchObject([{ id: member.id, name: member.name }]);
    database.close();
  });
});
