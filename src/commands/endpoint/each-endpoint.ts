// What endpoint health, status and hashkv share: which endpoints are meant, and asking each on its own.
// Answers come in the order of the endpoints, whoever was first; each call has the whole command timeout.
// Answers to endpointsFromCluster in etcdctl's ep_command.go.
import type { EtcdClient } from "../../client/client";
import { CliError, EtcdError, ExitCode } from "../../errors";
import type { Io } from "../../io";
import { MemberListRequest, type Member } from "../../proto/gen/etcdserverpb";
import type { CommandContext } from "../command";
import { failingAs } from "../failures";
import type { FlagTable } from "../flags";

export const clusterFlag = {
  cluster: { kind: "bool", default: false, usage: "ask all members of the cluster, not only --endpoints" },
} as const satisfies FlagTable;

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
  const { client } = await context.session();
  const request = MemberListRequest.create({ linearizable: true });
  const response = await failingAs(
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
