// Runs version 2's program and etcdctl 3.4 with the same arguments against a real etcd 3.4 --enable-v2.
import { run } from "../support/child";
import { etcdctl, startEtcdctl } from "../support/etcdctl";
import { describeWithEtcd, etcdPrograms, startEtcd } from "../support/real-etcd";
import type { ServerGroup } from "../support/server-group";
import { until } from "../support/until";
import { withoutHints } from "./fake-cluster";

describeWithEtcd("3.4", "ETCDCTL_API=2 on etcd 3.4", () => {
  let group: ServerGroup;
  beforeAll(async () => {
    group = await startEtcd("3.4", { flags: () => ["--enable-v2"] });
  });
  afterAll(() => group.stop());
  const env = () => ({
    PATH: process.env["PATH"],
    ETCDCTL_API: "2",
    ETCDCTL_ENDPOINTS: `http://${group.endpoints[0] ?? ""}`,
  });
  /** Without them, a request may take two seconds. */
  const limits = ["--timeout=60s", "--total-timeout=60s"];
  const ours = async (args: readonly string[]) => {
    const { exit, stdout, stderr } = await etcdctl([...limits, ...args], { env: env() });
    return { exit, stdout, stderr: withoutHints(stderr) };
  };
  const goEtcdctl = async (args: readonly string[]) => {
    const { exit, stdout, stderr } = await run([etcdPrograms("3.4").etcdctl, ...limits, ...args], {
      env: env(),
    });
    return { exit, stdout: stdout.toString(), stderr: stderr.toString() };
  };

  test("commands that change nothing print and exit exactly as etcdctl 3.4 does", async () => {
    await ours(["set", "/d/a", "<ü>"]);
    await ours(["mkdir", "/d/e"]);
    for (const args of [
      ["get", "/d/a"],
      ["get", "/d"],
      ["get", "/none"],
      ["-o", "json", "get", "/d/a"],
      ["-o", "extended", "get", "/d/a"],
      ["-o", "json", "ls", "-r", "--sort", "/"],
      ["ls", "-p", "--sort", "/d"],
      ["mk", "/d/a", "x"],
      ["rmdir", "/d"],
      ["member", "list"],
      ["member", "remove", "1234"],
      ["cluster-health"],
      ["user", "list"],
      ["role", "get", "none"],
      ["--debug", "ls", "/d/a"],
    ]) {
      expect({ args, ...(await ours(args)) }).toEqual({ args, ...(await goEtcdctl(args)) });
    }
  });

  test("a user with a role can write to the granted path while authentication is enabled", async () => {
    expect(await ours(["role", "add", "r"])).toMatchObject({ exit: 0, stdout: "Role r created\n" });
    expect(await ours(["role", "grant", "--path", "/p*", "--rw", "r"])).toMatchObject({ exit: 0 });
    expect(await ours(["user", "add", "u:pw"])).toMatchObject({ exit: 0, stdout: "User u created\n" });
    expect(await ours(["user", "grant", "--roles", "r", "u"])).toMatchObject({ exit: 0 });
    expect(await ours(["user", "get", "u"])).toEqual(await goEtcdctl(["user", "get", "u"]));
    await ours(["user", "add", "root:pw"]);
    expect(await ours(["auth", "enable"])).toMatchObject({ exit: 0, stdout: "Authentication Enabled\n" });
    try {
      expect(await ours(["-u", "root:bad", "get", "/d/a"])).toEqual(
        await goEtcdctl(["-u", "root:bad", "get", "/d/a"]),
      );
      expect(await ours(["-u", "u:pw", "set", "/p1", "1"])).toMatchObject({ exit: 0, stdout: "1\n" });
    } finally {
      expect(await ours(["-u", "root:pw", "auth", "disable"])).toMatchObject({ exit: 0 });
    }
  });

  test("watch --forever prints every event until Ctrl-C and ends with 0", async () => {
    const watch = startEtcdctl(["watch", "--forever", "-r", "--after-index", "1", "/w"], { env: env() });
    await ours(["set", "/w/1", "a"]);
    await ours(["rm", "/w/1"]);
    await until("both events", () => watch.stdout.toString().includes("PrevNode"));
    watch.signal("SIGINT");
    const { exit, stdout } = await watch.finish();
    expect({ exit, stdout: stdout.toString() }).toEqual({
      exit: 0,
      stdout: "[set] /w/1\na\n[delete] /w/1\nPrevNode.Value: a\n",
    });
  });
});
