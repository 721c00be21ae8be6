// Changes of every kind on a disk of which the n-th call fails, for each n until a run needs no more calls: the next start has the
// state after the last change that was acknowledged, or after the one that failed. A server in memory shows what these states are.
import { rmSync } from "node:fs";
import { createClient, type LibraryClient } from "../../src/client/library/client";
import { openRangeEnd } from "../../src/etcd/keys";
import { Permission_Type } from "../../src/proto/gen/authpb";
import { AlarmRequest_AlarmAction, AlarmType } from "../../src/proto/gen/etcdserverpb";
import { inProcessTransport } from "../../src/server/rpc/in-process-transport";
import { allRoutes } from "../../src/server/rpc/all-routes";
import type { OpenedMember } from "../../src/server/member/open-member";
import { startEmbeddedServer } from "../../src/server/server";
import type { Fault } from "../support/faulty-disk";
import { faultyDisk, leftovers, open, openAfterCrash } from "./disk-harness";

const { disk, dataDir } = faultyDisk();

type Change = (client: LibraryClient) => Promise<unknown>;

const put =
  (key: string, value: string, lease?: number): Change =>
  (client) =>
    client.put(key, value.padEnd(300, "."), { lease });
const grant =
  (ID: bigint): Change =>
  (client) =>
    client.lease.leaseGrant({ ID, TTL: 600n });
const puts = (name: string, count: number) =>
  Array.from({ length: count }, (_, i) => put(`${name}${i % 3}`, `${name}-${i}`));

const changes: readonly Change[] = [
  put("a", "1"),
  grant(7n),
  put("leased", "1", 7),
  async (client) => {
    await client
      .txn()
      .then({ put: { key: "t", value: "1" } }, { put: { key: "u", value: "1" } }, { delete: "a" });
  },
  grant(8n),
  put("revoked", "1", 8),
  (client) => client.auth.userAdd({ name: "alice", password: "1" }),
  (client) => client.auth.roleAdd({ name: "some" }),
  (client) => {
    const perm = { permType: Permission_Type.WRITE, key: "a", rangeEnd: "b" };
    return client.auth.roleGrantPermission({ name: "some", perm });
  },
  (client) => client.auth.userGrantRole({ user: "alice", role: "some" }),
  ...puts("x", 8),
  (client) => client.compact(6),
  (client) => client.lease.leaseRevoke({ ID: 8n }),
  ...puts("y", 8),
  (client) => client.maintenance.defragment({}),
  (client) => client.delete({ prefix: "x" }),
  (client) =>
    client.maintenance.alarm({ action: AlarmRequest_AlarmAction.ACTIVATE, alarm: AlarmType.CORRUPT }),
  (client) =>
    client.maintenance.alarm({ action: AlarmRequest_AlarmAction.DEACTIVATE, alarm: AlarmType.CORRUPT }),
  ...puts("z", 8),
  (client) => client.compact(20),
  (client) => client.auth.userDelete({ name: "alice" }),
];

/** All revisions that there are, leases, users, roles and alarms. */
async function stateOf(client: LibraryClient): Promise<unknown> {
  const all = { key: Uint8Array.of(0), rangeEnd: openRangeEnd };
  const { header } = await client.kv.range(all);
  const revisions = [];
  for (let revision = header?.revision ?? 0n; revision > 0n; revision--) {
    const range = await client.kv.range({ ...all, revision }).catch(() => undefined);
    if (range === undefined) break;
    revisions.push({ revision, kvs: range.kvs });
  }
  const { leases } = await client.lease.leaseLeases({});
  const { users } = await client.auth.userList({});
  const { roles } = await client.auth.roleList({});
  const ofUsers = users.map(async (name) => (await client.auth.userGet({ name })).roles);
  const ofRoles = roles.map(async (role) => (await client.auth.roleGet({ role })).perm);
  const { alarms } = await client.maintenance.alarm({ action: AlarmRequest_AlarmAction.GET });
  const auth = { users, roles, ofUsers: await Promise.all(ofUsers), ofRoles: await Promise.all(ofRoles) };
  return { revisions, leases, auth, alarms: alarms.map(({ alarm }) => alarm) };
}

async function expectedStates(): Promise<unknown[]> {
  await using server = await startEmbeddedServer({ listenClientUrls: [] });
  const client = server.client();
  const states = [await stateOf(client)];
  for (const change of changes) {
    await change(client);
    states.push(await stateOf(client));
  }
  return states;
}

const clientOf = ({ server }: OpenedMember) => createClient(inProcessTransport(allRoutes(server)));

/** Returns how many changes were acknowledged. */
async function makeChanges(member: OpenedMember): Promise<number> {
  const client = clientOf(member);
  let acknowledged = 0;
  for (const change of changes) {
    const isDone = await disk()
      .run(() => change(client))
      .then(
        () => true,
        () => false,
      );
    if (!isDone) break;
    acknowledged++;
  }
  return acknowledged;
}

/** Returns whether the fault was not reached. */
async function runWithFault(at: number, kind: Fault, states: readonly unknown[]): Promise<boolean> {
  rmSync(dataDir(), { recursive: true, force: true });
  disk().failAt(at, kind);
  const member = await open(dataDir()).catch(() => undefined);
  const acknowledged = member === undefined ? 0 : await makeChanges(member);
  await disk()
    .run(() => member?.close())
    ?.catch(() => undefined);
  const isUntouched = !disk().hasFailed;
  await disk().kill();
  const again = await openAfterCrash(dataDir());
  const state = await stateOf(clientOf(again));
  expect([at, states.slice(acknowledged, acknowledged + 2)]).toEqual([
    at,
    expect.arrayContaining([state]) as unknown,
  ]);
  await again.close();
  expect(leftovers(dataDir())).toEqual([]);
  return isUntouched;
}

test("changes of every kind are there as a whole or not at all, whichever call fails", async () => {
  const states = await expectedStates();
  let at = 1;
  while (!(await runWithFault(at, at % 2 === 0 ? "ENOSPC" : "EIO", states))) at++;
  expect(at).toBeGreaterThan(100);
});

test("changes of every kind are there as a whole if a write writes only half of its bytes", async () => {
  const states = await expectedStates();
  let at = 1;
  while (!(await runWithFault(at, "short", states))) at += 5;
});
