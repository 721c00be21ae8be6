// Time as a value: every part that waits gets a Clock, so tests control time. The real clocks take Node's functions when this
// file loads. A test framework that fakes setTimeout, Date or hrtime later does not stop a server or client in its process.
import { hrtime, nextTick as nodesNextTick } from "node:process";
import { clearTimeout, setTimeout } from "node:timers";

/** The longest delay that Node's timers take. */
export const longestTimerMs = 2 ** 31 - 1;

/** The time that deadlines, retries and leases follow. Tests pass one that they move by hand. Default: the system's time. */
export interface Clock {
  /** The current time in milliseconds since the Unix epoch. May jump when the system's time is set. */
  now(): number;
  /** Nanoseconds since some fixed moment. Never goes back, so the difference of two values is a duration. */
  monotonicNs(): bigint;
  /** Calls `callback` once after `delayMs` milliseconds, unless it is canceled before. At most 2^31 - 1 (24.8 days). */
  setTimeout(callback: () => void, delayMs: number): { cancel(): void };
}

/** process.nextTick, also under faked timers. */
export const nextTick = nodesNextTick;

const monotonicNs = hrtime.bigint;
const startNs = monotonicNs();
/** Read after `startNs`, and rounded up: now() must not be earlier than Date.now(), with which callers make deadlines. */
const startMs = Date.now() + 1;

/** Timers keep the process alive: for work that a caller waits for. */
export const systemClock: Clock = clockOf(true);

/** Timers do not keep the process alive: for events that may never come, such as the end of a lease. */
export const backgroundClock: Clock = clockOf(false);

function clockOf(holdsProcess: boolean): Clock {
  return {
    // Not with `performance`, which takes a millisecond to load.
    now: () => startMs + Number((monotonicNs() - startNs) / 1_000_000n),
    monotonicNs: () => monotonicNs(),
    setTimeout(callback, delayMs) {
      const timer = setTimeout(callback, Math.max(0, delayMs));
      if (!holdsProcess) timer.unref();
      return { cancel: () => clearTimeout(timer) };
    },
  };
}

/** Waits on the clock. Resolves early, without an error, when the signal is aborted. */
export async function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return;
  await new Promise<void>((resolve) => {
    const timer = clock.setTimeout(end, Math.min(delayMs, longestTimerMs));
    function end() {
      timer.cancel();
      signal?.removeEventListener("abort", end);
      resolve();
    }
    signal?.addEventListener("abort", end);
  });
}

const callbacksOf = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Runs `callback` when the signal is aborted. Returns a function that removes the callback. All callbacks of one signal
 * share one listener: parallel calls share their caller's signal, and Node warns about more than ten listeners.
 */
export function addAbortListener(signal: AbortSignal, callback: () => void): () => void {
  const callbacks = callbacksOf.get(signal) ?? listenTo(signal);
  callbacks.add(callback);
  return () => callbacks.delete(callback);
}

/** A signal that follows others, until `release` is called. */
export interface LinkedSignal {
  readonly signal: AbortSignal;
  release(): void;
}

/**
 * A signal that is aborted with the first of `signals`. Of AbortSignal.any, something stays with each source until the source
 * is gone, which adds up at one that lives as long as the program: here nothing stays after `release`.
 */
export function firstAborted(...signals: readonly (AbortSignal | undefined)[]): LinkedSignal {
  const controller = new AbortController();
  const given = signals.filter((signal) => signal !== undefined);
  const aborted = given.find((signal) => signal.aborted);
  if (aborted !== undefined) controller.abort(aborted.reason);
  const forget = given.map((signal) => addAbortListener(signal, () => controller.abort(signal.reason)));
  return {
    signal: controller.signal,
    release() {
      for (const each of forget) each();
    },
  };
}

function listenTo(signal: AbortSignal): Set<() => void> {
  const callbacks = new Set<() => void>();
  callbacksOf.set(signal, callbacks);
  const abort = () => {
    for (const callback of [...callbacks]) callback();
    callbacks.clear();
  };
  signal.addEventListener("abort", abort, { once: true });
  return callbacks;
}
