// Faults that a test asks the server for: late answers, errors, lost connections, a lost leader. Each can be limited to
// methods, to a number of calls and to a time on the server's clock.
import { EtcdError, StatusCode } from "../../errors";
import { errorFromStatus, serverError, serverErrors, type ServerErrorName } from "../../etcd/error-table";
import { checkOptions, type OptionTable } from "../../client/library/options";
import { didYouMean } from "../../client/library/nearest";
import { sleep, type Clock } from "../../clock";
import { isReadOnlyTxn } from "../../etcd/methods";
import type { TxnRequest } from "../../proto/gen/etcdserverpb";
import { txnCost } from "../member/costs";
import type { ServerCall } from "../rpc/routes";
import { needsLeader, requiresLeader } from "./leadership";
import { selectMethods, type MethodSelector } from "./method-names";
import type { OpenCalls } from "./open-calls";

/** Which calls a fault concerns. Without an option it concerns all calls until it is cleared. */
export interface FaultOptions {
  /** Methods (`kv.put`) or services (`kv`). Default: all methods. */
  readonly methods?: MethodSelector | readonly MethodSelector[] | undefined;
  /** The fault ends after this number of calls. Default: no limit. */
  readonly count?: number | undefined;
  /** The fault ends after this time in milliseconds on the server's clock. Default: no limit. */
  readonly forMs?: number | undefined;
}

/** Options of `faults.delay`. */
export interface DelayOptions extends FaultOptions {
  /** How long each call waits before the server looks at it, in milliseconds on the server's clock. */
  readonly ms: number;
}

/** When a fault happens: before the server looks at the call, or after it has carried out the call. */
export type FaultMoment = "before" | "after";

/** Options of `faults.dropConnections`. */
export interface DropOptions extends FaultOptions {
  /** With `after`, the server carries out the call, and the client does not learn about it. Default: `before`. */
  readonly when?: FaultMoment | undefined;
}

/** Options of `faults.fail`. */
export interface FailOptions extends DropOptions {
  /**
   * The name of an error of etcd, such as `leaderChanged` or `timeout`, or a code and a message. Default: Unavailable,
   * `etcdserver: request timed out`.
   */
  readonly error?: ServerErrorName | { readonly code: StatusCode; readonly message: string } | undefined;
}

/** A fault that a test has asked for. */
export interface Fault {
  /** How many calls it has concerned. */
  readonly hits: number;
  /** Ends this fault. */
  clear(): void;
}

const faultTable = { methods: "any", count: "count", forMs: "duration" } as const;
const cutTable = { count: "count", forMs: "duration" } as const;
const delayTable = { ...faultTable, ms: "duration" } as const satisfies OptionTable<DelayOptions>;
const dropTable = { ...faultTable, when: ["before", "after"] } as const satisfies OptionTable<DropOptions>;
const failTable = { ...dropTable, error: "any" } as const satisfies OptionTable<FailOptions>;

type Effect =
  | { readonly does: "delay"; readonly ms: number }
  | { readonly does: "fail"; readonly error: EtcdError; readonly when: FaultMoment }
  | { readonly does: "drop"; readonly when: FaultMoment };

type Condition = (method: string, request: unknown, call: ServerCall) => boolean;

class ActiveFault implements Fault {
  hits = 0;

  constructor(
    readonly effect: Effect,
    private readonly condition: Condition,
    private readonly remove: (fault: ActiveFault) => void,
    private count: number,
  ) {}

  /** Whether the fault concerns this call. */
  take(method: string, request: unknown, call: ServerCall): boolean {
    if (!this.condition(method, request, call)) return false;
    this.hits++;
    if (--this.count <= 0) this.clear();
    return true;
  }

  clear(): void {
    this.remove(this);
  }
}

/** What the faults may do to the server. */
export interface FaultTarget {
  readonly clock: Clock;
  readonly calls: OpenCalls;
  /** Closes every connection. */
  dropConnections(): void;
  /** Makes all revisions before the present one unreadable, and cancels the watches. */
  compact(): Promise<void>;
}

/**
 * Makes the server misbehave, for tests of the client. Each function returns the fault, whose `clear()` ends it;
 * `faults.clear()` ends all. An unknown option or method is a TypeError.
 *
 * @example
 * server.faults.fail({ methods: "kv.put", error: "timeout", count: 2 });
 */
export class Faults {
  private readonly active = new Set<ActiveFault>();
  private readonly timers = new Set<{ cancel(): void }>();
  private cleared = new AbortController();

  constructor(private readonly target: FaultTarget) {}

  /** Each chosen call waits before the server looks at it. A stream waits once, at its beginning. */
  delay(options: DelayOptions): Fault {
    checkOptions("faults.delay", options, delayTable);
    if ((options as Partial<DelayOptions>).ms === undefined)
      throw new TypeError("option ms of faults.delay is missing");
    return this.add("faults.delay", options, { does: "delay", ms: options.ms });
  }

  /** Each chosen call fails with an error. A stream fails at its beginning, also with `when: "after"`. */
  fail(options: FailOptions = {}): Fault {
    checkOptions("faults.fail", options, failTable);
    const { error = "timeout" } = options;
    return this.add("faults.fail", options, {
      does: "fail",
      error: errorOf(error),
      when: options.when ?? "before",
    });
  }

