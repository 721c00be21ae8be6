// Each error with a remedy names it: below Go's text, on stderr, as a hint.
import { remediesFor } from "../../src/cli/remedies";
import { CliError, EtcdError, StatusCode } from "../../src/errors";
import { serverError, type ServerErrorName } from "../../src/etcd/error-table";
import { startEmbeddedServer, type EmbeddedServer } from "../../src/index";
import { runMain } from "../support/run-main";

const names: readonly ServerErrorName[] = [
  ...(["noSpace", "noLeader", "unhealthy", "memberNotEnoughStarted", "rootUserNotExist"] as const),
  ...(["userNotFound", "roleNotFound", "invalidAuthManagement", "memberNotFound", "duplicateKey"] as const),
  ...(["compacted", "futureRevision", "userEmpty", "authFailed", "leaseNotFound"] as const),
];

test.each(names)("the error %s of a server has a remedy, also as the cause of another error", (name) => {
  expect(remediesFor(serverError(name))).not.toEqual([]);
  expect(remediesFor(new CliError(5, "failed", { cause: serverError(name) }))).toEqual(
    remediesFor(serverError(name)),
  );
});

test("a call that an older server does not have names the command that shows its version", () => {
  const desc = "unknown method AuthStatus for service etcdserverpb.Auth";
  const [hint] = remediesFor(new EtcdError(StatusCode.Unimplemented, desc, false));
  expect(hint).toMatch(/etcdctl endpoint status shows its version$/);
});

test("an error without a remedy has no hint", () => {
  expect(remediesFor(serverError("watchCanceled"))).toEqual([]);
  expect(remediesFor("text")).toEqual([]);
});

describe("on a server", () => {
  let server: EmbeddedServer;
  beforeEach(async () => {
    server = await startEmbeddedServer({ keys: { a: "1" }, auth: { bcryptCost: 4 } });
  });
  afterEach(() => server.stop());

  const run = (...words: string[]) => runMain(words, { env: { ETCDCTL_ENDPOINTS: server.endpoint } });

  test.each<[string[], number, RegExp]>([
    [
      ["get", "a", "--rev", "99"],
      1,
      /required revision is a future revision\nhint: the cluster has not reached/,
    ],
    [["get", "a", "--consistency", "x"], 4, /unknown consistency flag "x"\nhint: choose l .* or s /],
    [["check", "perf", "--load", "x"], 4, /unknown load option x\nhint: choose s, m, l or xl\n$/],
    [["member", "remove", "1"], 1, /member not found\nhint: etcdctl member list shows/],
    [["auth", "enable"], 1, /root user does not exist\nhint: add it first: etcdctl user add root/],
    [
      ["get", "a", "-w", "xml"],
      4,
      /unsupported output format\nhint: the formats of --write-out are simple, fields, json/,
    ],
    [["get", "a", "--order", "UP"], 4, /bad sort order UP\nhint: choose ASCEND, DESCEND\n$/],
    [
      ["get", "a", "--sort-by", "AGE"],
      4,
      /bad sort target AGE\nhint: choose CREATE, KEY, MODIFY, VALUE, VERSION\n$/,
    ],
    [["lease", "revoke", "xyz"], 128, /bad lease ID arg .*\nhint: a lease ID is hexadecimal/],
    [["put", "a", "1", "--lease", "xyz"], 128, /bad lease ID .*\nhint: a lease ID is hexadecimal/],
    [
      ["get", "a", "--command-timeout", "5"],
      1,
      /missing unit in duration[\s\S]*hint: a duration has a unit: .*write 5s/,
    ],
  ])("%j exits with %d and says %s", async (words, exit, text) => {
    const result = await run(...words);
    expect(result.exit).toBe(exit);
    expect(result.stderr).toMatch(text);
  });

  test("permission denied says which permission on which key is missing", async () => {
    const client = server.client();
    await client.auth.userAdd({ name: "root", password: "r" });
    await client.auth.userGrantRole({ user: "root", role: "root" });
    await client.auth.userAdd({ name: "bob", password: "b" });
    await client.auth.authEnable();
    const asBob = async (...words: string[]) =>
      (await run("--user", "bob:b", "--command-timeout", "60s", ...words)).stderr;
    const grant = (kind: string) => `root can grant it: etcdctl role grant-permission ROLE ${kind} KEY\n`;
    expect(await asBob("put", "a", "1")).toBe(
      `Error: etcdserver: permission denied\nhint: this needs write permission on the key "a"; ${grant("write")}`,
    );
    expect(await asBob("get", "a/", "--prefix")).toContain(
      `this needs read permission on the keys that begin with "a/" (--prefix); ${grant("read")}`,
    );
    expect(await asBob("del", "a", "c", "--range")).toContain('write permission on the keys from "a" to "c"');
    expect(await asBob("get", "a", "--from-key")).toContain('read permission on all keys from "a" on');
    expect(await asBob("txn", "--then", "put x 1", "--then", "get y")).toContain(
      'write permission on the key "x"',
    );
    expect(await asBob("user", "list")).toContain("hint: only a user with the role root may do this\n");
  });
});
