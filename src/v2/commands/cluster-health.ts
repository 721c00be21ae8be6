// cluster-health asks every member for its health, once or every ten seconds. A member that accepts the request but never
// answers counts as failed after --total-timeout; etcdctl 3.4 waits forever.
// Go (etcd 3.4): etcdctl/ctlv2/command/cluster_health.go
import { sleep } from "../../clock";
import { CliError } from "../../errors";
import { quote } from "../../go/quote";
import { MembersApi, type Member } from "../api/members";
import type { CommandContext } from "../command";
import { defineCommand, endOnCtrlC, errorWithPrefix, ExitCode } from "../command";
import { bool, decodeJson, string, struct } from "../../go/decode-json";
import { parseUrl } from "../http/go-url";
import type { RoundTrip } from "../http/round-trip";

export const clusterHealth = defineCommand({
  flags: { forever: { kind: "bool", alias: "f", usage: "check again every 10 seconds until Ctrl-C" } },
  version3Command: () => "endpoint health --cluster",
  async run(context, _, { forever }) {
    const { io } = context;
    let exitCode = 0;
    await endOnCtrlC(async () => {
      const roundTrip = await openRoundTrip(context);
      const members = await listMembers(context);
      for (;;) {
        exitCode = (await checkCluster(context, roundTrip, members)) ? 0 : ExitCode.clusterNotHealthy;
        if (!forever) return;
        await io.stdout.write("\nnext check after 10 second...\n\n");
        await sleep(io.clock, 10_000, io.interrupt);
        exitCode = 0;
        io.interrupt.throwIfAborted();
      }
    });
    return exitCode;
  },
});

async function openRoundTrip(context: CommandContext): Promise<RoundTrip> {
  try {
    return await context.roundTrip();
  } catch (error) {
    if (error instanceof CliError) throw errorWithPrefix(ExitCode.serverError, error);
    throw error;
  }
}

async function listMembers(context: CommandContext): Promise<readonly Member[]> {
  const { io } = context;
  const client = await context.clientWithoutSync();
  try {
    return await new MembersApi(client).list(io.interrupt);
  } catch (error) {
    io.interrupt.throwIfAborted();
    await io.stdout.write("cluster may be unhealthy: failed to list members\n");
    throw error;
  }
}

async function checkCluster(
  context: CommandContext,
  roundTrip: RoundTrip,
  members: readonly Member[],
): Promise<boolean> {
  let healthy = 0;
  for (const member of members) if (await checkMember(context, roundTrip, member)) healthy++;
  const state = healthy === members.length ? "healthy" : healthy === 0 ? "unavailable" : "degraded";
  await context.io.stdout.write(`cluster is ${state}\n`);
  return healthy === members.length;
}

/** The first client URL that answers decides. */
async function checkMember(
  { io, withTotalTimeout }: CommandContext,
  roundTrip: RoundTrip,
  { id, clientURLs }: Member,
): Promise<boolean> {
  const print = (line: string): Promise<void> => io.stdout.write(`${line}\n`);
  const urls = clientURLs ?? [];
  if (urls.length === 0) {
    await print(`member ${id} is unreachable: no available published client urls`);
    return false;
  }
  for (const url of urls) {
    try {
      const isHealthy = await withTotalTimeout((signal) => requestHealth(roundTrip, url, signal));
      const state = isHealthy ? "healthy" : "unhealthy";
      await print(`member ${id} is ${state}: got ${state} result from ${url}`);
      return isHealthy;
    } catch (error) {
      io.interrupt.throwIfAborted();
      if (!(error instanceof Error)) throw error;
      await print(`failed to check the health of member ${id} on ${url}: ${error.message}`);
    }
  }
  await print(`member ${id} is unreachable: [${urls.join(" ")}] are all unreachable`);
  return false;
}

async function requestHealth(roundTrip: RoundTrip, clientUrl: string, signal: AbortSignal): Promise<boolean> {
  const url = `${clientUrl}/health`;
  let body: Buffer;
  try {
    const head = await roundTrip({ method: "GET", url: parseUrl(url) }, signal);
    body = await head.body();
  } catch (cause) {
    throw new Error(`Get ${quote(url)}: ${(cause as Error).message}`, { cause });
  }
  try {
    return decodeJson(struct("", { health: string }), body).health === "true";
  } catch {
    return decodeJson(struct("", { health: bool }), body).health; // old servers send a boolean
  }
}
