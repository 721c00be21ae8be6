// `lock NAME [COMMAND…]`: holds a lock while a command runs, or until Ctrl-C. Key NAME/leaseID is attached to the lease of the
// session. A release deletes the key only if it is still attached to that lease.
// Go: etcdctl/ctlv3/command/lock_command.go, client/v3/concurrency/mutex.go.
import type { FlagTable, FlagValues } from "../input/flags";
import type { EtcdClient } from "../client/client";
import { rangeWithRetry, tryAcquire, waitDeletes } from "../client/concurrency/mutex";
import { badArgs, CliError, ExitCode } from "../errors";
import { formatDuration } from "../go/units";
import { exitText } from "../go/os";
import { writeHints } from "../hints";
import type { ChildEnd, ChildProcess, Io } from "../io";
import { StartFailure } from "../io";
import { RangeRequest } from "../proto/gen/etcdserverpb";
import { defineCommand } from "./command";
import type { SessionScope } from "./lease-session";
import {
  sessionLostError,
  sessionLostReason,
  formatRange,
  waitUntilInterrupted,
  withLeaseSession,
} from "./lease-session";

/** The first one is the default. */
const onLostValues = ["tell", "kill"] as const;

const lockFlags = {
  ttl: { kind: "int64", default: 10n, usage: "seconds until the lock is free after its holder has crashed" },
  try: { kind: "bool", default: false, usage: "do not wait: exit with code 75 if the lock is held" },
  timeout: {
    kind: "duration",
    default: 0,
    usage: "exit with code 75 if the lock is still held after this time; 0: no limit",
  },
  "on-lost": {
    kind: "string",
    default: onLostValues[0],
    values: onLostValues,
    usage: "tell: print a hint if the lock is lost while COMMAND runs; kill: also end COMMAND",
  },
} as const satisfies FlagTable;

type LockFlags = FlagValues<typeof lockFlags>;

/** EX_TEMPFAIL of sysexits.h: "temporary failure, try again". No exit code of Go's etcdctl is equal to it. */
const lockedExitCode = 75;
const defaultTtlSeconds = 60n;

export const command = defineCommand({
  flags: lockFlags,
  async run(context, [name, ...argv], flags) {
    if (name === undefined) {
      throw badArgs("lock takes a lock name argument and an optional command to execute");
    }
    if (!onLostValues.some((value) => value === flags["on-lost"])) {
      throw badArgs(`--on-lost must be ${onLostValues.join(" or ")}, not ${flags["on-lost"]}`);
    }
    const { client, printer } = await context.connect();
    const { io } = context;
    const ttlSeconds = flags.ttl > 0n ? flags.ttl : defaultTtlSeconds;
    return withLeaseSession(context, { client, name, ttlSeconds }, async (scope, release) => {
      const lock = await acquire(client, name, scope, flags);
      if (argv.length > 0) {
        return runLocked({
          io,
          argv,
          scope,
          release,
          name,
          ...lock,
          killOnLost: flags["on-lost"] === "kill",
        });
      }
      const response = await rangeWithRetry(client, RangeRequest.create({ key: lock.key }), scope.retry);
      if (response.kvs.length === 0) throw new CliError(ExitCode.error, "lock lost on init");
      await io.stdout.write(formatRange(printer, response));
      await waitUntilInterrupted(scope, "session expired");
      return 0;
    });
  },
});

async function acquire(
  client: EtcdClient,
  name: string,
  { session, retry }: SessionScope,
  flags: LockFlags,
): Promise<{ key: Uint8Array; revision: bigint }> {
  const timedOut = new AbortController();
  const timer = flags.timeout > 0 ? retry.clock.setTimeout(() => timedOut.abort(), flags.timeout) : undefined;
  const options = { ...retry, signal: AbortSignal.any([retry.signal, timedOut.signal]) };
  try {
    const acquired = await tryAcquire(client, { name, leaseId: session.leaseId }, options);
    if (acquired.isAcquired) return acquired;
    if (flags.try) throw lockedError("mutex: Locked by another session");
    await waitDeletes(client, acquired, options);
    const { kvs, header } = await rangeWithRetry(client, RangeRequest.create({ key: acquired.key }), options);
    if (kvs.length === 0) throw new CliError(ExitCode.error, "mutex: session is expired");
    return { key: acquired.key, revision: header?.revision ?? 0n };
  } catch (error) {
    if (session.lost.aborted) throw sessionLostError("mutex: session is expired", session.lost);
    if (!timedOut.signal.aborted) throw error;
    const waited = formatDuration(BigInt(flags.timeout) * 1_000_000n);
    throw lockedError(`mutex: Locked by another session, still after ${waited}`);
  } finally {
    timer?.cancel();
  }
}

