// The CommandContext of a run: settings, printer, clients and deadlines. Each is made at its first use, and its code is loaded
// then; close() closes them. The checks keep Go's order, because it decides which error the user sees.
// Go: etcdctl/ctlv3/command/global.go
import type { EtcdClient } from "../client/client";
import type { CommandContext, Connection, OtherCluster } from "../commands/command";
import { badArgs, CliError, EtcdError, ExitCode } from "../errors";
import { oneSafeLine } from "../go/raw-text";
import { hintLines, writeHints } from "../hints";
import type { Io } from "../io";
import { offlinePath } from "../offline/offline-flag";
import type { OfflineOptions } from "../offline/open-store";
import type { TableStyle, Printer } from "../output/printer";
import type { HttpAnswer } from "../transport/http-get";
import type { CallOptions, TlsOptions, Transport, TransportOptions } from "../transport/transport";
import type { SharedClients } from "./session/session";
import { withFoundProfile } from "./profiles/find-profile";
import { credentialsOf, missingPasswordHints, settingsReport, type Settings } from "./settings";

export interface ClosableContext extends CommandContext {
  /** Closes every client that the command opened. */
  close(): Promise<void>;
  /** Whether the command has reported a failure. Its exit code can be 0 all the same, as in Go. */
  readonly hasReported: boolean;
  /** What the user should know if the command fails, with this error or with one that it has reported. */
  hintsAfter(error?: unknown): Promise<readonly string[]>;
}

/** With `shared`, connections stay open for the next command of a session. */
export function createContext(io: Io, resolve: () => Settings, shared?: SharedClients): ClosableContext {
  return new Context(io, resolve, shared);
}

/** Shown in place of an endpoint with --offline. */
const offlineEndpoint = "offline";

class Context implements ClosableContext {
  private readonly settings: () => Promise<Settings>;
  private readonly transportOptions: () => Promise<TransportOptions>;
  readonly endpoints: () => Promise<readonly string[]>;
  readonly printer: () => Promise<Printer>;
  readonly connect: () => Promise<Connection>;
  private readonly offlineClient: () => Promise<EtcdClient>;
  private readonly opened: { close(): Promise<void> }[] = [];
  private resolved: Settings | undefined;
  private failureHints: readonly string[] = [];
  private reported: CliError | EtcdError | undefined;

  constructor(
    readonly io: Io,
    resolve: () => Settings,
    private readonly shared: SharedClients | undefined,
  ) {
    this.settings = once(() => this.resolveSettings(resolve));
    this.endpoints = once(() => this.findEndpoints());
    this.printer = once(() => this.loadPrinter());
    this.transportOptions = once(() => this.makeTransportOptions());
    this.offlineClient = once(async () => this.openOffline(offlinePath((await this.settings()).offline)));
    this.connect = once(() => this.openConnection());
  }

  async offlinePath(): Promise<string | undefined> {
    return offlinePath((await this.settings()).offline);
  }

  async userName(): Promise<string> {
    const { user } = await this.settings();
    return user.split(":", 1)[0] ?? "";
  }

  async clientOf(endpoint: string): Promise<EtcdClient> {
    return this.open([endpoint]);
  }

  async clientAt(place: Parameters<CommandContext["clientAt"]>[0]): Promise<EtcdClient> {
    if ("path" in place) return this.openOffline(place.path);
    return this.dial({ ...(await this.transportOptions()), endpoints: place.endpoints });
  }

  async clientOfProfile(name: string): Promise<EtcdClient | undefined> {
    const { settingsOfProfile } = await import("./profiles/apply");
    const settings = settingsOfProfile(name, await this.settings(), this.io);
    if (settings === undefined) return undefined;
    return this.dial(await this.optionsOf(settings, await this.endpointsOf(settings)));
  }

  async openOther(cluster: OtherCluster): Promise<EtcdClient> {
    return this.dial({ ...this.limits(await this.settings()), ...cluster });
  }

  async tls(): Promise<TlsOptions> {
    return (await this.transportOptions()).tls ?? {};
  }

  async httpGet(endpoint: string, path: string): Promise<HttpAnswer> {
    const { httpGet } = await import("../transport/http-get");
    return httpGet(endpoint, path, await this.transportOptions(), (await this.settings())["command-timeout"]);
  }

