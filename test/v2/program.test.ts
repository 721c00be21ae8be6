// Version 2's program against made-up responses: the requests it sends, its output, its errors and exit codes.
import { main } from "../../src/cli/main";
import { RequestError } from "../../src/v2/http/errors";
import { ManualClock } from "../support/manual-clock";
import { testIo } from "../support/test-io";
import { until } from "../support/until";
import { runV2, withoutHints, type Responder } from "./fake-cluster";

const cluster = { "x-etcd-cluster-id": "1", "x-etcd-index": "7" };
const respondWith =
  (body: string, status = 200): Responder =>
  () => ({ status, body, headers: cluster });
const node = { key: "/a", value: "1", modifiedIndex: 6, createdIndex: 5 };
const found = respondWith(JSON.stringify({ action: "get", node }));
const refused = () => new RequestError("dial tcp 127.0.0.1:2379: connect: connection refused", true);
const env = { ETCDCTL_ENDPOINTS: "http://127.0.0.1:2379" };
const withEndpoint = { env };

describe("requests", () => {
  test.each([
    [["get", "a"], "GET /v2/keys/a?quorum=false&recursive=false&sorted=false"],
    [["ls"], "GET /v2/keys/?quorum=false&recursive=false&sorted=false"],
    [["ls", "-r", "--sort", "-q", "/d/"], "GET /v2/keys/d/?quorum=true&recursive=true&sorted=true"],
    [["set", "/a b%/../c?", "x+y &"], "PUT /v2/keys/c%3F value=x%2By+%26"],
    [["set", "a", "1", "--ttl", "5"], "PUT /v2/keys/a ttl=5&value=1"],
    [
      ["set", "--swap-with-value", "o", "--swap-with-index", "3", "a", "1"],
      "PUT /v2/keys/a?prevIndex=3&prevValue=o value=1",
    ],
    [["set", "--swap-with-index", "-1", "a", "1"], "PUT /v2/keys/a?prevIndex=18446744073709551615 value=1"],
    [["mk", "a", "1"], "PUT /v2/keys/a?prevExist=false value=1"],
    [["mk", "--in-order", "q", "1"], "POST /v2/keys/q value=1"],
    [["mkdir", "--ttl=9", "d"], "PUT /v2/keys/d?dir=true&prevExist=false ttl=9"],
    [["setdir", "d"], "PUT /v2/keys/d?dir=true "],
    [["update", "a", "2"], "PUT /v2/keys/a?prevExist=true value=2"],
    [["updatedir", "d"], "PUT /v2/keys/d?dir=true&prevExist=true "],
    [["rm", "-r", "--with-value", "v", "a"], "DELETE /v2/keys/a?prevValue=v&recursive=true"],
    [["rmdir", "d"], "DELETE /v2/keys/d?dir=true"],
    [["watch", "a"], "GET /v2/keys/a?recursive=false&wait=true&waitIndex=0"],
    [["watch", "--after-index", "4", "-r", "a"], "GET /v2/keys/a?recursive=true&wait=true&waitIndex=5"],
  ])("%j sends %s", async (args, request) => {
    const { requests } = await runV2(["--no-sync", ...args], found, withEndpoint);
    expect(requests).toEqual([request.replace(" ", " http://127.0.0.1:2379")]);
  });

  test("a value from standard input is sent byte for byte", async () => {
    const { requests } = await runV2(["--no-sync", "set", "a"], found, {
      env,
      stdin: Buffer.from([0xff, 10]),
    });
    expect(requests).toEqual(["PUT http://127.0.0.1:2379/v2/keys/a value=%FF%0A"]);
  });

  test("every request has the user name and the password, which the program prompts for when it is missing", async () => {
    const seen: unknown[] = [];
    const respond: Responder = (request) => {
      seen.push(request.headers?.["Authorization"]);
      return found(request);
    };
    const { io } = await runV2(["--no-sync", "-u", "root", "get", "a"], respond, {
      env,
      passwords: [" pw "],
    });
    expect(io.prompts).toEqual(["Password: "]);
    await runV2(["--no-sync", "-u", "root:a:b", "get", "a"], respond, withEndpoint);
    expect(seen).toEqual([basic("root:pw"), basic("root:a:b")]);
  });
});

function basic(credentials: string): string {
  return `Basic ${Buffer.from(credentials).toString("base64")}`;
}

