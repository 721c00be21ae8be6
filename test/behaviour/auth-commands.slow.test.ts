// Every command with authentication on: as root, as a user with few permissions, with a wrong password and with an expired
// token. Runs on the embedded server and on real etcd.
import { createClient, type EtcdClient } from "../../src/client/client";
import { systemClock } from "../../src/clock";
import { RangeRequest, SnapshotRequest, type LeaseKeepAliveRequest } from "../../src/proto/gen/etcdserverpb";
import { startEmbeddedServer } from "../../src/server/server";
import { openTransport } from "../../src/transport/open";
import { PushQueue } from "../support/push-queue";
import { describeWithEtcd, startEtcd, type EtcdVersion } from "../support/real-etcd";
import { runMain } from "../support/run-main";
import { until } from "../support/until";
import { commandsWithAuth, type Expected } from "./auth-commands";
import { WatchSession } from "../support/watch-session";

interface Server {
  readonly endpoint: string;
  stop(): Promise<void>;
}

const tokenTtlSeconds = 1;

describe("the embedded server", () => {
  everyCommand("3.7", () => startEmbeddedServer({ auth: { tokenTtlSeconds, bcryptCost: 4 } }));
});

for (const version of ["3.5", "3.4"] as const) {
  describeWithEtcd(version, `etcd ${version}`, () => everyCommand(version, () => realServer(version)));
}

async function realServer(version: EtcdVersion): Promise<Server> {
  const flags = () => ["--auth-token-ttl", `${tokenTtlSeconds}`, "--bcrypt-cost", "4"];
  const group = await startEtcd(version, { flags });
  return { endpoint: group.endpoints[0] ?? "", stop: () => group.stop() };
}

function everyCommand(version: "3.4" | "3.5" | "3.7", start: () => Promise<Server>): void {
  let server: Server;

  async function etcdctl(words: readonly string[], stdin = "") {
    const env = { ETCDCTL_ENDPOINTS: server.endpoint };
    const { exit, stdout, stderr } = await runMain(words, { stdin, env });
    return { exit, stdout, stderr: stderr.replaceAll(/^hint: .*\n/gm, "") };
  }

  async function sure(line: string): Promise<void> {
    const { exit, stderr } = await etcdctl(line.split(" "));
    if (exit !== 0) throw new Error(`${line}: ${stderr}`);
  }

  beforeAll(async () => {
    server = await start();
    const lines = [
      "user add root:rootpw",
      "user add alice:alicepw",
      "user add bob:bobpw",
      "role add r",
      "role add s",
    ];
    const grants = [
      "role grant-permission r readwrite a --prefix",
      "user grant-role alice r",
      "put a 1",
      "put b 1",
    ];
    for (const line of [...lines, ...grants, "auth enable"]) await sure(line);
  });
  afterAll(() => server.stop());

  const commands = commandsWithAuth(version);
  const ended = (expected: Expected, { exit, stderr }: Awaited<ReturnType<typeof etcdctl>>) => {
    expect({ exit, stderr }).toEqual({
      exit: expected.exit,
      stderr: expect.stringContaining(expected.stderr) as string,
    });
  };

  test.each(commands)("alice runs $line", async ({ words, stdin, alice }) => {
    ended(alice, await etcdctl([...words, "--user=alice:alicepw"], stdin));
  });

  test.each(commands)("root runs $line", async ({ words, stdin, root }) => {
    ended(root, await etcdctl([...words, "--user=root:rootpw"], stdin));
  });

  test.each(commands)("$line fails with a wrong password", async ({ words, stdin, line }) => {
    const { exit, stdout, stderr } = await etcdctl([...words, "--user=alice:wrong"], stdin);
    expect(stdout).toBe("");
    expect(stderr).toContain("etcdserver: authentication failed, invalid user ID or password");
    // snapshot save fails with 5; endpoint health reports a member that refuses the user as unhealthy.
    expect(exit).toBe({ "snapshot save -": 5, "endpoint health": 1 }[line] ?? 2);
  });

  describe("after the token has expired", () => {
    let client: EtcdClient;
    let token: string;
    // Using the token would renew it, so that only the time shows that it has expired.
    const expiry = async () => {
      const startMs = performance.now();
      await until("the token has expired", () => performance.now() - startMs > tokenTtlSeconds * 1000 + 1500);
    };
    beforeAll(async () => {
      const credentials = { user: "root", password: "rootpw" };
      const options = { endpoints: [server.endpoint], clock: systemClock, credentials };
      client = createClient(await openTransport(options));
      ({ token } = await client.auth.authenticate({ name: "root", password: "rootpw" }));
    });
    afterAll(() => client.close());

    test("every command that has no password to get a new token is refused", async () => {
      await expiry();
      const passed: string[] = [];
      for (const { words, stdin, line, needsNoUser } of commands) {
        const { exit, stderr } = await etcdctl([...words, `--auth-jwt-token=${token}`], stdin);
        if (!needsNoUser && (exit === 0 || !stderr.includes("invalid auth token"))) passed.push(line);
      }
      expect(passed).toEqual([]);
    });

    test("a call gets a new token", async () => {
      await expiry();
      const { count } = await client.kv.range(RangeRequest.create({ key: Buffer.from("a") }));
      expect(count).toBe(1n);
    });

    test("a stream of responses gets a new token", async () => {
      await expiry();
      let sizeBytes = 0;
      for await (const { blob } of client.maintenance.snapshot(SnapshotRequest.create()))
        sizeBytes += blob.length;
      expect(sizeBytes).toBeGreaterThan(0);
    });

    test("a watch and a keep-alive get a new token and continue when that expires too", async () => {
      await expiry();
      const watch = new WatchSession(client);
      expect(await watch.create("a")).toMatchObject({ created: true, canceled: false });
      const { ID } = await client.lease.leaseGrant({ TTL: 60n, ID: 0n });
      const requests = new PushQueue<LeaseKeepAliveRequest>();
      const answers = client.lease.leaseKeepAlive(requests)[Symbol.asyncIterator]();
      requests.push({ ID });
      expect((await answers.next()).value).toMatchObject({ TTL: 60n });
      await expiry();
      await sure("put a 2 --user=alice:alicepw");
      expect(await watch.shown(1)).toEqual([expect.stringMatching(/^PUT a=2 /)]);
      await watch.end();
      requests.end();
    });
  });
}
