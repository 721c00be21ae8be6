// Version 2's program against made-up answers: what is asked for, what is printed, what is said when it fails.
import { main } from "../../src/cli/main";
import { RequestError } from "../../src/v2/http/errors";
import { ManualClock } from "../support/manual-clock";
import { testIo } from "../support/test-io";
import { until } from "../support/until";
import { runV2, withoutHints, type Answering } from "./fake-cluster";

const cluster = { "x-etcd-cluster-id": "1", "x-etcd-index": "7" };
const answerWith =
  (body: string, status = 200): Answering =>
  () => ({ status, body, headers: cluster });
const node = { key: "/a", value: "1", modifiedIndex: 6, createdIndex: 5 };
const found = answerWith(JSON.stringify({ action: "get", node }));
const refused = () => new RequestError("dial tcp 127.0.0.1:2379: connect: connection refused", true);
const env = { ETCDCTL_ENDPOINTS: "http://127.0.0.1:2379" };
const quick = { env };

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
  ])("%j", async (words, request) => {
    const { requests } = await runV2(["--no-sync", ...words], found, quick);
    expect(requests).toEqual([request.replace(" ", " http://127.0.0.1:2379")]);
  });

  test("a value comes from standard input, byte for byte", async () => {
    const { requests } = await runV2(["--no-sync", "set", "a"], found, {
      env,
      stdin: Buffer.from([0xff, 10]),
    });
    expect(requests).toEqual(["PUT http://127.0.0.1:2379/v2/keys/a value=%FF%0A"]);
  });

  test("name and password go with every request, asked for where they are not given", async () => {
    const seen: unknown[] = [];
    const answer: Answering = (request) => {
      seen.push(request.headers?.["Authorization"]);
      return found(request);
    };
    const { io } = await runV2(["--no-sync", "-u", "root", "get", "a"], answer, { env, passwords: [" pw "] });
    expect(io.prompts).toEqual(["Password: "]);
    await runV2(["--no-sync", "-u", "root:a:b", "get", "a"], answer, quick);
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
  ])("%s", async (format, stdout) => {
    expect(await runV2(["--no-sync", "-o", format, "rm", "a"], answerWith(deleted), quick)).toMatchObject({
      exit: 0,
      stdout,
    });
  });

  test("an unknown format is told after the deed, exit 0, as in Go", async () => {
    const { exit, stdout, stderr } = await runV2(["--no-sync", "-o", "x", "get", "a"], found, quick);
    expect({ exit, stdout, stderr }).toEqual({
      exit: 0,
      stdout: "",
      stderr: "Unsupported output format: x\n",
    });
  });

  test("--version", async () => {
    expect(await runV2(["--version"])).toMatchObject({
      exit: 0,
      stdout: "etcdctl version: 3.7.1\nAPI version: 2\n",
    });
  });

  test("version is answered as etcdctl 3.7 does, whatever ETCDCTL_API says", async () => {
    const io = testIo({ env: { ETCDCTL_API: "2" } });
    expect(await main(["version"], io)).toBe(0);
    expect(io.stdout.text).toBe("etcdctl version: 3.7.1\nAPI version: 3.7\n");
  });

  test("hints about TLS files name version 2's flags", async () => {
    const io = testIo({ env: { ETCDCTL_API: "2" } });
    expect(await main(["--cert-file", "a.pem", "get", "/a"], io)).toBe(1);
    expect(io.stderr.text).toBe(
      "KeyFile and CertFile must both be present[key: , cert: a.pem]\n" +
        "hint: a client certificate needs both --cert-file and --key-file\n",
    );
  });
});

