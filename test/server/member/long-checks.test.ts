// The permission on all keys of a lease is checked in several turns of the event loop: a lease can have a million keys.
import { Permission_Type as Type } from "../../../src/proto/gen/authpb";
import { PutRequest, TxnRequest } from "../../../src/proto/gen/etcdserverpb";
import { mayReadLeaseKeys } from "../../../src/server/auth/checks";
import { createEtcdServer } from "../../../src/server/member/create-etcd-server";
import { TurnBudget, unitsPerTurn } from "../../../src/server/mvcc/turn-budget";
import { ManualClock } from "../../support/manual-clock";
import { turnsOf } from "../../support/turns";
import { bytes } from "../store-harness";

const keyCount = 24_000;
const name = (i: number) => `key${String(i).padStart(6, "0")}`;
const lease = { ID: 7n };

/** Lease 7 has all keys. The user `u` may read and write those below `end`. */
async function serverWithLease(end: string) {
  const server = createEtcdServer({ clock: new ManualClock(), name: "default" });
  const puts = Array.from({ length: keyCount }, (_, i) => ({
    request: { case: "requestPut" as const, value: put(name(i)) },
  }));
  await server.proposeRequest("leaseGrant", { ID: 7n, TTL: 100n });
  await server.proposeRequest("txn", TxnRequest.create({ success: puts }));
  for (const user of ["root", "u"]) {
    const options = { noPassword: true };
    await server.proposeRequest("authUserAdd", { name: user, password: "", options, hashedPassword: "" });
    await server.proposeRequest("authRoleAdd", { name: user });
    await server.proposeRequest("authUserGrantRole", { user, role: user });
  }
  const perm = { permType: Type.READWRITE, key: bytes("key"), rangeEnd: bytes(end) };
  await server.proposeRequest("authRoleGrantPermission", { name: "u", perm });
  await server.proposeRequest("authEnable", {});
  const { auth, lessor } = server;
  server.store.turn.spend(unitsPerTurn);
  return { server, access: { auth, lessor, caller: "u", revision: auth.revision } };
}

function put(key: string): PutRequest {
  return PutRequest.create({ key: bytes(key), value: bytes("v"), lease: 7n });
}

test("A revocation takes several turns until the last key is checked, and then deletes all of them.", async () => {
  const { server, access } = await serverWithLease("kez");
  const revoked = server.proposeRequest("leaseRevoke", lease, { access });
  expect(await turnsOf(revoked as Promise<unknown>)).toBeGreaterThan(1);
  expect(server.lessor.has(7n)).toBe(false);
  server.close();
});

test("A revocation that the last key forbids changes nothing.", async () => {
  const { server, access } = await serverWithLease(name(keyCount - 1));
  const revoked = server.proposeRequest("leaseRevoke", lease, { access });
  const refused = expect(revoked).rejects.toThrow("etcdserver: permission denied");
  expect(await turnsOf((revoked as Promise<unknown>).catch(() => undefined))).toBeGreaterThan(0);
  await refused;
  expect([server.lessor.has(7n), server.store.keyCount]).toEqual([true, keyCount]);
  server.close();
});

test("A put to the lease, also in a transaction, checks its keys in several turns.", async () => {
  const { server, access } = await serverWithLease("kez");
  const one = server.proposeRequest("put", put("key1"), { access });
  const success = [{ request: { case: "requestPut" as const, value: put("key2") } }];
  const inTxn = server.proposeRequest("txn", TxnRequest.create({ success }), { access });
  expect(await turnsOf(Promise.all([one, inTxn]))).toBeGreaterThan(1);
  expect(server.store.keyCount).toBe(keyCount + 2);
  server.close();
});

test("A key that is attached meanwhile is checked, too.", async () => {
  const { server, access } = await serverWithLease("kez");
  const turn = new TurnBudget();
  const rest = mayReadLeaseKeys(access, [7n]);
  turn.spend(unitsPerTurn);
  const checked = Promise.resolve(rest && turn.run(rest));
  const refused = expect(checked).rejects.toThrow("auth: permissionDenied");
  await server.proposeRequest("put", put("other"));
  await refused;
  server.close();
});