describe("output", () => {
  const deleted = JSON.stringify({ action: "delete", node: { ...node, value: undefined }, prevNode: node });
  test.each([
    ["simple", "PrevNode.Value: 1\n"],
    ["extended", "Key: /a\nCreated-Index: 5\nModified-Index: 6\nPrevNode.Value: 1\nTTL: 0\nIndex: 7\n"],
    [
      "json",
      '{"action":"delete","node":{"key":"/a","value":"","nodes":null,"createdIndex":5,"modifiedIndex":6},' +
        '"prevNode":{"key":"/a","value":"1","nodes":null,"createdIndex":5,"modifiedIndex":6}}\n',
    ],
  ])("rm prints the response in the format %s", async (format, stdout) => {
    expect(
      await runV2(["--no-sync", "-o", format, "rm", "a"], respondWith(deleted), withEndpoint),
    ).toMatchObject({
      exit: 0,
      stdout,
    });
  });

  test("an unknown format is reported after the request, with exit code 0, as in Go", async () => {
    const { exit, stdout, stderr } = await runV2(["--no-sync", "-o", "x", "get", "a"], found, withEndpoint);
    expect({ exit, stdout, stderr }).toEqual({
      exit: 0,
      stdout: "",
      stderr: "Unsupported output format: x\n",
    });
  });

  test("--version prints the version of etcd and version 2 of the API", async () => {
    expect(await runV2(["--version"])).toMatchObject({
      exit: 0,
      stdout: "etcdctl version: 3.7.1\nAPI version: 2\n",
    });
  });

  test("version prints what etcdctl 3.7 prints, whatever ETCDCTL_API is", async () => {
    const io = testIo({ env: { ETCDCTL_API: "2" } });
    expect(await main(["version"], io)).toBe(0);
    expect(io.stdout.text).toBe("etcdctl version: 3.7.1\nAPI version: 3.7\n");
  });

  test("a hint about TLS files uses the names of version 2's flags", async () => {
    const io = testIo({ env: { ETCDCTL_API: "2" } });
    expect(await main(["--cert-file", "a.pem", "get", "/a"], io)).toBe(1);
    expect(io.stderr.text).toBe(
      "KeyFile and CertFile must both be present[key: , cert: a.pem]\n" +
        "hint: a client certificate needs both --cert-file and --key-file\n",
    );
  });
});

describe("errors", () => {
  const keyNotFound = respondWith('{"errorCode":100,"message":"Key not found","cause":"/a","index":5}', 404);

  test("a server's error has the prefix Error: with two blanks, and exit code 4", async () => {
    const { exit, stderr } = await runV2(["--no-sync", "get", "a"], keyNotFound, withEndpoint);
    expect({ exit, stderr }).toEqual({ exit: 4, stderr: "Error:  100: Key not found (/a) [5]\n" });
  });

  test("an unreachable cluster gives exit code 2 when the member list is requested", async () => {
    const { exit, stderr } = await runV2(["get"], refused, withEndpoint);
    const line = "error #0: dial tcp 127.0.0.1:2379: connect: connection refused\n";
    expect(exit).toBe(2);
    expect(stderr).toBe(`Error:  client: etcd cluster is unavailable or misconfigured; ${line}\n${line}\n`);
  });

  test("with --no-sync an unreachable cluster gives exit code 4, and a one-shot request shows the error of the first member", async () => {
    const { exit, stderr } = await runV2(["--no-sync", "mk", "a", "1"], refused, withEndpoint);
    expect({ exit, stderr }).toEqual({
      exit: 4,
      stderr: "Error:  dial tcp 127.0.0.1:2379: connect: connection refused\n",
    });
  });

  test("member, user, role and auth print errors without a prefix, with exit code 1", async () => {
    const { exit, stderr } = await runV2(
      ["--no-sync", "user", "list"],
      respondWith('{"message":"no"}', 401),
      withEndpoint,
    );
    expect({ exit, stderr }).toEqual({ exit: 1, stderr: "no\n" });
  });

  test("the client tries another member after one that is unreachable and one that has no leader", async () => {
    const endpoints = "http://a:1,http://b:1,http://c:1";
    const respond: Responder = (request) =>
      request.url.startsWith("http://c")
        ? found(request)
        : request.url.startsWith("http://a")
          ? refused()
          : { status: 503 };
    const { exit, stdout } = await runV2(["--no-sync", "--endpoints", endpoints, "get", "a"], respond);
    expect({ exit, stdout }).toEqual({ exit: 0, stdout: "1\n" });
  });

  test("the client follows a redirect, but not an endless chain", async () => {
    const leader: Responder = (request) =>
      request.url.startsWith("http://leader")
        ? found(request)
        : { status: 307, headers: { location: "http://leader:1/v2/keys/a" } };
    expect(await runV2(["--no-sync", "get", "a"], leader, withEndpoint)).toMatchObject({
      exit: 0,
      stdout: "1\n",
    });
    const loop: Responder = () => ({ status: 307, headers: { location: "http://a:1/" } });
    const { stderr } = await runV2(["--no-sync", "get", "a"], loop, withEndpoint);
    expect(stderr).toContain("client: too many redirects");
  });

  test("an endpoint without a scheme is an error with a hint", async () => {
    const { exit, stderr } = await runV2(["--endpoints", "127.0.0.1:2379", "ls"], found);
    expect(exit).toBe(1);
    expect(stderr).toMatch(
      /^parse "127.0.0.1:2379": first path segment in URL cannot contain colon\nhint: .*http:\/\//,
    );
  });

  test("a member that does not answer within --timeout is an error", async () => {
    const clock = new ManualClock();
    const running = runV2(["--no-sync", "get", "a"], () => undefined, { env, clock });
    await until("a timer is set", () => clock.pending > 0);
    clock.advance(2000);
    expect((await running).stderr).toContain(
      "error #0: client: endpoint http://127.0.0.1:2379 exceeded header timeout",
    );
  });

  test("Ctrl-C ends a request with exit code 130, and a watch with exit code 0", async () => {
    const interrupt = (args: readonly string[]) =>
      runV2(["--no-sync", ...args], () => undefined, {
        env,
        before: (io) => setImmediate(() => io.sendSignal("SIGINT")),
      });
    expect((await interrupt(["get", "a"])).exit).toBe(130);
    expect((await interrupt(["watch", "a"])).exit).toBe(0);
  });

  test.each([
    ['{"action":"get"}'],
    ['{"action":"get","node":null}'],
    ['{"action":"get","node":{"key":1}}'],
    ['{"action":"get","node":{"nodes":[null]}}'],
    ['{"action":"get","node":{"createdIndex":-1}}'],
    ['{"action":"get","node":{"expiration":"soon"}}'],
    ['{"action":"delete","node":{}}'],
    [`{"action":"get","node":${'{"nodes":['.repeat(100_000)}`],
  ])("the response %.60s is an error because it is not a valid response to get", async (body) => {
    const { exit, stderr } = await runV2(["--no-sync", "get", "a"], respondWith(body), withEndpoint);
    expect(exit).toBe(4);
    expect(stderr).toMatch(/^Error: {2}client: response is invalid json\./);
  });
});

