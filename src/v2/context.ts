// The context of a running command. Clients are made on demand, in Go's order: endpoints, TLS files, password, then the
// members that the cluster advertises. The order decides which error the user sees.
// Go (etcd 3.4): etcdctl/ctlv2/command/util.go
import { splitUser } from "../input/password";
import { longestTimerMs } from "../clock";
import { CliError } from "../errors";
import { quote } from "../go/quote";
import type { Io } from "../io";
import { MembersApi } from "./api/members";
import { errorWithPrefix, ExitCode, type CommandContext } from "./command";
import { ClusterClient, withDeadline } from "./http/cluster-client";
import { RequestError } from "./http/errors";
import { parseUrl, UrlError, urlText } from "./http/go-url";
import { openTransport, type RoundTrip } from "./http/round-trip";
import type { Settings } from "./settings";

const maxDialTimeoutMs = 30_000;

export interface ClosableContext extends CommandContext {
  /** Closes the connections, or the data dir. */
  close(): Promise<void>;
}

/** Resolves clients and connections lazily. Tests pass `testRoundTrip` in place of the network. */
export function createContext(io: Io, settings: Settings, testRoundTrip?: RoundTrip): ClosableContext {
  const { timeoutMs, totalTimeoutMs, debug } = settings;
  const log = (line: string): Promise<void> => io.stderr.write(line);
  let transport: { roundTrip: RoundTrip; close(): void | Promise<void> } | undefined;

  const roundTrip = async (): Promise<RoundTrip> => {
    if (testRoundTrip) return testRoundTrip;
    if (settings.offline !== undefined) {
      const { openOffline } = await import("./http/offline");
      return (transport ??= openOffline(settings.offline, io)).roundTrip;
    }
    const { domain, insecure } = settings.discovery;
    const dialTimeoutMs =
      totalTimeoutMs === 0 ? maxDialTimeoutMs : Math.min(totalTimeoutMs, maxDialTimeoutMs);
    const serverName = insecure ? "" : domain;
    transport ??= await openTransport({ tls: settings.tls, serverName, dialTimeoutMs }, io);
    return transport.roundTrip;
  };

  const connect = async (): Promise<ClusterClient> => {
    try {
      const endpoints =
        settings.offline === undefined ? await findEndpoints(io, settings) : ["http://offline"];
      const openedRoundTrip = await roundTrip();
      const { username } = settings;
      const credentials =
        username === "" ? undefined : await splitUser(username, () => askPassword(io, "Password: "));
      return new ClusterClient(endpoints, {
        roundTrip: openedRoundTrip,
        credentials,
        headerTimeoutMs: Math.min(timeoutMs, longestTimerMs),
        clock: io.clock,
        debug: debug ? log : undefined,
      });
    } catch (error) {
      // The code that reads TLS files is version 3's. Its exit code and the flag names in its hints do not fit here.
      if (error instanceof CliError) {
        const hints = error.hints.map((hint) => hint.replaceAll(/--(cert|key)\b/g, "--$1-file"));
        throw new CliError(ExitCode.badArgs, error.message, { cause: error, hints });
      }
      if (!(error instanceof UrlError)) throw error;
      throw new CliError(ExitCode.badArgs, error.message, {
        cause: error,
        hints: ["version 2 needs endpoints as URLs, for example http://127.0.0.1:2379"],
      });
    }
  };

  const withTotalTimeout: CommandContext["withTotalTimeout"] = (work) =>
    withDeadline(Math.min(totalTimeoutMs, longestTimerMs), io.clock, io.interrupt, work);

  const context: ClosableContext = {
    io,
    settings,
    roundTrip,
    withTotalTimeout,
    async clientWithoutSync() {
      const client = await connect();
      if (debug) await log(`Cluster-Endpoints: ${client.endpoints.join(", ")}\n`);
      return client;
    },
    async client() {
      const client = await connect();
      if (settings.sync) {
        if (debug) await log(`start to sync cluster using endpoints(${client.endpoints.join(",")})\n`);
        await synchronize(client, context);
        if (debug) await log(`got endpoints(${client.endpoints.join(",")}) after sync\n`);
      }
      if (debug) await log(`Cluster-Endpoints: ${client.endpoints.join(", ")}\n`);
      return client;
    },
    close: async () => transport?.close(),
  };
  return context;
}

/**
 * Replaces the endpoints by the client URLs that the members advertise. Fails only when no member can be reached or when
 * none advertises a URL. After any other error the given endpoints stay.
 */
async function synchronize(client: ClusterClient, { io, withTotalTimeout }: CommandContext): Promise<void> {
  const urls = await withTotalTimeout(async (signal) => {
    const members = await new MembersApi(client).list(signal);
    return members.flatMap(({ clientURLs }) => clientURLs ?? []);
  }).catch((error: unknown) => {
    io.interrupt.throwIfAborted();
    if (error instanceof RequestError && error.isConnection)
      throw errorWithPrefix(ExitCode.badConnection, error);
    return undefined;
  });
  if (urls?.length === 0) {
    await io.stderr.write(
      "etcd cluster has no published client endpoints.\n" +
        `Try '--no-sync' if you want to access non-published client endpoints(${client.endpoints.join(",")}).\n`,
    );
    throw errorWithPrefix(ExitCode.serverError, new Error("client: no endpoints available"));
  }
  try {
    const isChanged = urls && [...urls].sort().join() !== [...client.endpoints].sort().join();
    if (isChanged) client.endpoints = urls;
  } catch (error) {
    if (!(error instanceof UrlError)) throw error; // a member advertises an invalid URL
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

/** Prompts for a password and removes the blanks around it, as etcdctl 3.4 does. */
export async function askPassword(io: Io, prompt: string): Promise<string> {
  return (await io.readPassword(prompt)).trim();
}
