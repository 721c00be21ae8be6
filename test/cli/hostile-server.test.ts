// etcdctl against a server that answers with absurd numbers, URLs and texts: no command hangs, and no text is obeyed.
import { EtcdError, StatusCode } from "../../src/errors";
import {
  ClusterService,
  KVService,
  LeaseGrantResponse,
  LeaseKeepAliveResponse,
  LeaseService,
  LeaseTimeToLiveResponse,
  MaintenanceService,
  MemberListResponse,
  RangeResponse,
  ResponseHeader,
  SnapshotResponse,
  StatusResponse,
  WatchResponse,
  WatchService,
} from "../../src/proto/gen/etcdserverpb";
import { Event, KeyValue } from "../../src/proto/gen/mvccpb";
import { encode, type MessageType } from "../../src/proto/message";
import { backgroundClock } from "../../src/clock";
import { parseUrls, type ServerUrl } from "../../src/server/cluster/urls";
import type { HttpState } from "../../src/server/http/health";
import { listen, type Listener } from "../../src/server/http/listener";
import { ServerMetrics } from "../../src/server/metrics/server-metrics";
import { TurnBudget } from "../../src/server/mvcc/turn-budget";
import { routesOf, type Route } from "../../src/server/rpc/routes";
import { runMain } from "../support/run-main";

const header = ResponseHeader.create({ clusterId: 1n, memberId: 2n, revision: 5n, raftTerm: 2n });
const evil = "evil\x1b[2J\x07\u202e\nhint: forged \x9b31m";
const maxInt64 = 2n ** 63n - 1n;

let listener: Listener | undefined;
afterEach(() => listener?.close(AbortSignal.abort()));

type Handlers = readonly (readonly [string, Route])[];

async function serve(handlers: Handlers): Promise<string> {
  const [url] = parseUrls(["http://127.0.0.1:0"]) as [ServerUrl];
  listener = await listen([url], {
    routes: new Map(handlers),
    maxReceiveBytes: 1 << 20,
    turn: new TurnBudget(),
    deadlineClock: backgroundClock,
    traffic: new ServerMetrics(),
    http: { usesCommonNames: () => false } as HttpState,
  });
  return listener.urls[0]?.text ?? "";
}

/** Runs etcdctl against a server with these handlers. */
async function etcdctl(words: readonly string[], handlers: Handlers) {
  return runMain(["--endpoints", await serve(handlers), ...words]);
}

const leases = (...ttls: bigint[]) =>
  routesOf(LeaseService, {
    leaseGrant: () => LeaseGrantResponse.create({ header, ID: -1n, TTL: ttls[0] ?? 0n }),
    leaseTimeToLive: () =>
      LeaseTimeToLiveResponse.create({ header, ID: -1n, TTL: ttls[0] ?? 0n, grantedTTL: ttls[0] ?? 0n }),
    async *leaseKeepAlive(requests) {
      for await (const { ID } of requests) {
        for (const TTL of ttls) yield LeaseKeepAliveResponse.create({ header, ID, TTL });
      }
    },
  });

const members = (clientURLs: string[]) =>
  routesOf(ClusterService, {
    memberList: () =>
      MemberListResponse.create({
        header,
        members: [{ ID: 2n, name: evil, peerURLs: [], clientURLs, isLearner: false }],
      }),
  });

describe("a server with absurd TTLs", () => {
  test.each([maxInt64, -maxInt64 - 1n, 0n])("TTL %d of a lease is printed as in Go.", async (ttl) => {
    const granted = await etcdctl(["lease", "grant", "5"], leases(ttl));
    expect(granted.stdout).toBe(`lease -000000000000001 granted with TTL(${ttl}s)\n`);
  });

  test("keep-alive takes the longest TTL, and ends at one below 0.", async () => {
    const { stdout, exit } = await etcdctl(["lease", "keep-alive", "7"], leases(maxInt64, -5n));
    expect(stdout).toBe(
      `lease 0000000000000007 keepalived with TTL(${maxInt64})\nlease 0000000000000007 expired or revoked.\n`,
    );
    expect(exit).toBe(0);
  });

  test("A lock whose lease has no time left is lost at once, whatever the number is.", async () => {
    for (const ttl of [0n, -1n, -maxInt64 - 1n]) {
      const { exit, stderr } = await etcdctl(["lock", "name", "--", "true"], leases(ttl));
      expect(stderr).toContain("Error: mutex: session is expired\n");
      expect(exit).toBe(1);
      await listener?.close(AbortSignal.abort());
    }
  });
});

