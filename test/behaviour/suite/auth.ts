// Users, roles and permissions, and what is allowed to all users while authentication is on.
import { Permission_Type as Type } from "../../../src/proto/gen/authpb";
import {
  AlarmRequest,
  AuthRoleGrantPermissionRequest,
  AuthUserAddRequest,
  LeaseTimeToLiveRequest,
  TxnRequest,
} from "../../../src/proto/gen/etcdserverpb";
import {
  bytes,
  deleteRequest,
  getOp,
  putOp,
  putRequest,
  rangeRequest,
  type Requests,
} from "../../support/requests";
import { freshServer, testSince, type Runner } from "../runner";

const denied = "etcdserver: permission denied";

export function authBehaviour(runner: Runner): void {
  const server = freshServer(runner);
  const admin = () => server.etcd.client.auth;
  const addUser = (name: string, password = name) =>
    admin().userAdd(AuthUserAddRequest.create({ name, password }));

  const grant = (role: string, permType: number, key: string, rangeEnd = "") =>
    admin().roleGrantPermission(
      AuthRoleGrantPermissionRequest.create({
        name: role,
        perm: { permType, key: bytes(key), rangeEnd: bytes(rangeEnd) },
      }),
    );

  /** Creates root, and alice, whose role may read [a, c) and write [b, d). */
  async function enableWithAlice(): Promise<{ alice: Requests; root: Requests }> {
    await addUser("root");
    await addUser("alice");
    await admin().roleAdd({ name: "root" });
    await admin().userGrantRole({ user: "root", role: "root" });
    await admin().roleAdd({ name: "r" });
    await grant("r", Type.READ, "a", "c");
    await grant("r", Type.WRITE, "b", "d");
    await admin().userGrantRole({ user: "alice", role: "r" });
    await admin().authEnable({});
    return { alice: await server.as("alice"), root: await server.as("root") };
  }

  test("users and roles are listed in the order of their names", async () => {
    for (const name of ["b", "a", "B"]) {
      await addUser(name);
      await admin().roleAdd({ name: `role-${name}` });
    }
    await admin().userGrantRole({ user: "a", role: "role-b" });
    await admin().userGrantRole({ user: "a", role: "role-B" });
    expect((await admin().userList({})).users).toEqual(["B", "a", "b"]);
    expect((await admin().roleList({})).roles).toEqual(["role-B", "role-a", "role-b"]);
    expect((await admin().userGet({ name: "a" })).roles).toEqual(["role-B", "role-b"]);
  });

  testSince(
    runner,
    "3.5",
    "granting a range again replaces its permission, and permissions are listed in key order",
    async () => {
      await admin().roleAdd({ name: "r" });
      await grant("r", Type.READ, "b");
      await grant("r", Type.READ, "a", "\0");
      await grant("r", Type.READWRITE, "b");
      const { perm } = await admin().roleGet({ role: "r" });
      expect(perm.map(({ permType, key }) => `${Buffer.from(key)} ${permType}`)).toEqual(["a 0", "b 2"]);
      await admin().roleRevokePermission({ role: "r", key: bytes("a"), rangeEnd: bytes("\0") });
      expect((await admin().roleGet({ role: "r" })).perm).toHaveLength(1);
      await expect(grant("r", Type.READ, "b", "a")).rejects.toThrow("etcdserver: invalid auth management");
    },
  );

  testSince(runner, "3.5", "every change raises the auth revision, a refused change does not", async () => {
    const revision = async () => (await admin().authStatus({})).authRevision;
    expect(await revision()).toBe(1n);
    await addUser("a");
    await admin().roleAdd({ name: "r" });
    await admin().userGrantRole({ user: "a", role: "r" });
    expect(await revision()).toBe(4n);
    await expect(addUser("a")).rejects.toThrow("etcdserver: user name already exists");
    await expect(admin().userRevokeRole({ name: "a", role: "x" })).rejects.toThrow(
      "etcdserver: role is not granted to the user",
    );
    await admin().userGrantRole({ user: "a", role: "r" });
    expect(await revision()).toBe(4n);
    await admin().roleDelete({ role: "r" });
    expect((await admin().userGet({ name: "a" })).roles).toEqual([]);
    expect(await revision()).toBe(5n);
  });

  test("authentication cannot be enabled without a user root that has the role root", async () => {
    await expect(admin().authEnable({})).rejects.toThrow("etcdserver: root user does not exist");
    await addUser("root");
    await expect(admin().authEnable({})).rejects.toThrow("etcdserver: root user does not have root role");
  });

  testSince(runner, "3.5", "almost every request without a user is refused", async () => {
    const { etcd } = server;
    await enableWithAlice();
    const { client } = etcd;
    const empty = "etcdserver: user name is empty";
    await expect(client.kv.range(rangeRequest("a"))).rejects.toThrow(empty);
    await expect(client.kv.put(putRequest("a", ""))).rejects.toThrow(empty);
    await expect(client.lease.leaseGrant({ ID: 0n, TTL: 60n })).rejects.toThrow(empty);
    await expect(client.auth.userList({})).rejects.toThrow(empty);
    await expect(client.auth.authDisable({})).rejects.toThrow(empty);
    expect((await client.kv.txn(TxnRequest.create())).succeeded).toBe(true);
    await expect(client.auth.authenticate({ name: "alice", password: "wrong" })).rejects.toThrow(
      "etcdserver: authentication failed, invalid user ID or password",
    );
  });

  test("a permission covers a whole range, and adjacent ranges add up", async () => {
    const { alice, root } = await enableWithAlice();
    await root.put("a", "1");
    await alice.put("b", "2");
    const { kv } = alice.client;
    expect((await kv.range(rangeRequest("a", "c"))).count).toBe(2n);
    for (const forbidden of [rangeRequest("a", "c\0"), rangeRequest("a", "\0"), rangeRequest("c")]) {
      await expect(kv.range(forbidden)).rejects.toThrow(denied);
    }
    await expect(kv.put(putRequest("a", ""))).rejects.toThrow(denied);
    await expect(kv.put(putRequest("c", "", { prevKv: true }))).rejects.toThrow(denied);
    await kv.put(putRequest("c", ""));
    await expect(kv.deleteRange(deleteRequest("b", "d", { prevKv: true }))).rejects.toThrow(denied);
    expect((await kv.deleteRange(deleteRequest("b", "d"))).deleted).toBe(2n);
    await grantAs(root, "c", "e", Type.READ);
    expect((await kv.range(rangeRequest("a", "d"))).count).toBe(1n);
  });

  test("a range without keys needs the permission for its start", async () => {
    const { alice } = await enableWithAlice();
    const { kv } = alice.client;
    for (const allowed of [rangeRequest("a", "a"), rangeRequest("bb", "a")]) {
      expect((await kv.range(allowed)).count).toBe(0n);
    }
    for (const forbidden of [rangeRequest("c", "c"), rangeRequest("d", "b")]) {
      await expect(kv.range(forbidden)).rejects.toThrow(denied);
    }
    await expect(kv.deleteRange(deleteRequest("d", "c"))).rejects.toThrow(denied);
  });

  const grantAs = (root: Requests, key: string, rangeEnd: string, permType: number) =>
    root.client.auth.roleGrantPermission({
      name: "r",
      perm: { permType, key: bytes(key), rangeEnd: bytes(rangeEnd) },
    });

  testSince(
    runner,
    "3.5",
    "a txn needs permission for both of its branches and for nested txns",
    async () => {
      const { alice } = await enableWithAlice();
      const txn = (request: Partial<TxnRequest>) => alice.client.kv.txn(TxnRequest.create(request));
      await txn({ success: [putOp("b", "1")], failure: [getOp("a")] });
      await expect(txn({ success: [putOp("b", "2")], failure: [putOp("a", "2")] })).rejects.toThrow(denied);
      const nested = TxnRequest.create({ success: [getOp("c")] });
      await expect(txn({ success: [{ request: { case: "requestTxn", value: nested } }] })).rejects.toThrow(
        denied,
      );
      expect(await alice.keys("b")).toBe("b");
    },
  );

  testSince(
    runner,
    "3.5",
    "a user that may not write all keys of a lease can neither attach keys to it nor revoke it",
    async () => {
      const { alice, root } = await enableWithAlice();
      const { ID } = await alice.client.lease.leaseGrant({ ID: 0n, TTL: 600n });
      await root.client.kv.put(putRequest("z", "", { lease: ID }));
      await expect(alice.client.kv.put(putRequest("b", "", { lease: ID }))).rejects.toThrow(denied);
      await expect(alice.client.lease.leaseRevoke({ ID })).rejects.toThrow(denied);
      const withKeys = LeaseTimeToLiveRequest.create({ ID, keys: true });
      await expect(alice.client.lease.leaseTimeToLive(withKeys)).rejects.toThrow(denied);
      expect((await alice.client.lease.leaseTimeToLive({ ID, keys: false })).grantedTTL).toBe(600n);
    },
  );

  test("only root administrates; other users can only read what concerns them", async () => {
    const { alice, root } = await enableWithAlice();
    const { auth, maintenance, cluster } = alice.client;
    expect((await auth.userGet({ name: "alice" })).roles).toEqual(["r"]);
    expect((await auth.roleGet({ role: "r" })).perm).toHaveLength(2);
    await expect(auth.userGet({ name: "root" })).rejects.toThrow(denied);
    await expect(auth.userList({})).rejects.toThrow(denied);
    // etcd 3.5 does not translate this error.
    await expect(maintenance.defragment({})).rejects.toThrow("permission denied");
    await expect(maintenance.hashKV({ revision: 0n })).rejects.toThrow("permission denied");
    expect((await cluster.memberList({ linearizable: true })).members).toHaveLength(1);
    expect((await maintenance.alarm(AlarmRequest.create())).alarms).toEqual([]);
    await expect(root.client.auth.userDelete({ name: "root" })).rejects.toThrow("invalid auth management");
    await expect(root.client.auth.userRevokeRole({ name: "root", role: "root" })).rejects.toThrow(
      "invalid auth management",
    );
  });

  test("a watch without permission is canceled with the reason", async () => {
    const { alice } = await enableWithAlice();
    const watch = alice.watch();
    expect(await watch.create("a", "d")).toMatchObject({
      created: true,
      canceled: true,
      cancelReason: "rpc error: code = PermissionDenied desc = etcdserver: permission denied",
    });
    expect(await watch.create("a", "c")).toMatchObject({ created: true, canceled: false });
    await watch.end();
  });

  test("a new password invalidates the tokens of the old one", async () => {
    const { alice, root } = await enableWithAlice();
    await alice.put("b", "1");
    await root.client.auth.userChangePassword({ name: "alice", password: "new", hashedPassword: "" });
    await expect(alice.put("b", "2")).rejects.toThrow(/invalid auth token|authentication failed/);
    await (await server.as("alice", "new")).put("b", "3");
  });

  testSince(runner, "3.5", "a user without a password cannot log in with a password", async () => {
    await enableWithAlice();
    const root = await server.as("root");
    const options = { noPassword: true };
    await root.client.auth.userAdd(AuthUserAddRequest.create({ name: "cert", options }));
    await expect(server.etcd.client.auth.authenticate({ name: "cert", password: "x" })).rejects.toThrow(
      "authentication failed, password was given for no password user",
    );
  });

  test("after authentication is disabled, requests need no user again", async () => {
    const { root } = await enableWithAlice();
    await root.client.auth.authDisable({});
    await server.etcd.put("z", "1");
    await expect(server.etcd.client.auth.authenticate({ name: "root", password: "root" })).rejects.toThrow(
      "etcdserver: authentication is not enabled",
    );
  });
}
