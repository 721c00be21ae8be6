// The running command's world: settings, and clients made when they are asked for, in Go's order of failures: endpoints,
// TLS files, password, then the members that the cluster advertises. Answers to ctlv2/command/util.go.
import { splitUser } from "../cli/password";
import { longestTimerMs } from "../clock";
import { CliError } from "../errors";
import { quote } from "../go/quote";
import { type Io } from "../io";
import { MembersApi } from "./api/members";
import { ExitCode, failed, type CommandContext } from "./command";
import { ClusterClient, withDeadline } from "./http/cluster-client";
import { RequestError } from "./http/errors";
import { parseUrl, UrlError, urlText } from "./http/go-url";
import { openTransport, type RoundTrip } from "./http/round-trip";
import type { Settings } from "./settings";

const maxDialMs = 30_000;

export interface OpenContext extends CommandContext {
  /** Lets go of the connections. */
  close(): void;
}

/** `carry` replaces the network in tests. */
export function createContext(io: Io, settings: Settings, carry?: RoundTrip): OpenContext {
  const { timeoutMs, totalTimeoutMs, debug } = settings;
  const log = (line: string): Promise<void> => io.stderr.write(line);
  let transport: Awaited<ReturnType<typeof openTransport>> | undefined;

  const roundTrip = async (): Promise<RoundTrip> => {
    if (carry) return carry;
    const { domain, insecure } = settings.discovery;
    const dialTimeoutMs = totalTimeoutMs === 0 ? maxDialMs : Math.min(totalTimeoutMs, maxDialMs);
    const serverName = insecure ? "" : domain;
    transport ??= await openTransport({ tls: settings.tls, serverName, dialTimeoutMs }, io);
    return transport.roundTrip;
  };

  const open = async (): Promise<ClusterClient> => {
    try {
      const endpoints = await findEndpoints(io, settings);
      const carried = await roundTrip();
      const { username } = settings;
      const credentials =
        username === "" ? undefined : await splitUser(username, () => askPassword(io, "Password: "));
      return new ClusterClient(endpoints, {
        roundTrip: carried,
        credentials,
        headerTimeoutMs: Math.min(timeoutMs, longestTimerMs),
        clock: io.clock,
        debug: debug ? log : undefined,
      });
    } catch (error) {
      // TLS files are checked where version 3's are, under version 3's exit code and with its names of the flags.
      if (error instanceof CliError) {
        const hints = error.hints.map((hint) => hint.replaceAll(/--(cert|key)\b/g, "--$1-file"));
        throw new CliError(ExitCode.badArgs, error.message, { cause: error, hints });
      }
      if (!(error instanceof UrlError)) throw error;
      throw new CliError(ExitCode.badArgs, error.message, {
        cause: error,
        hints: ["version 2 takes endpoints as URLs: http://127.0.0.1:2379"],
      });
    }
  };

  const inTime: CommandContext["inTime"] = (work) =>
    withDeadline(Math.min(totalTimeoutMs, longestTimerMs), io.clock, io.interrupt, work);

  const context: OpenContext = {
    io,
    settings,
    roundTrip,
    inTime,
    async clientWithoutSync() {
      const client = await open();
      if (debug) await log(`Cluster-Endpoints: ${client.endpoints.join(", ")}\n`);
      return client;
    },
    async client() {
      const client = await open();
      if (settings.sync) {
        if (debug) await log(`start to sync cluster using endpoints(${client.endpoints.join(",")})\n`);
        await synchronize(client, context);
        if (debug) await log(`got endpoints(${client.endpoints.join(",")}) after sync\n`);
      }
      if (debug) await log(`Cluster-Endpoints: ${client.endpoints.join(", ")}\n`);
      return client;
    },
    close: () => transport?.close(),
  };
  return context;
}

/** Only a cluster that cannot be reached is a failure here; a server that knows no members may still know keys. */
async function synchronize(client: ClusterClient, { io, inTime }: CommandContext): Promise<void> {
  const urls = await inTime(async (signal) => {
    const members = await new MembersApi(client).list(signal);
    return members.flatMap(({ clientURLs }) => clientURLs ?? []);
  }).catch((error: unknown) => {
    io.interrupt.throwIfAborted();
    if (error instanceof RequestError && error.isConnection) throw failed(ExitCode.badConnection, error);
    return undefined;
  });
  if (urls?.length === 0) {
    await io.stderr.write(
      "etcd cluster has no published client endpoints.\n" +
        `Try '--no-sync' if you want to access non-published client endpoints(${client.endpoints.join(",")}).\n`,
    );
    throw failed(ExitCode.serverError, new Error("client: no endpoints available"));
  }
  try {
    const isOther = urls && [...urls].sort().join() !== [...client.endpoints].sort().join();
    if (isOther) client.endpoints = urls;
  } catch (error) {
    if (!(error instanceof UrlError)) throw error; // members that advertise nonsense: the given endpoints stay
  }
}

async function findEndpoints(io: Io, settings: Settings): Promise<string[]> {
  const { domain, serviceName, insecure } = settings.discovery;
  let endpoints = settings.endpoints;
  if (domain !== "") {
    const { discoverEndpoints } = await import("../transport/discovery");
    const found = await discoverEndpoints({ domain, serviceName, insecure });
    for (const each of found.ignored) {
      await io.stderr.write(`ignoring discovered insecure endpoint ${quote(each)}\n`);
    }
    if (found.endpoints.length > 0) endpoints = found.endpoints;
  }
  return endpoints.map((each) => {
    const url = parseUrl(each);
    return urlText(url.scheme === "" ? { ...url, scheme: "http" } : url);
  });
}

/** Trims the typed password, as version 2 in Go does. */
export async function askPassword(io: Io, prompt: string): Promise<string> {
  return (await io.readPassword(prompt)).trim();
}
