// The commands of `endpoint` call each endpoint separately. Output is in the order of the endpoints, and each call has the whole
// command timeout. Go: etcdctl/ctlv3/command/ep_command.go.
import type { FlagTable } from "../input/flags";
import type { EtcdClient } from "../client/client";
import { CliError, EtcdError, ExitCode } from "../errors";
import { isServerError } from "../etcd/error-table";
import type { EndpointHealth, Printer } from "../output/printer";
import type { Member } from "../proto/gen/etcdserverpb";
import { AlarmRequest, AlarmType, MemberListRequest, RangeRequest } from "../proto/gen/etcdserverpb";
import type { CallOptions } from "../transport/transport";
import { mapCallError } from "./arguments";
import type { CommandContext } from "./command";
import { defineCommand } from "./command";

const clusterFlag = {
  cluster: { kind: "bool", default: false, usage: "use all endpoints from the member list of the cluster" },
} as const satisfies FlagTable;

/** An endpoint is healthy if a linearizable read succeeds or is not permitted, and no alarm is active. */
export const endpointHealth = defineCommand({
  flags: clusterFlag,
  async run(context, _args, { cluster }) {
    const printer = await context.printer();
    const outcomes = await forEachEndpoint(context, cluster, async (endpoint) => {
      const { failure, ...health } = await healthOf(context, endpoint);
      return { row: { endpoint, ...health }, failure };
    });
    const rows = outcomes.map(({ row }) => row);
    const causes = outcomes.flatMap(({ failure }) => failure ?? []);
    context.io.interrupt.throwIfAborted();
    await printHealth(context, printer, rows);
    if (rows.some((row) => !row.healthy)) {
      throw new CliError(ExitCode.error, "unhealthy cluster", {
        cause: causes[0],
        hints: causes.flatMap(({ hints }) => hints),
      });
    }
  },
});

/** On a terminal, which shows both streams, the lines of the simple format are in the order of the endpoints too. */
async function printHealth(
  { io }: CommandContext,
  printer: Printer,
  rows: readonly EndpointHealth[],
): Promise<void> {
  const isSplit = printer.endpointHealthErrors(rows).length > 0;
  for (const part of isSplit ? rows.map((row) => [row]) : [rows]) {
    await io.stdout.write(printer.endpointHealth(part));
    await io.stderr.write(printer.endpointHealthErrors(part));
  }
}

type Health = Omit<EndpointHealth, "endpoint"> & { readonly failure?: CliError | EtcdError };

async function healthOf(context: CommandContext, endpoint: string): Promise<Health> {
  const { clock } = context.io;
  const client = await context.clientOf(endpoint).catch(connectionError);
  if (client instanceof CliError) {
    return { healthy: false, tookNs: undefined, error: client.message, failure: client };
  }
  const call = context.call();
  const startNs = clock.monotonicNs();
  const failure = await readFailure(client, call);
  const tookNs = clock.monotonicNs() - startNs;
  if (failure) return { healthy: false, tookNs, error: failure.message, failure };
  const error = await alarmsOf(client, call);
  return { healthy: error === "", tookNs, error };
}

/** Returns a failure to connect or to log in. Rethrows all other errors, such as a TLS file that cannot be read. */
export function connectionError(error: unknown): CliError {
  if (error instanceof CliError && error.exitCode === ExitCode.badConnection) return error;
  throw error;
}

/** Go's etcdctl reads this key; any key would do. */
const healthKey = Buffer.from("health");

/** The error of a linearizable read through this endpoint; undefined if the cluster confirmed the read. */
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

/** Empty without an active alarm. */
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

/** Reports a failed endpoint on stderr and leaves it out. The exit code is then 1, without an `Error:` line. */
export const endpointStatus = defineCommand({
  flags: clusterFlag,
  async run(context, _args, { cluster }) {
    const printer = await context.printer();
    const { rows, failure } = await callEachEndpoint(context, cluster, "status", (client) =>
      client.maintenance.status({}, context.call()),
    );
    const statuses = rows.map(({ endpoint, response }) => ({ endpoint, status: response }));
    await context.io.stdout.write(printer.endpointStatus(statuses));
    return failure ? ExitCode.error : ExitCode.success;
  },
});

const hashKVFlags = {
  ...clusterFlag,
  rev: { kind: "int64", default: 0n, usage: "hash the history up to this revision; 0: the latest" },
} as const satisfies FlagTable;

/** Reports a failed endpoint on stderr and leaves it out. The last failure is then the error of the command. */
export const endpointHashKV = defineCommand({
  flags: hashKVFlags,
  async run(context, _args, { cluster, rev }) {
    const printer = await context.printer();
    const { rows, failure } = await callEachEndpoint(context, cluster, "hash", (client) =>
      client.maintenance.hashKV({ revision: rev }, context.call()),
    );
    await context.io.stdout.write(printer.endpointHashKV(rows));
    if (failure) throw failure;
  },
});

async function forEachEndpoint<T>(
  context: CommandContext,
  cluster: boolean,
  run: (endpoint: string) => Promise<T>,
): Promise<T[]> {
  const endpoints = cluster ? await memberEndpoints(context) : await context.endpoints();
  return Promise.all(endpoints.map(run));
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

interface EndpointRows<R> {
  readonly rows: readonly { readonly endpoint: string; readonly response: R }[];
  /** The last failure. All failures are reported on stderr already. */
  readonly failure: CliError | undefined;
}

/** Calls each endpoint. Prints a line on stderr for each failure. */
async function callEachEndpoint<R>(
  context: CommandContext,
  cluster: boolean,
  what: string,
  call: (client: EtcdClient) => Promise<R>,
): Promise<EndpointRows<R>> {
  const outcomes = await forEachEndpoint(context, cluster, async (endpoint) => {
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
    await context.reportFailure(
      `Failed to get the ${what} of endpoint ${endpoint} (${error.message})`,
      error,
    );
  }
  const rows = outcomes.flatMap(({ endpoint, response }) =>
    response === undefined ? [] : [{ endpoint, response }],
  );
  return { rows, failure };
}
