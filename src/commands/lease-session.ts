// What lock and elect share: a lease session, the signals while the session lasts, and the output of a key.
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

/** A lease session and the signals that the process receives while the session lasts. */
export interface SessionScope {
  readonly session: Session;
  /** Aborted by the first signal. */
  readonly interrupted: AbortSignal;
  /** If set, it receives the signals and `interrupted` is not aborted. */
  forwardSignal: ((signal: Signal) => void) | undefined;
  /** Retries end with a signal or with the session. */
  readonly retry: RetryOptions & { readonly signal: AbortSignal };
}

export interface LeaseSessionOptions {
  readonly client: EtcdClient;
  readonly name: string;
  readonly ttlSeconds: bigint;
}

/**
 * Runs `use` with a lease session, and afterwards always deletes the key NAME/leaseID. `use` may delete it earlier with
 * `release`, which returns whether the key still existed. After the release, Ctrl-C ends the program again.
 */
export async function withLeaseSession<T>(
  context: Pick<CommandContext, "io" | "call" | "longCall">,
  { client, name, ttlSeconds }: LeaseSessionOptions,
  use: (scope: SessionScope, release: () => Promise<boolean>) => Promise<T>,
): Promise<T> {
  const { io } = context;
  const callOptions = () => context.call();
  const { deadlineAt } = context.longCall();
  const grantTimeoutMs = deadlineAt === undefined ? undefined : deadlineAt - io.clock.now();
  const session = await openSession(client.lease, {
    ttlSeconds,
    clock: io.clock,
    callOptions,
    grantTimeoutMs,
  });
  const interrupted = new AbortController();
  const scope: SessionScope = {
    session,
    interrupted: interrupted.signal,
    forwardSignal: undefined,
    retry: { clock: io.clock, callOptions, signal: AbortSignal.any([interrupted.signal, session.lost]) },
  };
  const restoreSignals = io.takeSignals((signal) =>
    scope.forwardSignal ? scope.forwardSignal(signal) : interrupted.abort(),
  );
  let releasing: Promise<boolean> | undefined;
  const release = (): Promise<boolean> => (releasing ??= releaseOnce());
  async function releaseOnce(): Promise<boolean> {
    restoreSignals();
    if (session.lost.aborted) return false;
    const signal = AbortSignal.any([io.interrupt, session.lost]);
    try {
      const key = { name, leaseId: session.leaseId };
      return await releaseKey(client, key, { clock: io.clock, callOptions, signal });
    } catch (error) {
      // No member responded until the TTL had passed: the key is gone with its lease.
      if (session.lost.aborted && !io.interrupt.aborted) return true;
      throw error;
    } finally {
      session.end();
    }
  }
  let result: T;
  try {
    result = await use(scope, release);
  } catch (error) {
    // The first failure is the one to report.
    await release().catch(() => undefined);
    throw error;
  }
  await release();
  return result;
}

/** Resolves at the first signal. Rejects if the session is lost before it. */
export function waitUntilInterrupted(
  { interrupted, session: { lost } }: SessionScope,
  lostText: string,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (): void => reject(sessionLostError(lostText, lost));
    if (lost.aborted) return fail();
    if (interrupted.aborted) return resolve();
    lost.addEventListener("abort", fail, { once: true });
    interrupted.addEventListener("abort", () => resolve(), { once: true });
  });
}

export function sessionLostError(text: string, lost: AbortSignal): CliError {
  return new CliError(ExitCode.error, text, { hints: [`the lease is lost: ${sessionLostReason(lost)}`] });
}

export function sessionLostReason({ reason }: AbortSignal): string {
  return reason instanceof Error ? reason.message : String(reason);
}

/** A whole range response in the chosen output format. */
export function formatRange(printer: Printer, response: RangeResponse): Uint8Array {
  const range = printer.range({ countOnly: false, valueOnly: false });
  return Buffer.concat([
    range.begin(response.header ?? ResponseHeader.create()),
    range.kvs(response.kvs),
    range.end(response),
  ]);
}