describe("failures", () => {
  const keyNotFound = answerWith('{"errorCode":100,"message":"Key not found","cause":"/a","index":5}', 404);

  test("a server's error has two blanks before it and exit code 4", async () => {
    const { exit, stderr } = await runV2(["--no-sync", "get", "a"], keyNotFound, quick);
    expect({ exit, stderr }).toEqual({ exit: 4, stderr: "Error:  100: Key not found (/a) [5]\n" });
  });

  test("a cluster that cannot be reached is exit code 2 while its members are asked for", async () => {
    const { exit, stderr } = await runV2(["get"], refused, quick);
    const line = "error #0: dial tcp 127.0.0.1:2379: connect: connection refused\n";
    expect(exit).toBe(2);
    expect(stderr).toBe(`Error:  client: etcd cluster is unavailable or misconfigured; ${line}\n${line}\n`);
  });

  test("without that question it is exit code 4, and for what is sent only once the bare error", async () => {
    const { exit, stderr } = await runV2(["--no-sync", "mk", "a", "1"], refused, quick);
    expect({ exit, stderr }).toEqual({
      exit: 4,
      stderr: "Error:  dial tcp 127.0.0.1:2379: connect: connection refused\n",
    });
  });

  test("member, user, role and auth tell it plainly, exit code 1", async () => {
    const { exit, stderr } = await runV2(
      ["--no-sync", "user", "list"],
      answerWith('{"message":"no"}', 401),
      quick,
    );
    expect({ exit, stderr }).toEqual({ exit: 1, stderr: "no\n" });
  });

  test("another member is asked where one does not answer, and one that has no leader", async () => {
    const endpoints = "http://a:1,http://b:1,http://c:1";
    const answer: Answering = (request) =>
      request.url.startsWith("http://c")
        ? found(request)
        : request.url.startsWith("http://a")
          ? refused()
          : { status: 503 };
    const { exit, stdout } = await runV2(["--no-sync", "--endpoints", endpoints, "get", "a"], answer);
    expect({ exit, stdout }).toEqual({ exit: 0, stdout: "1\n" });
  });

  test("a redirect is followed, but not for ever", async () => {
    const leader: Answering = (request) =>
      request.url.startsWith("http://leader")
        ? found(request)
        : { status: 307, headers: { location: "http://leader:1/v2/keys/a" } };
    expect(await runV2(["--no-sync", "get", "a"], leader, quick)).toMatchObject({ exit: 0, stdout: "1\n" });
    const loop: Answering = () => ({ status: 307, headers: { location: "http://a:1/" } });
    const { stderr } = await runV2(["--no-sync", "get", "a"], loop, quick);
    expect(stderr).toContain("client: too many redirects");
  });

  test("an endpoint without a scheme is refused with what to write", async () => {
    const { exit, stderr } = await runV2(["--endpoints", "127.0.0.1:2379", "ls"], found);
    expect(exit).toBe(1);
    expect(stderr).toMatch(
      /^parse "127.0.0.1:2379": first path segment in URL cannot contain colon\nhint: .*http:\/\//,
    );
  });

  test("a member that is silent is given up after --timeout, all of them after --total-timeout", async () => {
    const clock = new ManualClock();
    const running = runV2(["--no-sync", "get", "a"], () => undefined, { env, clock });
    await until("a timer runs", () => clock.pending > 0);
    clock.advance(2000);
    expect((await running).stderr).toContain(
      "error #0: client: endpoint http://127.0.0.1:2379 exceeded header timeout",
    );
  });

  test("Ctrl-C ends a request as it ends a program, and a watch with exit code 0", async () => {
    const interrupted = (words: readonly string[]) =>
      runV2(["--no-sync", ...words], () => undefined, {
        env,
        before: (io) => setImmediate(() => io.sendSignal("SIGINT")),
      });
    expect((await interrupted(["get", "a"])).exit).toBe(130);
    expect((await interrupted(["watch", "a"])).exit).toBe(0);
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
  ])("an answer that is none is an error: %.60s", async (body) => {
    const { exit, stderr } = await runV2(["--no-sync", "get", "a"], answerWith(body), quick);
    expect(exit).toBe(4);
    expect(stderr).toMatch(/^Error: {2}client: response is invalid json\./);
  });
});

describe("a server without version 2", () => {
  const without: Answering = ({ url }) =>
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
  ])("%j: Go's error, then which server it is and what to type", async (words, exit, instead) => {
    const ran = await runV2(words, without, quick);
    expect(ran.exit).toBe(exit);
    expect(withoutHints(ran.stderr)).toMatch(/invalid json|unexpected status code 404|invalid character 'p'/);
    expect(ran.stderr).toContain(
      "hint: etcd 3.7.1 at http://127.0.0.1:2379 does not serve version 2 of the API",
    );
    expect(ran.stderr).toContain(`etcdctl --endpoints=http://127.0.0.1:2379 ${instead}\n`);
  });
});

test("exec-watch starts the command once for each event, with the event in its environment", async () => {
  let events = 0;
  const answer: Answering = () => {
    events++;
    if (events > 2) return undefined;
    return found({ method: "", url: "" });
  };
  const { exit, io } = await runV2(["--no-sync", "exec-watch", "-r", "/a", "--", "cmd", "x"], answer, {
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
