// `elect NAME PROPOSAL` campaigns in an election and leads until Ctrl-C. `elect -l NAME` prints the proposal of each leader.
// Go: etcdctl/ctlv3/command/elect_command.go.
import type { FlagTable } from "../input/flags";
import { observe } from "../client/concurrency/election";
import { rangeWithRetry, tryAcquire, waitDeletes } from "../client/concurrency/mutex";
import { badArgs, CliError, EtcdError, ExitCode } from "../errors";
import { RangeRequest } from "../proto/gen/etcdserverpb";
import { defineCommand, type CommandContext, type Connection } from "./command";
import { sessionLostError, formatRange, waitUntilInterrupted, withLeaseSession } from "./lease-session";

const electFlags = {
  listen: {
    kind: "bool",
    short: "l",
    default: false,
    usage: "observe the election: print the proposal of each leader",
  },
} as const satisfies FlagTable;

/** Default of client/v3/concurrency/session.go. */
const ttlSeconds = 60n;

export const command = defineCommand({
  flags: electFlags,
  async run(context, [name, value, ...more], { listen }) {
    if (name === undefined || more.length > 0) {
      throw badArgs("elect takes one election name argument and an optional proposal argument");
    }
    const connection = await context.connect();
    if (value === undefined) {
      if (!listen) throw badArgs("no proposal argument but -l not set");
      return observeLeaders(context, connection, name);
    }
    if (listen) throw badArgs("proposal given but -l is set");
    return campaign(context, connection, { name, value });
  },
});

function campaign(
  context: CommandContext,
  { client, printer }: Connection,
  { name, value }: { name: string; value: string },
): Promise<number> {
  return withLeaseSession(context, { client, name, ttlSeconds }, async (scope) => {
    const { session, retry } = scope;
    try {
      const acquired = await tryAcquire(client, { name, value, leaseId: session.leaseId }, retry);
      if (!acquired.isAcquired) await waitDeletes(client, acquired, retry);
      const response = await rangeWithRetry(client, RangeRequest.create({ key: acquired.key }), retry);
      await context.io.stdout.write(formatRange(printer, response));
    } catch (error) {
      throw session.lost.aborted ? sessionLostError("elect: session expired", session.lost) : error;
    }
    await waitUntilInterrupted(scope, "elect: session expired");
    return 0;
  });
}

/** The first signal ends it with exit code 0. */
async function observeLeaders(
  context: CommandContext,
  { client, printer }: Connection,
  name: string,
): Promise<number> {
  const { io } = context;
  const interrupted = new AbortController();
  const restoreSignals = io.takeSignals(() => interrupted.abort());
  const retry = { clock: io.clock, callOptions: () => context.call(), signal: interrupted.signal };
  let isObserving = false;
  try {
    for await (const proposal of observe(client, name, retry)) {
      isObserving = true;
      await io.stdout.write(formatRange(printer, proposal));
    }
    return 0;
  } catch (error) {
    if (interrupted.signal.aborted) return 0;
    if (!(error instanceof EtcdError) || !isObserving) throw error;
    const hints = [error.message, ...error.hints];
    throw new CliError(ExitCode.error, "elect: observer lost", { cause: error, hints });
  } finally {
    restoreSignals();
  }
}
