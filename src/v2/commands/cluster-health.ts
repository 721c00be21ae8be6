// cluster-health: asks every member that the cluster knows for its health, once or every ten seconds.
// A member that takes the question and never answers is given up after --total-timeout; Go waits for ever.
// Answers to ctlv2/command/cluster_health.go.
import { sleep } from "../../clock";
import { CliError } from "../../errors";
import { quote } from "../../go/quote";
import { MembersApi, type Member } from "../api/members";
import { defineCommand, ExitCode, failed, type CommandContext } from "../command";
import { bool, decodeJson, struct, text } from "../decode-json";
import { parseUrl } from "../http/go-url";
import type { RoundTrip } from "../http/round-trip";
import { untilInterrupted } from "./watch";

export const command = defineCommand({
  flags: { forever: { kind: "bool", alias: "f", about: "again every 10 seconds, until Ctrl-C" } },
  instead: () => "endpoint health --cluster",
  async run(context, _, { forever }) {
    const { io } = context;
    let exitCode = 0;
    await untilInterrupted(async () => {
      const roundTrip = await openRoundTrip(context);
      const members = await listMembers(context);
      for (;;) {
        exitCode = (await checkAll(context, roundTrip, members)) ? 0 : ExitCode.clusterNotHealthy;
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
    if (error instanceof CliError) throw failed(ExitCode.serverError, error);
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

async function checkAll(
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

/** The first address that answers decides. */
async function checkMember(
  { io, inTime }: CommandContext,
  roundTrip: RoundTrip,
  { id, clientURLs }: Member,
): Promise<boolean> {
  const say = (text: string): Promise<void> => io.stdout.write(`${text}\n`);
  const urls = clientURLs ?? [];
  if (urls.length === 0) {
    await say(`member ${id} is unreachable: no available published client urls`);
    return false;
  }
  for (const url of urls) {
    try {
      const isHealthy = await inTime((signal) => askHealth(roundTrip, url, signal));
      const state = isHealthy ? "healthy" : "unhealthy";
      await say(`member ${id} is ${state}: got ${state} result from ${url}`);
      return isHealthy;
    } catch (error) {
      io.interrupt.throwIfAborted();
      if (!(error instanceof Error)) throw error;
      await say(`failed to check the health of member ${id} on ${url}: ${error.message}`);
    }
  }
  await say(`member ${id} is unreachable: [${urls.join(" ")}] are all unreachable`);
  return false;
}

async function askHealth(roundTrip: RoundTrip, url: string, signal: AbortSignal): Promise<boolean> {
  const asked = `${url}/health`;
  let body: Buffer;
  try {
    const head = await roundTrip({ method: "GET", url: parseUrl(asked) }, signal);
    body = await head.body();
  } catch (cause) {
    throw new Error(`Get ${quote(asked)}: ${(cause as Error).message}`, { cause });
  }
  try {
    return decodeJson(struct("", { health: text }), body).health === "true";
  } catch {
    return decodeJson(struct("", { health: bool }), body).health; // as old servers answer
  }
}