test("Every odd URL of a member is an endpoint that fails with its reason, on one line.", async () => {
  const odd = [
    "",
    "http://",
    "http://[::",
    "http://127.0.0.1:99999",
    "http://%zz:x",
    "\x1b[2J",
    "::::",
    "a\nb",
  ];
  const words = (what: string) => ["endpoint", what, "--cluster", "--command-timeout", "2s"];
  const endpoint = await serve(members(odd));
  const runs = ["health", "status", "hashkv"].map((what) =>
    runMain(["--endpoints", endpoint, ...words(what)]),
  );
  for (const { exit, stderr } of await Promise.all(runs)) {
    expect(exit).toBe(1);
    const hints = stderr.split("\n").filter((line) => line.startsWith("hint: "));
    expect(hints).toHaveLength(odd.length);
    expect(hints.join("")).toContain(String.raw`\x1b[2J`);
    expect(hints.join("")).not.toContain("\x1b");
  }
});

describe("a response that is no message is an error of the call", () => {
  /** Writes bytes that are no field before the last key. */
  const damaged = <T>(type: MessageType<T>): MessageType<T> => ({
    ...type,
    write(writer, message) {
      const bytes = encode(type, message);
      const at = bytes.indexOf("last key");
      writer.raw(at < 0 ? bytes : bytes.fill(0xff, at - 2, at));
    },
  });
  const kvs = Array.from({ length: 2000 }, (_, i) =>
    KeyValue.create({ key: Buffer.from(i === 1999 ? "last key" : `key ${i}`), modRevision: 5n }),
  );
  const { range: rangeMethod } = KVService;
  const range = routesOf(
    { range: { ...rangeMethod, response: damaged(rangeMethod.response) } },
    { range: () => RangeResponse.create({ header, kvs, count: 2000n }) },
  );

  test.each([[["get", "key"]], [["get", "key", "-w", "json"]], [["get", "key", "--prefix"]]])(
    "%j",
    async (words) => {
      const { exit, stderr } = await etcdctl(words, range);
      expect(stderr).toMatch(
        /^Error: .*code = Internal desc = grpc: failed to unmarshal the received message: protobuf: .+$/m,
      );
      expect(exit).toBe(1);
    },
  );

  test("which a watch answers with another stream, as in Go", async () => {
    let streams = 0;
    const { watch: method } = WatchService;
    const watch = routesOf(
      { watch: { ...method, response: damaged(method.response) } },
      {
        async *watch() {
          streams++;
          await Promise.resolve();
          yield WatchResponse.create({ header, created: true });
          if (streams === 1)
            yield WatchResponse.create({ header, events: kvs.map((kv) => Event.create({ kv })) });
          else yield WatchResponse.create({ header, canceled: true, cancelReason: "the second stream" });
        },
      },
    );
    const { exit, stderr } = await etcdctl(["watch", "key", "--prefix", "--rev=1"], watch);
    expect({ exit, streams }).toEqual({ exit: 5, streams: 2 });
    expect(stderr).toContain("the second stream");
  });
});

describe("the text of a server is escaped where it is not Go's line", () => {
  const failing = () => {
    throw new EtcdError(StatusCode.Internal, evil, false);
  };

  test("in what --debug adds", async () => {
    const { stderr } = await etcdctl(["--debug", "get", "k"], routesOf(KVService, { range: failing }));
    expect(stderr).toContain(String.raw`attempt 1: rpc error: code = Internal desc = evil\x1b[2J\x07`);
    const [ours, goes] = stderr.split("\nError: ");
    expect(ours).not.toContain("\x1b");
    expect(goes).toContain(evil);
  });

  test("in hints", async () => {
    const { stderr } = await etcdctl(["member", "remove", "x"], members([]));
    expect(stderr).toContain(String.raw`hint: no member has this ID or name; the members are 2 (evil\x1b[2J`);
    expect(stderr.match(/^hint: /gm)).toHaveLength(1);
  });

  test("in the version of a snapshot on stdout", async () => {
    const { stderr } = await etcdctl(
      ["snapshot", "save", "-"],
      routesOf(MaintenanceService, {
        status: () => StatusResponse.create({ header }),
        snapshot: async function* () {
          await Promise.resolve();
          // A database without pages and its SHA-256.
          const hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
          yield SnapshotResponse.create({ blob: Buffer.from(hash, "hex"), version: evil });
        },
      }),
    );
    expect(stderr).toContain(String.raw`Server version evil\x1b[2J\x07\u202e\x0ahint: forged \x9b31m`);
  });
});
