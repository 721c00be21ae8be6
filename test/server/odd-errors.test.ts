// What a handler throws ends the call, whatever it is, and the server lives.
import { connect } from "../../src/client/library/client";
import { backgroundClock } from "../../src/clock";
import { KVService } from "../../src/proto/gen/etcdserverpb";
import { parseUrls } from "../../src/server/cluster/urls";
import { guardedClock, guardedReport } from "../../src/server/guarded-clock";
import type { HttpState } from "../../src/server/http/health";
import { listen } from "../../src/server/http/listener";
import { inProcessTransport } from "../../src/server/rpc/in-process-transport";
import { ServerMetrics } from "../../src/server/metrics/server-metrics";
import { TurnBudget } from "../../src/server/mvcc/turn-budget";
import { routesOf } from "../../src/server/rpc/routes";
import { httpRequest } from "../support/http-request";
import { ManualClock } from "../support/manual-clock";
import { rangeRequest } from "../support/requests";

const unreadable = "an error whose text cannot be read";

/** An error with a getter that throws. */
function withThrowingMessage(): Error {
  return Object.defineProperty(new Error(), "message", {
    get: () => {
      throw new Error("the getter threw");
    },
  });
}

function stackOverflow(): never {
  return stackOverflow();
}

const oddErrors: [name: string, make: () => unknown, text: string][] = [
  ["undefined", () => undefined, "undefined"],
  ["null", () => null, "null"],
  ["a string", () => "odd\nstring ü", "odd\nstring ü"],
  ["a number", () => 7, "7"],
  ["a symbol", () => Symbol("odd"), "Symbol(odd)"],
  ["an object without a prototype", () => Object.create(null) as unknown, unreadable],
  [
    "an object that throws as text",
    () => ({
      toString: () => {
        throw new Error("toString threw");
      },
    }),
    unreadable,
  ],
  ["an error with a getter that throws", withThrowingMessage, unreadable],
  ["an error with a message that is no text", () => Object.assign(new Error(), { message: 7n }), "7"],
  ["an error with a message of a megabyte", () => new Error("x".repeat(1 << 20)), "x".repeat(8192)],
  [
    "a stack overflow",
    () => {
      try {
        return stackOverflow();
      } catch (error) {
        return error;
      }
    },
    "Maximum call stack size exceeded",
  ],
];

describe.each(oddErrors)("a handler that throws %s", (_name, make, text) => {
  test.each(["at once", "later"])("%s fails the call over gRPC, JSON and in-process.", async (when) => {
    const fail = (): never => {
      throw make();
    };
    let calls = 0;
    const handler = (): never => {
      calls++;
      if (when === "at once") return fail();
      return Promise.resolve().then(fail) as never;
    };
    const routes = new Map(
      routesOf(KVService, {
        range: handler,
        put: () => ({ header: undefined, prevKv: undefined }),
      }),
    );
    const [url] = parseUrls(["http://127.0.0.1:0"]);
    if (url === undefined) throw new Error("no URL");
    const listener = await listen([url], {
      routes,
      maxReceiveBytes: 1 << 20,
      turn: new TurnBudget(),
      deadlineClock: backgroundClock,
      traffic: new ServerMetrics(),
      http: { usesCommonNames: () => false } as HttpState,
    });
    const endpoint = listener.urls[0]?.text ?? "";
    const client = await connect({ endpoints: [endpoint] });
    const inProcess = inProcessTransport(routes);
    try {
      const failed = { desc: text };
      await expect(client.kv.range({ key: "a" })).rejects.toMatchObject(failed);
      await expect(
        inProcess.unary(KVService.range, rangeRequest("a"), { deadlineAt: Date.now() + 60_000 }),
      ).rejects.toMatchObject(failed);
      const { status, body } = await httpRequest({
        url: `${endpoint}/v3/kv/range`,
        method: "POST",
        body: "{}",
      });
      expect([status, (JSON.parse(body.toString()) as { message: string }).message]).toEqual([500, text]);
      expect(calls).toBe(3);
      await expect(client.kv.put({ key: "a" })).resolves.toBeDefined();
    } finally {
      await client.close();
      await listener.close(AbortSignal.abort());
    }
  });

  test("in a timer is reported, and a report that throws ends there.", () => {
    const clock = new ManualClock();
    const reported: unknown[] = [];
    const report = guardedReport((error) => {
      reported.push(error);
      throw new Error("the report threw");
    });
    guardedClock(clock, report).setTimeout(() => {
      throw make();
    }, 10);
    expect(() => clock.advance(10)).not.toThrow();
    expect(reported).toHaveLength(1);
  });
});
