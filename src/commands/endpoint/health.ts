// `endpoint health`: whether each endpoint can have a read agreed on by the cluster, and raises no alarm.
// A read that is not permitted was agreed on all the same. Answers to etcdctl's ep_command.go.
import type { EtcdClient } from "../../client/client";
import { CliError, EtcdError, ExitCode } from "../../errors";
import type { EndpointHealth } from "../../output/printer";
import { AlarmRequest, AlarmType, RangeRequest } from "../../proto/gen/etcdserverpb";
import { isServerError } from "../../transport/error-table";
import type { CallOptions } from "../../transport/transport";
import { defineCommand, type CommandContext } from "../command";
import { clusterFlag, eachEndpoint } from "./each-endpoint";

export const command = defineCommand({
  flags: clusterFlag,
  async run(context, _args, { cluster }) {
    const printer = await context.printer();
    const causes: string[] = [];
    const rows = await eachEndpoint(context, cluster, async (endpoint) => {
      const { hints, ...health } = await healthOf(context, endpoint);
      causes.push(...hints);
      return { endpoint, ...health };
    });
    context.io.interrupt.throwIfAborted();
    await context.io.stdout.write(printer.endpointHealth(rows));
    await context.io.stderr.write(printer.endpointHealthErrors(rows));
    if (rows.some((row) => !row.healthy)) {
      throw new CliError(ExitCode.error, "unhealthy cluster", { hints: causes });
    }
  },
});

type Health = Omit<EndpointHealth, "endpoint"> & { readonly hints: readonly string[] };

async function healthOf(context: CommandContext, endpoint: string): Promise<Health> {
  const { clock } = context.io;
  const client = await context.clientOf(endpoint).catch(asUnreachable);
  if (client instanceof CliError) {
    return { healthy: false, tookNs: undefined, error: client.message, hints: client.hints };
  }
  const call = context.call();
  const startNs = clock.monotonicNs();
  const failure = await readFailure(client, call);
  const tookNs = clock.monotonicNs() - startNs;
  if (failure) return { healthy: false, tookNs, error: failure.message, hints: failure.hints };
  const error = await alarmsOf(client, call);
  return { healthy: error === "", tookNs, error, hints: [] };
}

/** A refused password makes an endpoint unhealthy; files that cannot be read end the command. */
function asUnreachable(error: unknown): CliError {
  if (error instanceof CliError && error.exitCode === ExitCode.badConnection) return error;
  throw error;
}

/** Any key does; Go's etcdctl asks for this one. */
const healthKey = Buffer.from("health");

/** Undefined when the cluster agreed on a read through this endpoint. */
export async function readFailure(client: EtcdClient, call: CallOptions): Promise<EtcdError | undefined> {
  try {
    await client.kv.range(RangeRequest.create({ key: healthKey }), call);
  } catch (error) {
    if (!(error instanceof EtcdError)) throw error;
    if (!isServerError(error, "permissionDenied")) return error;
  }
  return undefined;
}

const alarmNames: ReadonlyMap<number, string> = new Map([
  [AlarmType.NOSPACE, "NOSPACE"],
  [AlarmType.CORRUPT, "CORRUPT"],
]);

/** Empty when there are none. */
async function alarmsOf(client: EtcdClient, call: CallOptions): Promise<string> {
  try {
    const { alarms } = await client.maintenance.alarm(AlarmRequest.create(), call);
    if (alarms.length === 0) return "";
    return `Active Alarm(s): ${alarms.map(({ alarm }) => `${alarmNames.get(alarm) ?? "UNKNOWN"} `).join("")}`;
  } catch (error) {
    if (error instanceof EtcdError) return "Unable to fetch the alarm list";
    throw error;
  }
}
