// The member from which a snapshot is taken. Go: etcdctl/ctlv3/command/snapshot_command.go
import type { EtcdClient } from "../../client/client";
import { DamagedSnapshot } from "../../client/snapshot";
import { sleep } from "../../clock";
import { CliError, EtcdError, ExitCode, StatusCode } from "../../errors";
import { writeHints } from "../../hints";
import type { StatusResponse } from "../../proto/gen/etcdserverpb";
import type { CommandContext } from "../command";

export interface SelectedMember {
  readonly client: EtcdClient;
  /** Its revision when it was asked. The snapshot has this one or a later one. */
  readonly revision: bigint;
}

/** Finds a member that responds within the command timeout: the stream itself has no deadline. */
export async function selectMember(context: CommandContext, client: EtcdClient): Promise<SelectedMember> {
  const endpoints = await context.endpoints();
  if (endpoints.length <= 1) {
    const status = await client.maintenance
      .status({}, context.call())
      .catch((error: unknown) => failSave(error, 0));
    return { client, revision: revisionOf(status) };
  }
  const selected = await selectEndpoint(context, endpoints);
  await writeHints(
    [`of ${endpoints.length} endpoints, the snapshot is taken from ${selected.endpoint} (${selected.role})`],
    context.io,
  );
  return selected;
}

function revisionOf({ header }: StatusResponse): bigint {
  return header?.revision ?? 0n;
}

/** Before the first bytes Go prints the bare gRPC status, afterwards with the prefix `could not write snapshot`. */
export function failSave(error: unknown, receivedBytes: number): never {
  if (error instanceof DamagedSnapshot) {
    throw new CliError(ExitCode.interrupted, error.message, { cause: error });
  }
  if (!(error instanceof EtcdError)) throw error;
  const isLate = error.code === StatusCode.DeadlineExceeded;
  const reason = receivedBytes > 0 ? `could not write snapshot: ${error.message}` : error.rawMessage;
  const message = isLate && receivedBytes === 0 ? error.message : reason;
  throw new CliError(ExitCode.interrupted, message, { cause: error, hints: error.hints });
}

interface SelectedEndpoint extends SelectedMember {
  readonly endpoint: string;
  readonly role: Role;
}

/** Best first. A member without a leader has all data except perhaps the latest. */
const roles = ["a follower", "the leader", "a member without a leader", "a learner"] as const;
type Role = (typeof roles)[number];

/** How long to wait for a better endpoint after the first response. */
const graceMs = 1000;

/**
 * Prefers a follower to the leader, since reading the whole database slows a member down. Departure: Go's etcdctl rejects more
 * than one endpoint.
 */
async function selectEndpoint(
  context: CommandContext,
  endpoints: readonly string[],
): Promise<SelectedEndpoint> {
  const { clock } = context.io;
  const call = context.call();
  const finished = new AbortController();
  const signals = call.signal ? [call.signal, finished.signal] : [finished.signal];
  const options = { ...call, signal: AbortSignal.any(signals) };
  const failures: string[] = [];
  let best: SelectedEndpoint | undefined;

  const tryEndpoint = async (endpoint: string) => {
    try {
      const client = await context.clientOf(endpoint);
      const status = await client.maintenance.status({}, options);
      const role = roleOf(status);
      if (role === undefined) return void failures.push(`${endpoint}: its data is corrupt`);
      if (best === undefined) void sleep(clock, graceMs, finished.signal).then(() => finished.abort());
      if (best === undefined || roles.indexOf(role) < roles.indexOf(best.role)) {
        best = { endpoint, client, role, revision: revisionOf(status) };
      }
      if (role === roles[0]) finished.abort();
    } catch (error) {
      if (!(error instanceof EtcdError)) throw error;
      failures.push(...(error.hints.length > 0 ? error.hints : [`${endpoint}: ${error.message}`]));
    }
  };
  await Promise.race([Promise.all(endpoints.map(tryEndpoint)), aborted(finished.signal)]);
  finished.abort();
  context.io.interrupt.throwIfAborted();
  if (best === undefined) {
    const message = `no healthy endpoint to take a snapshot from among [${endpoints.join(" ")}]`;
    throw new CliError(ExitCode.interrupted, message, { hints: failures });
  }
  return best;
}

/** Undefined for a member with corrupt data. */
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