  call(): CallOptions {
    const timeoutMs = this.known()["command-timeout"];
    return { signal: this.io.interrupt, deadlineAt: this.io.clock.now() + timeoutMs };
  }

  stream(): CallOptions {
    return { signal: this.io.interrupt };
  }

  longCall(): CallOptions {
    return this.known().given.has("command-timeout") ? this.call() : this.stream();
  }

  async reportFailure(line: string, error: CliError | EtcdError): Promise<void> {
    this.reported = error;
    await this.io.stderr.write(`${line}\n${hintLines(error.hints, this.io)}`);
  }

  get hasReported(): boolean {
    return this.reported !== undefined;
  }

  async hintsAfter(error: unknown = this.reported): Promise<readonly string[]> {
    const { resolved } = this;
    const isDefault = resolved !== undefined && !connectionFlags.some((name) => resolved.given.has(name));
    if (!isDefault || !isUnreachable(error, resolved.endpoints)) return this.failureHints;
    const { builtInHints } = await import("./profiles/built-in");
    return [...this.failureHints, ...builtInHints(this.io.env)];
  }

  async confirmsDeletions(): Promise<boolean> {
    return (
      ["1", "true"].includes(this.io.env["ETCDCTL_CONFIRM"] ?? "") || (await this.settings()).confirm === true
    );
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.opened.map((each) => each.close()));
  }

  private known(): Settings {
    if (!this.resolved) throw new Error("a deadline needs the settings: call connect() or printer() first");
    return this.resolved;
  }

  private async resolveSettings(resolve: () => Settings): Promise<Settings> {
    this.resolved = await withFoundProfile(resolve(), this.io);
    if (this.resolved.debug) {
      await this.io.stderr.write(`${settingsReport(this.resolved, this.io.env).join("\n")}\n`);
    }
    return this.resolved;
  }

  private async findEndpoints(): Promise<readonly string[]> {
    const settings = await this.settings();
    return offlinePath(settings.offline) === undefined ? this.endpointsOf(settings) : [offlineEndpoint];
  }

  private async endpointsOf(settings: Settings): Promise<readonly string[]> {
    const domain = settings["discovery-srv"];
    if (domain !== "") {
      const { discoverEndpoints } = await import("../transport/discovery");
      const found = await discoverEndpoints({
        domain,
        serviceName: settings["discovery-srv-name"],
        insecure: settings["insecure-discovery"],
      });
      for (const line of found.ignored) await this.io.stderr.write(`${line}\n`);
      if (found.endpoints.length > 0) return found.endpoints;
    }
    return settings.endpoints.map((endpoint) => endpoint.trim());
  }

  private async loadPrinter(): Promise<Printer> {
    const settings = await this.settings();
    const { loadPrinter } = await import("../output/load-printer");
    return loadPrinter(settings["write-out"], { hex: settings.hex, ...(await this.tableStyle()) });
  }

  async format(): Promise<string> {
    return (await this.settings())["write-out"];
  }

  async tableStyle(): Promise<TableStyle> {
    const { compat, columns, wide, "write-out": format } = await this.settings();
    if (columns.length > 0 && format !== "table") {
      throw badArgs("--columns chooses the columns of a table; add -w table");
    }
    // Asked when a table is drawn: it takes the runtime as long as a whole request to find out.
    const fitTo = () => (wide ? undefined : this.io.stdout.columns || undefined);
    return { compat, chosen: columns, fitTo };
  }

  private async openConnection(): Promise<Connection> {
    await this.transportOptions();
    const printer = await this.printer();
    return { client: await this.open(await this.endpoints()), printer };
  }

  private async open(endpoints: readonly string[]): Promise<EtcdClient> {
    const { offline } = await this.settings();
    if (offlinePath(offline) !== undefined) return this.offlineClient();
    return this.dial({ ...(await this.transportOptions()), endpoints });
  }

  private async dial(options: TransportOptions): Promise<EtcdClient> {
    try {
      const { shared } = this;
      if (shared === undefined) return this.closedAtEnd(await dial(options));
      return await shared.open(connectionSettings(options), () =>
        dial({ ...options, signal: shared.signal }),
      );
    } catch (error) {
      if (!(error instanceof EtcdError)) throw error;
      throw new CliError(ExitCode.badConnection, error.message, { cause: error, hints: error.hints });
    }
  }

  async offline(): Promise<OfflineOptions | undefined> {
    const path = offlinePath((await this.settings()).offline);
    return path === undefined ? undefined : this.offlineOptions(path);
  }

  private async offlineOptions(path: string | undefined): Promise<OfflineOptions> {
    const { env, clock, cwd } = this.io;
    const { pathIn } = await import("../offline/path-in");
    return {
      ...(path && { path: pathIn(cwd, path) }),
      env,
      clock,
      printHints: (hints) => writeHints(hints, this.io),
    };
  }

  private async openOffline(path: string | undefined): Promise<EtcdClient> {
    const open = async () => {
      const { openOfflineTransport } = await import("../offline/offline-transport");
      return clientOn(await openOfflineTransport(await this.offlineOptions(path)));
    };
    return this.shared === undefined ? this.closedAtEnd(await open()) : this.shared.open({ path }, open);
  }

  private closedAtEnd<T extends { close(): Promise<void> }>(each: T): T {
    this.opened.push(each);
    return each;
  }

  private async makeTransportOptions(): Promise<TransportOptions> {
    const endpoints = await this.endpoints();
    const settings = await this.settings();
    for (const name of ["cert", "key", "cacert"] as const) {
      if (settings[name] === "" && settings.given.has(name)) {
        throw new CliError(ExitCode.badArgs, `empty string is passed to --${name} option`);
      }
    }
    return this.optionsOf(settings, endpoints);
  }

  private async optionsOf(settings: Settings, endpoints: readonly string[]): Promise<TransportOptions> {
    const credentials = await credentialsOf(settings, this.io);
    this.failureHints = missingPasswordHints(settings, credentials, this.io);
    return {
      endpoints,
      tls: {
        cacert: settings.cacert,
        cert: settings.cert,
        key: settings.key,
        serverName: settings["insecure-discovery"] ? "" : settings["discovery-srv"],
        insecureSkipVerify: settings["insecure-skip-tls-verify"],
        insecureTransport: settings["insecure-transport"],
      },
      credentials,
      ...this.limits(settings),
    };
  }

  private limits(settings: Settings) {
    return {
      dialTimeoutMs: settings["dial-timeout"],
      keepaliveTimeMs: settings["keepalive-time"],
      keepaliveTimeoutMs: settings["keepalive-timeout"],
      maxRequestBytes: Number(settings["max-request-bytes"]),
      maxReceiveBytes: Number(settings["max-recv-bytes"]),
      clock: this.io.clock,
      signal: this.io.interrupt,
      env: this.io.env,
      ...(settings.debug && { debug: (line: string) => void this.io.stderr.write(`${oneSafeLine(line)}\n`) }),
    };
  }
}

