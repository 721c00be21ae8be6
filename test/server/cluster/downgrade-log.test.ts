// The entries that a downgrade and a start leave in the log, as etcd writes them.
import { cpSync } from "node:fs";
import path from "node:path";
import { decodeRaftRequest } from "../../../src/etcd/raft-request";
import {
  DowngradeRequest_DowngradeAction as Action,
  type InternalRaftRequest,
} from "../../../src/proto/gen/etcdserverpb";
import { startEmbeddedServer, type EmbeddedServer } from "../../../src/server/server";
import { readDatabase } from "../../../src/storage/read-database";
import { recoverLog } from "../../../src/storage/wal/recover-log";
import { ManualClock } from "../../support/manual-clock";
import { until } from "../../support/until";
import { workFolder } from "../../support/work-folder";

const servers: EmbeddedServer[] = [];
// Before the folder is removed.
afterEach(() => Promise.all(servers.splice(0).map((server) => server.stop())));
const folder = workFolder();
const clock = new ManualClock();

const addresses = { listenClientUrls: [], advertiseClientUrls: ["http://127.0.0.1:1"] };

async function start(dataDir: string): Promise<EmbeddedServer> {
  const server = await startEmbeddedServer({ ...addresses, clock, dataDir });
  servers.push(server);
  return server;
}

const statusOf = (server: EmbeddedServer) => server.client().maintenance.status({});

async function startAndDowngrade(): Promise<EmbeddedServer> {
  const server = await start(path.join(folder(), "d"));
  await server.client().maintenance.downgrade({ action: Action.ENABLE, version: "3.6" });
  return server;
}

/** The versions in the log of a copy of the directory. */
function versionsInLog(dataDir: string): unknown[] {
  const { entries } = recoverLog(path.join(dataDir, "member", "wal"), 2n);
  const requests = entries
    .filter(({ Data }) => Data !== undefined && Data.length > 0)
    .map(({ Data }) => decodeRaftRequest(Data as Uint8Array) as Partial<InternalRaftRequest>);
  return requests.flatMap(({ clusterVersionSet: cluster, downgradeInfoSet: downgrade }) => {
    if (cluster !== undefined) return [`cluster ${cluster.ver}`];
    return downgrade === undefined ? [] : [`downgrade ${downgrade.enabled} ${downgrade.ver}`];
  });
}

function copyOf(dataDir: string): string {
  const copy = path.join(folder(), "copy");
  cpSync(dataDir, copy, { recursive: true, filter: (name) => !name.endsWith(".lock") });
  return copy;
}

const dir = () => path.join(folder(), "d");

test("A new member has four entries when it is ready, as an etcd has.", async () => {
  const server = await start(dir());
  expect((await statusOf(server)).raftIndex).toBe(4n);
  expect(versionsInLog(copyOf(dir()))).toEqual(["cluster 3.7.0"]);
});

test("A downgrade and the version that follows are entries of the log, and then the db file is written.", async () => {
  const server = await startAndDowngrade();
  clock.advance(4000);
  await until("the version is lowered", async () => (await statusOf(server)).storageVersion === "3.6.0");
  const database = path.join(dir(), "member", "snap", "db");
  await until("the db file has it", () => {
    const file = readDatabase(database);
    file.close();
    return file.clusterVersion === "3.6.0" && file.storageVersion === "3.6.0";
  });
  const all = ["cluster 3.7.0", "downgrade true 3.6.0", "cluster 3.6.0"];
  expect(versionsInLog(copyOf(dir()))).toEqual(all);
});

test("A member that was killed before the version changed changes it at its next start.", async () => {
  await startAndDowngrade();
  const copy = copyOf(dir());
  const next = await start(copy);
  expect(await statusOf(next)).toMatchObject({
    storageVersion: "3.6.0",
    downgradeInfo: { enabled: true, targetVersion: "3.6.0" },
  });
  expect(versionsInLog(copy)).toEqual(["cluster 3.7.0", "downgrade true 3.6.0", "cluster 3.6.0"]);
});

test("After a cancel the version rises again.", async () => {
  const server = await startAndDowngrade();
  clock.advance(4000);
  await until("the version is lowered", async () => (await statusOf(server)).storageVersion === "3.6.0");
  const { maintenance } = server.client();
  const enable = () => maintenance.downgrade({ action: Action.ENABLE, version: "3.6" });
  await expect(enable()).rejects.toThrow("invalid downgrade target version");
  const again = maintenance.downgrade({ action: Action.ENABLE, version: "3.5" });
  await expect(again).rejects.toThrow("cluster has a downgrade job in progress");
  expect((await maintenance.downgrade({ action: Action.CANCEL })).version).toBe("3.6");
  clock.advance(4000);
  await until("the version is raised", async () => (await statusOf(server)).storageVersion === "3.7.0");
  await enable();
});
