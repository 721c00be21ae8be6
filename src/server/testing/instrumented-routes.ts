// The routes of a server for tests: they note each request, let faults happen, and lead to the server that is current, which
// reset() replaces. A server that `serve` starts uses plain routes.
import { encode, type AnyMethod } from "../../proto/message";
import type { Clock } from "../../clock";
import { findRoute, type Route, type Routes, type ServerCall } from "../rpc/routes";
import type { Faults } from "./faults";
import { methodName } from "./method-names";
import type { OpenCalls } from "./open-calls";
import type { RequestLog } from "./request-log";

export interface Instruments {
  readonly clock: Clock;
  readonly requests: RequestLog;
  readonly calls: OpenCalls;
  readonly faults: Faults;
}

/** `current` returns the routes that calls which begin now are passed to. Its table always has the same methods. */
export function instrumentedRoutes(current: () => Routes, instruments: Instruments): Routes {
  return new Map(
    [...current()].map(([path, { method, handler }]): [string, Route] => {
      if (handler === undefined) return [path, { method, handler }];
      const latest: Handler = (request, call) => findRoute(current(), path).handler(request, call) as unknown;
      return [path, { method, handler: instrument(method, latest, instruments) }];
    }),
  );
}

type Handler = (request: unknown, call: ServerCall) => unknown;

function instrument(method: AnyMethod, handler: Handler, instruments: Instruments): Handler {
  const name = methodName(method.path);
  const { faults, calls } = instruments;
  const note = (request: unknown, call: ServerCall, sizeBytes: number) => {
    const at = instruments.clock.now();
    instruments.requests.add(
      { method: name, request: request as Readonly<Record<string, unknown>>, at, metadata: call.metadata },
      sizeBytes,
    );
  };
  if (method.kind === "unary") {
    return (request, call) => {
      note(request, call, call.requestSizeBytes);
      const effects = faults.take(name, request, call);
      const run = () => handler(request, call);
      const result = effects === undefined ? run() : faults.around(effects, call, run);
      return result instanceof Promise ? calls.begin(name, call).unary(result) : result;
    };
  }
  const start = async function* (request: unknown, call: ServerCall): AsyncGenerator<unknown> {
    const effects = faults.take(name, request, call);
    const run = () => handler(request, call) as AsyncIterable<unknown>;
    // As a stream has no one moment "after", its faults happen before it.
    const early = effects?.map((each) => ({ ...each, when: "before" as const }));
    yield* early === undefined ? run() : await faults.around(early, call, run);
  };
  return (request, call) => {
    const noted = method.kind === "duplex" ? eachNoted(request as AsyncIterable<unknown>) : request;
    if (method.kind !== "duplex") note(request, call, call.requestSizeBytes);
    return calls.begin(name, call).stream(start(noted, call));

    async function* eachNoted(requests: AsyncIterable<unknown>): AsyncGenerator<unknown> {
      for await (const each of requests) {
        note(each, call, encode(method.request, each).length);
        yield each;
      }
    }
  };
}
