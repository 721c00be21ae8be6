// `lock NAME [COMMAND…]`: holds a lock while a command runs, or until Ctrl-C. The lock is a key with a lease that is kept
// alive; giving it back deletes the key only while it hangs on that lease.
// Answers to etcdctl's lock_command.go and to client/v3/concurrency's mutex.go.
import { claim, read, turnOf } from "../client/claim";
import type { EtcdClient } from "../client/client";
import { CliError, ExitCode } from "../errors";
import { formatDuration } from "../goformat/duration";
import { RangeRequest } from "../proto/gen/etcdserverpb";
import { defineCommand } from "./command";
import type { FlagTable, FlagValues } from "./flags";
import { holding, lostError, untilStopped, type Hold } from "./hold";
import { badArgs } from "./key-range";
import { runLocked } from "./lock-command";
import { printedRange } from "./print-range";

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
    const { client, printer } = await context.session();
    const { io } = context;
    const ttlSeconds = flags.ttl > 0n ? flags.ttl : defaultTtlSeconds;
    return holding(context, { client, name, ttlSeconds }, async (hold, release) => {
      const lock = await acquire(client, name, hold, flags);
      if (argv.length > 0) {
        return runLocked({ io, argv, hold, release, name, ...lock, kills: flags["on-lost"] === "kill" });
      }
      const answer = await read(client, RangeRequest.create({ key: lock.key }), hold.patience);
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
  { session, patience }: Hold,
  flags: LockFlags,
): Promise<{ key: Uint8Array; revision: bigint }> {
  const late = new AbortController();
  const timer = flags.timeout > 0 ? patience.clock.setTimeout(() => late.abort(), flags.timeout) : undefined;
  const limited = { ...patience, signal: AbortSignal.any([patience.signal, late.signal]) };
  try {
    const mine = await claim(client, { name, leaseId: session.leaseId }, limited);
    if (mine.isFirst) return mine;
    if (flags.try) throw notGot("mutex: Locked by another session");
    await turnOf(client, mine, limited);
    const { kvs, header } = await read(client, RangeRequest.create({ key: mine.key }), limited);
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