function lockedError(text: string): CliError {
  return new CliError(lockedExitCode, text);
}

interface LockedCommand {
  readonly io: Io;
  readonly argv: readonly string[];
  readonly scope: SessionScope;
  /** Releases the lock; false if it was lost before. */
  readonly release: () => Promise<boolean>;
  readonly name: string;
  readonly key: Uint8Array;
  readonly revision: bigint;
  readonly killOnLost: boolean;
}

/** The time between SIGTERM and SIGKILL for the command. */
const graceMs = 5000;
/** Go exits with -1 if a signal has ended the command; the shell shows 255. */
const signalledExitCode = 255;

/**
 * Runs a command while the lock is held. The command gets the stdin, the stdout and the signals of this process, and its exit code
 * becomes the exit code of `lock`. If the lock was lost before the command ended with 0, the exit code is 1.
 * Go: lockUntilSignal in etcdctl/ctlv3/command/lock_command.go.
 */
async function runLocked(locked: LockedCommand): Promise<number> {
  const { io, scope, release, name, killOnLost } = locked;
  if (scope.interrupted.aborted) throw new CliError(ExitCode.error, "context canceled");
  const { lost } = scope.session;
  const child = await start(locked);
  scope.forwardSignal = (signal) => {
    // A terminal sends Ctrl-C to the command too.
    if (signal !== "SIGINT" || !io.stdin.isTTY) child.kill(signal);
  };
  const ended = await endOf(child, locked);
  scope.forwardSignal = undefined;
  const isExpired = lost.aborted;
  const wasHeld = await release();
  if (isExpired && killOnLost)
    throw sessionLostError(`session expired (the command: ${exitText(ended)})`, lost);
  const exitCode = exitCodeOf(ended);
  const hints =
    wasHeld || isExpired ? [] : [`the lock ${name} was lost before the command ended: its key is deleted`];
  if (exitCode !== 0) throw new CliError(exitCode, exitText(ended), { hints });
  if (isExpired) throw new CliError(ExitCode.error, "session expired");
  if (!wasHeld) throw new CliError(ExitCode.error, "mutex: lock has already been released", { hints });
  return 0;
}

async function start({ io, argv, key, revision }: LockedCommand): Promise<ChildProcess> {
  // Inside another `lock`, the variables of the outer lock stay, as in Go.
  const { ETCD_LOCK_KEY = Buffer.from(key).toString(), ETCD_LOCK_REV = String(revision) } = io.env;
  try {
    return await io.startChild(argv, { stdin: true, env: { ETCD_LOCK_KEY, ETCD_LOCK_REV } });
  } catch (error) {
    if (!(error instanceof StartFailure)) throw error;
    throw new CliError(ExitCode.error, error.message, { cause: error });
  }
}

async function endOf(child: ChildProcess, { io, scope, name, killOnLost }: LockedCommand): Promise<ChildEnd> {
  const { lost } = scope.session;
  let ending: Promise<void> | undefined;
  const onLost = (): void => {
    const consequence = killOnLost
      ? "ending the command"
      : "the command keeps running without the lock (use --on-lost=kill to end it)";
    void writeHints([`the lock ${name} is lost: ${sessionLostReason(lost)}; ${consequence}`], io).catch(
      () => undefined,
    );
    if (killOnLost) ending = child.endAll(graceMs);
  };
  if (lost.aborted) onLost();
  else lost.addEventListener("abort", onLost);
  const ended = await child.ended;
  lost.removeEventListener("abort", onLost);
  await ending;
  return ended;
}

function exitCodeOf(ended: ChildEnd): number {
  return "exitCode" in ended ? ended.exitCode : signalledExitCode;
}
