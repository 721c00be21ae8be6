// `elect NAME PROPOSAL`: stands for election, and leads until Ctrl-C. `elect -l NAME`: shows who leads.
// Answers to etcdctl's elect_command.go.
import type { FlagTable } from "../cli/flags";
import { observe } from "../client/concurrency/election";
import { rangeWithRetry, tryAcquire, waitDeletes } from "../client/concurrency/mutex";
import { badArgs, CliError, EtcdError, ExitCode } from "../errors";
import { RangeRequest } from "../proto/gen/etcdserverpb";
import { defineCommand, type CommandContext, type Connection } from "./command";
import { lostError, printedRange, untilStopped, withLeaseSession } from "./lease-session";

const electFlags = {
  listen: { kind: "bool", short: "l", default: false, usage: "observe: print each leader's proposal" },
} as const satisfies FlagTable;

/** Go's default for sessions. */
const ttlSeconds = 60n;

export const command = defineCommand({
  flags: electFlags,
  async run(context, [name, value, ...more], { listen }) {
    if (name === undefined || more.length > 0) {
      throw badArgs("elect takes one election name argument and an optional proposal argument");
    }
    const session = await context.connect();
    if (value === undefined) {
      if (!listen) throw badArgs("no proposal argument but -l not set");
      return showLeaders(context, session, name);
    }
    if (listen) throw badArgs("proposal given but -l is set");
    return campaign(context, session, { name, value });
  },
});

function campaign(
  context: CommandContext,
  { client, printer }: Connection,
  { name, value }: { name: string; value: string },
): Promise<number> {
  return withLeaseSession(context, { client, name, ttlSeconds }, async (hold) => {
    const { session, patience } = hold;
    try {
      const mine = await tryAcquire(client, { name, value, leaseId: session.leaseId }, patience);
      if (!mine.isAcquired) await waitDeletes(client, mine, patience);
      const answer = await rangeWithRetry(client, RangeRequest.create({ key: mine.key }), patience);
      await context.io.stdout.write(printedRange(printer, answer));
    } catch (error) {
      throw session.lost.aborted ? lostError("elect: session expired", session.lost) : error;
    }
    await untilStopped(hold, "elect: session expired");
    return 0;
  });
}

/** Ends with the first signal, and well. */
async function showLeaders(
  context: CommandContext,
  { client, printer }: Connection,
  name: string,
): Promise<number> {
  const { io } = context;
  const stop = new AbortController();
  const giveBack = io.takeSignals(() => stop.abort());
  const patience = { clock: io.clock, callOptions: () => context.call(), signal: stop.signal };
  let isObserving = false;
  try {
    for await (const proposal of observe(client, name, patience)) {
      isObserving = true;
      await io.stdout.write(printedRange(printer, proposal));
    }
    return 0;
  } catch (error) {
    if (stop.signal.aborted) return 0;
    if (!(error instanceof EtcdError) || !isObserving) throw error;
    const hints = [error.message, ...error.hints];
    throw new CliError(ExitCode.error, "elect: observer lost", { cause: error, hints });
  } finally {
    giveBack();
  }
}
