// What lock and elect have in common: a session, the wait for one's turn, and the end of both on a signal. While they run
// all signals are theirs: the first one ends the waiting, the end gives back what is held. Knows no command.
import type { EtcdClient } from "../client/client";
import { release as releaseKey } from "../client/concurrency/mutex";
import type { Session } from "../client/concurrency/session";
import { openSession } from "../client/concurrency/session";
import type { RetryOptions } from "../client/retry";
import { CliError, ExitCode } from "../errors";
import type { Signal } from "../io";
import type { Printer } from "../output/printer";
import type { RangeResponse } from "../proto/gen/etcdserverpb";
import { ResponseHeader } from "../proto/gen/etcdserverpb";
import type { CommandContext } from "./command";

export interface LeaseSession {
  readonly session: Session;
  /** Aborted by the first signal. */
  readonly stop: AbortSignal;
  /** Who gets the signals instead, as long as there is someone. */
  handOn: ((signal: Signal) => void) | undefined;
  /** Ends with a signal or with the session. */
  readonly patience: RetryOptions & { readonly signal: AbortSignal };
}

export interface LeaseSessionOptions {
  readonly client: EtcdClient;
  readonly name: string;
  readonly ttlSeconds: bigint;
}

/**
 * Runs `use` with a session, and takes back in every case what it has claimed by the name; `release` does that earlier
 * and says whether it was still there. From then on Ctrl-C ends the program again.
 */
export async function withLeaseSession<T>(
  context: Pick<CommandContext, "io" | "call" | "longCall">,
  { client, name, ttlSeconds }: LeaseSessionOptions,
  use: (hold: LeaseSession, release: () => Promise<boolean>) => Promise<T>,
): Promise<T> {
  const { io } = context;
  const call = () => context.call();
  const { deadlineAt } = context.longCall();
  const patienceMs = deadlineAt === undefined ? undefined : deadlineAt - io.clock.now();
  const session = await openSession(client.lease, {
    ttlSeconds,
    clock: io.clock,
    callOptions: call,
    grantTimeoutMs: patienceMs,
  });
  const stop = new AbortController();
  const hold: LeaseSession = {
    session,
    stop: stop.signal,
    handOn: undefined,
    patience: { clock: io.clock, callOptions: call, signal: AbortSignal.any([stop.signal, session.lost]) },
  };
  const giveBack = io.takeSignals((signal) => (hold.handOn ? hold.handOn(signal) : stop.abort()));
  let releasing: Promise<boolean> | undefined;
  const release = (): Promise<boolean> => (releasing ??= releaseOnce());
  async function releaseOnce(): Promise<boolean> {
    giveBack();
    if (session.lost.aborted) return false;
    const signal = AbortSignal.any([io.interrupt, session.lost]);
    try {
      return await releaseKey(
        client,
        { name, leaseId: session.leaseId },
        { clock: io.clock, callOptions: call, signal },
      );
    } catch (error) {
      // Nobody has answered for as long as the lease may live: it is free by now.
      if (session.lost.aborted && !io.interrupt.aborted) return true;
      throw error;
    } finally {
      session.end();
    }
  }
  let result: T;
  try {
    result = await use(hold, release);
  } catch (error) {
    // The first failure is what there is to tell.
    await release().catch(() => undefined);
    throw error;
  }
  await release();
  return result;
}

/** Resolves at the first signal; rejects when the session is lost before it. */
export function untilStopped({ stop, session: { lost } }: LeaseSession, lostText: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (): void => reject(lostError(lostText, lost));
    if (lost.aborted) return fail();
    if (stop.aborted) return resolve();
    lost.addEventListener("abort", fail, { once: true });
    stop.addEventListener("abort", () => resolve(), { once: true });
  });
}

export function lostError(text: string, lost: AbortSignal): CliError {
  return new CliError(ExitCode.error, text, { hints: [`the lease is lost: ${lostReason(lost)}`] });
}

export function lostReason({ reason }: AbortSignal): string {
  return reason instanceof Error ? reason.message : String(reason);
}

// A whole range answer in the chosen format. Knows only the printer.

export function printedRange(printer: Printer, answer: RangeResponse): Uint8Array {
  const range = printer.range({ countOnly: false, valueOnly: false });
  return Buffer.concat([
    range.begin(answer.header ?? ResponseHeader.create()),
    range.kvs(answer.kvs),
    range.end(answer),
  ]);
}