  /**
   * Without options: closes all connections, once. With options: each chosen call closes its connection instead of getting
   * an answer. Calls of a client without a socket fail with Unavailable.
   */
  dropConnections(options?: DropOptions): Fault {
    if (options === undefined) {
      this.target.dropConnections();
      return noFault;
    }
    checkOptions("faults.dropConnections", options, dropTable);
    const { when = "before" } = options;
    return this.add("faults.dropConnections", options, { does: "drop", when });
  }

  /**
   * Ends all streams of watches with Unavailable, as a member does that stops. With `count` or `forMs`, streams that begin
   * later end at once too. Watches of a good client go on after it.
   */
  cutWatches(options: Omit<FaultOptions, "methods"> = {}): Fault {
    checkOptions("faults.cutWatches", options, cutTable);
    const error = serverError("stopped");
    const ended = this.target.calls.end({ error }, ({ method }) => method === "watch.watch");
    if (options.count === undefined && options.forMs === undefined) return { ...noFault, hits: ended };
    return this.add(
      "faults.cutWatches",
      { ...options, methods: "watch.watch" },
      { does: "fail", error, when: "before" },
    );
  }

  /**
   * Compacts the history at the present revision. The running watches are canceled with that reason, so their readers
   * must read the present state again. Resolves when it is done. For a single refusal use `fail({ error: "compacted" })`.
   */
  compact(): Promise<void> {
    return this.target.compact();
  }

  /**
   * Each chosen call that needs a leader fails with `etcdserver: no leader`; serializable reads go on. Without `count`, the
   * running streams of the chosen methods end too, if their clients require a leader.
   */
  noLeader(options: FaultOptions = {}): Fault {
    checkOptions("faults.noLeader", options, faultTable);
    const error = serverError("noLeader");
    const methods = selectMethods("faults.noLeader", options.methods);
    if (options.count === undefined) {
      this.target.calls.end(
        { error },
        ({ call, method }) => requiresLeader(call) && methods?.has(method) !== false,
      );
    }
    return this.add("faults.noLeader", options, { does: "fail", error, when: "before" }, needsLeader);
  }

  /**
   * Each chosen call that stores something fails with `etcdserver: mvcc: database space exceeded`. Deletes and reads go
   * on. No alarm is raised: for that, start a server with a small `limits.quotaBytes`.
   */
  quotaFull(options: FaultOptions = {}): Fault {
    checkOptions("faults.quotaFull", options, faultTable);
    const error = serverError("noSpace");
    return this.add("faults.quotaFull", options, { does: "fail", error, when: "before" }, storesSomething);
  }

  /** Ends all faults. Calls that wait because of `delay` are served now. */
  clear(): void {
    this.active.clear();
    for (const timer of this.timers) timer.cancel();
    this.timers.clear();
    this.cleared.abort();
    this.cleared = new AbortController();
  }

  /** The faults that concern this call. The server calls this for each call. */
  take(method: string, request: unknown, call: ServerCall): Effect[] | undefined {
    if (this.active.size === 0) return undefined;
    const effects: Effect[] = [];
    for (const fault of [...this.active]) {
      const isFailing = effects.some(({ does }) => does !== "delay");
      if ((isFailing && fault.effect.does !== "delay") || !fault.take(method, request, call)) continue;
      effects.push(fault.effect);
    }
    return effects.length === 0 ? undefined : effects;
  }

  /** Carries out a call with its faults. */
  async around<T>(effects: readonly Effect[], call: ServerCall, run: () => T | Promise<T>): Promise<T> {
    const over = AbortSignal.any([call.signal, this.cleared.signal]);
    for (const effect of effects)
      if (effect.does === "delay") await sleep(this.target.clock, effect.ms, over);
    const failure = effects.find(({ does }) => does !== "delay") as
      Exclude<Effect, { does: "delay" }> | undefined;
    if (failure === undefined) return run();
    if (failure.when === "after") await run();
    if (failure.does === "fail") throw failure.error;
    call.disconnect?.();
    throw connectionLost();
  }

  private add(owner: string, options: FaultOptions, effect: Effect, condition?: Condition): Fault {
    const methods = selectMethods(owner, options.methods);
    const { count = Infinity, forMs } = options;
    if (!(count > 0)) throw new RangeError(`option count of ${owner} must be more than 0: ${count}`);
    const isChosen: Condition = (method, request, call) =>
      methods?.has(method) !== false && condition?.(method, request, call) !== false;
    const fault = new ActiveFault(effect, isChosen, (each) => this.active.delete(each), count);
    this.active.add(fault);
    if (forMs !== undefined && forMs !== Infinity) {
      const timer = this.target.clock.setTimeout(() => fault.clear(), forMs);
      this.timers.add(timer);
    }
    return fault;
  }
}

const noFault: Fault = { hits: 0, clear: () => undefined };

function connectionLost(): EtcdError {
  return new EtcdError(StatusCode.Unavailable, "error reading from server: EOF", false);
}

function errorOf(error: NonNullable<FailOptions["error"]>): EtcdError {
  if (typeof error !== "string") {
    checkOptions("faults.fail", error, { code: "integer", message: "string" }, "error.");
    return errorFromStatus(error.code, error.message);
  }
  if (Object.hasOwn(serverErrors, error)) return serverError(error);
  const advice = didYouMean(error, Object.keys(serverErrors), "the errors are");
  throw new TypeError(`unknown error ${String(error)} of faults.fail; ${advice}`);
}

function storesSomething(method: string, request: unknown): boolean {
  if (method === "kv.txn") return !isReadOnlyTxn(request as TxnRequest) && txnCost(request as TxnRequest) > 0;
  return method === "kv.put" || method === "lease.leaseGrant";
}
