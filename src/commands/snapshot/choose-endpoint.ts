// Which of several endpoints a snapshot should come from: a healthy follower before the leader, since reading the whole
// database slows a member down. Go's etcdctl refuses several endpoints; that is a departure.
import type { EtcdClient } from "../../client/client";
import { sleep } from "../../client/sleep";
import { CliError, EtcdError, ExitCode } from "../../errors";
import type { StatusResponse } from "../../proto/gen/etcdserverpb";
import type { CommandContext } from "../command";

export interface ChosenEndpoint {
  readonly endpoint: string;
  readonly client: EtcdClient;
  readonly role: Role;
}

/** Best first. A member without a leader has the data too, perhaps not the latest. */
const roles = ["a follower", "the leader", "a member without a leader", "a learner"] as const;
type Role = (typeof roles)[number];

/** How long a better one is waited for once there is one. */
const graceMs = 1000;

export async function chooseEndpoint(
  context: CommandContext,
  endpoints: readonly string[],
): Promise<ChosenEndpoint> {
  const { clock } = context.io;
  const call = context.call();
  const enough = new AbortController();
  const signals = call.signal ? [call.signal, enough.signal] : [enough.signal];
  const options = { ...call, signal: AbortSignal.any(signals) };
  const failures: string[] = [];
  let best: ChosenEndpoint | undefined;

  const ask = async (endpoint: string) => {
    try {
      const client = await context.clientOf(endpoint);
      const role = roleOf(await client.maintenance.status({}, options));
      if (role === undefined) return void failures.push(`${endpoint}: its data is corrupt`);
      if (best === undefined) void sleep(clock, graceMs, enough.signal).then(() => enough.abort());
      if (best === undefined || roles.indexOf(role) < roles.indexOf(best.role)) {
        best = { endpoint, client, role };
      }
      if (role === roles[0]) enough.abort();
    } catch (error) {
      if (!(error instanceof EtcdError)) throw error;
      failures.push(...(error.hints.length > 0 ? error.hints : [`${endpoint}: ${error.message}`]));
    }
  };
  await Promise.race([Promise.all(endpoints.map(ask)), aborted(enough.signal)]);
  enough.abort();
  context.io.interrupt.throwIfAborted();
  if (best === undefined) {
    const message = `no healthy endpoint to take a snapshot from among [${endpoints.join(" ")}]`;
    throw new CliError(ExitCode.interrupted, message, { hints: failures });
  }
  return best;
}

/** Undefined for a member that must not be copied. */
function roleOf({ header, leader, isLearner, errors }: StatusResponse): Role | undefined {
  if (errors.some((error) => error.includes("CORRUPT"))) return undefined;
  if (isLearner) return "a learner";
  if (leader === 0n) return "a member without a leader";
  return leader === header?.memberId ? "the leader" : "a follower";
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
}
