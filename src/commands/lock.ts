// `lock NAME [COMMAND…]`: holds a lock while a command runs, or until Ctrl-C. The lock is a key with a lease that is kept
// alive; giving it back deletes the key only while it hangs on that lease.
// Answers to etcdctl's lock_command.go and to client/v3/concurrency's mutex.go.
import type { FlagTable, FlagValues } from "../cli/flags";
import type { EtcdClient } from "../client/client";
import { rangeWithRetry, tryAcquire, waitDeletes } from "../client/concurrency/mutex";
import { badArgs, CliError, ExitCode } from "../errors";
import { formatDuration } from "../go/units";
import { exitText } from "../go/os";
import type { ChildEnd, ChildProcess, Io } from "../io";
import { StartFailure } from "../io";
import { RangeRequest } from "../proto/gen/etcdserverpb";
import { defineCommand } from "./command";
import type { LeaseSession } from "./lease-session";
import { lostError, lostReason, printedRange, untilStopped, withLeaseSession } from "./lease-session";

const lockFlags = {
  ttl: { kind: "int64", default: 10n, usage: "seconds until the lock of a process that died is free" },
  try: { kind: "bool", default: false, usage: "do not wait: if it is held, end with exit code 75" },
  timeout: {
    kind: "duration",
    default: 0,
    usage: "wait no longer: then end with exit code 75; 0 is for ever",
  },
  "on-lost": {
    kind: "string",
    default: "tell",
    values: ["tell", "kill"],
    usage: "what to do when the lock is lost while COMMAND runs",
  },
} as const satisfies FlagTable;

type LockFlags = FlagValues<typeof lockFlags>;

/** Of sysexits.h: "temporary failure, try again"; none of etcdctl's own. */
const notGotExitCode = 75;
const defaultTtlSeconds = 60n;

export const command = defineCommand({
  flags: lockFlags,
  async run(context, [name, ...argv], flags) {
    if (name === undefined) {
      throw badArgs("lock takes a lock name argument and an optional command to execute");
    }
    if (!lockFlags["on-lost"].values.some((value) => value === flags["on-lost"])) {
      throw badArgs(`--on-lost is tell or kill, not ${flags["on-lost"]}`);
    }
    const { client, printer } = await context.connect();
    const { io } = context;
    const ttlSeconds = flags.ttl > 0n ? flags.ttl : defaultTtlSeconds;
    return withLeaseSession(context, { client, name, ttlSeconds }, async (hold, release) => {
      const lock = await acquire(client, name, hold, flags);
      if (argv.length > 0) {
        return runLocked({ io, argv, hold, release, name, ...lock, kills: flags["on-lost"] === "kill" });
      }
      const answer = await rangeWithRetry(client, RangeRequest.create({ key: lock.key }), hold.patience);
      if (answer.kvs.length === 0) throw new CliError(ExitCode.error, "lock lost on init");
      await io.stdout.write(printedRange(printer, answer));
      await untilStopped(hold, "session expired");
      return 0;
    });
  },
});

async function acquire(
  client: EtcdClient,
  name: string,
  { session, patience }: LeaseSession,
  flags: LockFlags,
): Promise<{ key: Uint8Array; revision: bigint }> {
  const late = new AbortController();
  const timer = flags.timeout > 0 ? patience.clock.setTimeout(() => late.abort(), flags.timeout) : undefined;
  const limited = { ...patience, signal: AbortSignal.any([patience.signal, late.signal]) };
  try {
    const mine = await tryAcquire(client, { name, leaseId: session.leaseId }, limited);
    if (mine.isAcquired) return mine;
    if (flags.try) throw notGot("mutex: Locked by another session");
    await waitDeletes(client, mine, limited);
    const { kvs, header } = await rangeWithRetry(client, RangeRequest.create({ key: mine.key }), limited);
    if (kvs.length === 0) throw new CliError(ExitCode.error, "mutex: session is expired");
    return { key: mine.key, revision: header?.revision ?? 0n };
  } catch (error) {
    if (session.lost.aborted) throw lostError("mutex: session is expired", session.lost);
    if (!late.signal.aborted) throw error;
    const waited = formatDuration(BigInt(flags.timeout) * 1_000_000n);
    throw notGot(`mutex: Locked by another session, still after ${waited}`);
  } finally {
    timer?.cancel();
  }
}

function notGot(text: string): CliError {
  return new CliError(notGotExitCode, text);
}

// The command that runs under a lock: it gets our input, output and signals, and its exit code is ours. If the lock is lost
// meanwhile, that is told at once and, if wanted, the command is ended.
// Answers to lockUntilSignal in etcdctl's lock_command.go.

export interface LockedCommand {
  readonly io: Io;
  readonly argv: readonly string[];
  readonly hold: LeaseSession;
  /** Gives the lock back; false if it was gone. */
  readonly release: () => Promise<boolean>;
  readonly name: string;
  readonly key: Uint8Array;
  readonly revision: bigint;
  /** Whether the command is ended when the lock is lost. */
  readonly kills: boolean;
}

/** The time between asking a command to end and ending it. */
const graceMs = 5000;
/** Go's exit code, as the shell sees it, for a command that died of a signal. */
const signalledExitCode = 255;

export async function runLocked(locked: LockedCommand): Promise<number> {
  const { io, hold, release, name, kills } = locked;
  if (hold.stop.aborted) throw new CliError(ExitCode.error, "context canceled");
  const { lost } = hold.session;
  const child = await start(locked);
  hold.handOn = (signal) => {
    // A terminal sends Ctrl-C to the command itself as well.
    if (signal !== "SIGINT" || !io.stdin.isTTY) child.kill(signal);
  };
  const ended = await endOf(child, locked);
  hold.handOn = undefined;
  const wasHeld = await release();
  if (lost.aborted && kills) throw lostError(`session expired (the command: ${exitText(ended)})`, lost);
  if (!wasHeld && !lost.aborted)
    await io.stderr.write(`hint: the lock ${name} was lost before the command ended\n`);
  return exitCodeOf(ended);
}

async function start({ io, argv, key, revision }: LockedCommand): Promise<ChildProcess> {
  // In a lock within a lock the outer one's variables stay, as in Go.
  const { ETCD_LOCK_KEY = Buffer.from(key).toString(), ETCD_LOCK_REV = String(revision) } = io.env;
  try {
    return await io.startChild(argv, { stdin: true, env: { ETCD_LOCK_KEY, ETCD_LOCK_REV } });
  } catch (error) {
    if (!(error instanceof StartFailure)) throw error;
    throw new CliError(ExitCode.error, error.message, { cause: error });
  }
}

async function endOf(child: ChildProcess, { io, hold, name, kills }: LockedCommand): Promise<ChildEnd> {
  const { lost } = hold.session;
  let ending: Promise<void> | undefined;
  const onLost = (): void => {
    const then = kills
      ? "the command is ended"
      : "the command goes on without it (--on-lost=kill would end it)";
    void io.stderr
      .write(`hint: the lock ${name} is lost: ${lostReason(lost)}; ${then}\n`)
      .catch(() => undefined);
    if (kills) ending = child.endAll(graceMs);
  };
  if (lost.aborted) onLost();
  else lost.addEventListener("abort", onLost);
  const ended = await child.ended;
  lost.removeEventListener("abort", onLost);
  await ending;
  return ended;
}

function exitCodeOf(ended: ChildEnd): number {
  const exitCode = "exitCode" in ended ? ended.exitCode : signalledExitCode;
  if (exitCode !== 0) throw new CliError(exitCode, exitText(ended));
  return 0;
}