describe("a server without version 2", () => {
  const withoutVersion2: Responder = ({ url }) =>
    url.endsWith("/version")
      ? { body: '{"etcdserver":"3.7.1","etcdcluster":"3.7.0"}' }
      : { status: 404, body: "404 page not found\n" };

  test.each([
    [["ls", "/d"], 4, "get /d --prefix --keys-only"],
    [["get", "a b"], 4, "get 'a b'"],
    [["rm", "-r", "/d"], 4, "del /d --prefix"],
    [["mk", "a", "1"], 4, `txn --if 'create("a") = "0"' --then 'put a 1'`],
    [["exec-watch", "-r", "/d", "--", "true"], 4, "watch /d --prefix -- COMMAND"],
    [["cluster-health"], 4, "endpoint health --cluster"],
    [["member", "add", "m1", "http://h:2380"], 1, "member add m1 --peer-urls=http://h:2380"],
    [["user", "grant", "--roles", "r", "u"], 1, "user grant-role u r"],
    [["role", "grant", "--path", "/p", "--read", "r"], 1, "role grant-permission r read /p"],
    [["auth", "enable"], 1, "auth enable"],
  ])(
    "%j prints Go's error, then hints that name the server and the command of version 3",
    async (args, exit, version3Command) => {
      const result = await runV2(args, withoutVersion2, withEndpoint);
      expect(result.exit).toBe(exit);
      expect(withoutHints(result.stderr)).toMatch(
        /invalid json|unexpected status code 404|invalid character 'p'/,
      );
      expect(result.stderr).toContain(
        "hint: etcd 3.7.1 at http://127.0.0.1:2379 does not serve version 2 of the API",
      );
      expect(result.stderr).toContain(`etcdctl --endpoints=http://127.0.0.1:2379 ${version3Command}\n`);
    },
  );
});

test("exec-watch starts the command once for each event and describes the event in environment variables", async () => {
  let events = 0;
  const respond: Responder = () => {
    events++;
    if (events > 2) return undefined;
    return found({ method: "", url: "" });
  };
  const { exit, io } = await runV2(["--no-sync", "exec-watch", "-r", "/a", "--", "cmd", "x"], respond, {
    env,
    onChild: (_, each) => {
      if (events === 2) setImmediate(() => each.sendSignal("SIGINT"));
    },
  });
  expect(exit).toBe(0);
  expect(io.children.map(({ argv }) => argv)).toEqual([
    ["cmd", "x"],
    ["cmd", "x"],
  ]);
  expect(io.children[0]?.env).toEqual({
    ETCD_WATCH_ACTION: "get",
    ETCD_WATCH_KEY: "/a",
    ETCD_WATCH_MODIFIED_INDEX: "6",
    ETCD_WATCH_VALUE: "1",
  });
});

test("an empty word is no command: the help follows, as in etcdctl 3.4", async () => {
  const help = await runV2(["help"]);
  for (const words of [[""], ["", "set", "a"], ["help", ""]]) {
    const { exit, stdout } = await runV2(words);
    expect({ words, exit, stdout }).toEqual({ words, exit: 0, stdout: help.stdout });
  }
  expect((await runV2(["member", ""])).stdout).toBe((await runV2(["member"])).stdout);
  expect((await runV2([" "])).exit).toBe(3);
});