/** Without one of them, the connection is the default one, without TLS. */
const connectionFlags = ["profile", "endpoints", "discovery-srv", "offline", "cert", "cacert"];

/** Whether one of these endpoints could not be reached. */
function isUnreachable(error: unknown, endpoints: readonly string[]): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (at instanceof EtcdError && at.endpoints.some(({ endpoint }) => endpoints.includes(endpoint)))
      return true;
  }
  return false;
}

/** What makes one connection different from another in the same process. */
function connectionSettings(options: TransportOptions): unknown {
  const { endpoints, tls, credentials, dialTimeoutMs, maxRequestBytes, maxReceiveBytes, debug } = options;
  const { keepaliveTimeMs, keepaliveTimeoutMs } = options;
  const limits = [dialTimeoutMs, keepaliveTimeMs, keepaliveTimeoutMs, maxRequestBytes, maxReceiveBytes];
  return [endpoints, tls, credentials, limits, debug !== undefined];
}

async function dial(options: TransportOptions): Promise<EtcdClient> {
  const { openTransport } = await import("../transport/open");
  return clientOn(await openTransport(options));
}

async function clientOn(transport: Transport): Promise<EtcdClient> {
  const { createClient } = await import("../client/client");
  const { withDenialHints } = await import("../client/denied");
  return createClient(withDenialHints(transport));
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}
