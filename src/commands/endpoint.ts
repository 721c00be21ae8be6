// `endpoint health`: whether each endpoint can have a read agreed on by the cluster, and raises no alarm.
// A read that is not permitted was agreed on all the same. Answers to etcdctl's ep_command.go.
import type { FlagTable } from "../cli/flags";
import type { EtcdClient } from "../client/client";
import { CliError, EtcdError, ExitCode } from "../errors";
import { isServerError } from "../etcd/error-table";
import type { Io } from "../io";
import type { EndpointHealth } from "../output/printer";
import type { Member } from "../proto/gen/etcdserverpb";
import { AlarmRequest, AlarmType, MemberListRequest, RangeRequest } from "../proto/gen/etcdserverpb";
import type { CallOptions } from "../transport/transport";
import { mapCallError } from "./arguments";
import type { CommandContext } from "./command";
import { defineCommand } from "./command";

export const clusterFlag = {
  cluster: { kind: "bool", default: false, usage: "ask all members of the cluster, not only --endpoints" },
} as const satisfies FlagTable;

export const endpointHealth = defineCommand({
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

// `endpoint status`: what each endpoint says of itself. One that does not answer is told on stderr and left out; then
// the exit code is 1, without an error line of its own. Answers to etcdctl's ep_command.go.

export const endpointStatus = defineCommand({
  flags: clusterFlag,
  async run(context, _args, { cluster }) {
    const printer = await context.printer();
    const { rows, failure } = await answersOfEach(context, cluster, "status", (client) =>
      client.maintenance.status({}, context.call()),
    );
    const statuses = rows.map(({ endpoint, response }) => ({ endpoint, status: response }));
    await context.io.stdout.write(printer.endpointStatus(statuses));
    return failure ? ExitCode.error : ExitCode.success;
  },
});

// `endpoint hashkv`: the hash of each endpoint's keys and history, equal where the members agree.
// One that does not answer is told on stderr and left out; then the last error is the command's.
// Answers to etcdctl's ep_command.go.

const hashKVFlags = {
  ...clusterFlag,
  rev: { kind: "int64", default: 0n, usage: "hash up to this revision; 0 is the latest" },
} as const satisfies FlagTable;

export const endpointHashKV = defineCommand({
  flags: hashKVFlags,
  async run(context, _args, { cluster, rev }) {
    const printer = await context.printer();
    const { rows, failure } = await answersOfEach(context, cluster, "hash", (client) =>
      client.maintenance.hashKV({ revision: rev }, context.call()),
    );
    await context.io.stdout.write(printer.endpointHashKV(rows));
    if (failure) throw failure;
  },
});

// What endpoint health, status and hashkv share: which endpoints are meant, and asking each on its own.
// Answers come in the order of the endpoints, whoever was first; each call has the whole command timeout.
// Answers to endpointsFromCluster in etcdctl's ep_command.go.

export async function eachEndpoint<T>(
  context: CommandContext,
  cluster: boolean,
  ask: (endpoint: string) => Promise<T>,
): Promise<T[]> {
  const endpoints = cluster ? await memberEndpoints(context) : await context.endpoints();
  return Promise.all(endpoints.map(ask));
}

async function memberEndpoints(context: CommandContext): Promise<readonly string[]> {
  return (await clusterMembers(context)).flatMap((member) => member.clientURLs);
}

export async function clusterMembers(context: CommandContext): Promise<readonly Member[]> {
  const { client } = await context.connect();
  const request = MemberListRequest.create({ linearizable: true });
  const response = await mapCallError(
    ExitCode.error,
    client.cluster.memberList(request, context.call()),
    (error) => `failed to fetch endpoints from etcd cluster member list: ${error.message}`,
  );
  return response.members;
}

export interface EndpointRows<R> {
  readonly rows: readonly { readonly endpoint: string; readonly response: R }[];
  /** The last one, already told on stderr. */
  readonly failure: CliError | undefined;
}

/** The answers of those that answer; a line on stderr for each that does not. */
export async function answersOfEach<R>(
  context: CommandContext,
  cluster: boolean,
  what: string,
  call: (client: EtcdClient) => Promise<R>,
): Promise<EndpointRows<R>> {
  const outcomes = await eachEndpoint(context, cluster, async (endpoint) => {
    const client = await context.clientOf(endpoint);
    try {
      return { endpoint, response: await call(client) };
    } catch (error) {
      if (!(error instanceof EtcdError) || context.io.interrupt.aborted) throw error;
      return { endpoint, error };
    }
  });
  let failure: CliError | undefined;
  for (const { endpoint, error } of outcomes) {
    if (error === undefined) continue;
    failure = new CliError(ExitCode.error, error.message, { cause: error });
    await tellFailure(
      context.io,
      `Failed to get the ${what} of endpoint ${endpoint} (${error.message})`,
      error,
    );
  }
  const rows = outcomes.flatMap(({ endpoint, response }) =>
    response === undefined ? [] : [{ endpoint, response }],
  );
  return { rows, failure };
}

/** A failure that does not end the command. */
export async function tellFailure(io: Io, line: string, error: EtcdError | CliError): Promise<void> {
  await io.stderr.write([line, ...error.hints.map((hint) => `hint: ${hint}`), ""].join("\n"));
}
