// The shape of a command: a table of flags, and `run`, which gets everything it needs as arguments. One file holds all commands
// of a noun. cli/manifest/ lists them. A command never uses commander, a certain output format or `process`.
import type { FlagTable, FlagValues } from "../input/flags";
import type { ParsedFlags } from "../input/parse-flags";
import type { EtcdClient } from "../client/client";
import type { ReadRangeOptions } from "../client/range";
import { badArgs, type CliError, type ErrorDetails, type EtcdError } from "../errors";
import type { Io } from "../io";
import type { OfflineOptions } from "../offline/open-store";
import type { TableStyle, Printer } from "../output/printer";
import type { HttpAnswer } from "../transport/http-get";
import type { CallOptions, Credentials, TlsOptions } from "../transport/transport";

/** A client for the endpoints, and the printer for the format of --write-out. */
export interface Connection {
  readonly client: EtcdClient;
  readonly printer: Printer;
}

/** A cluster other than the one that the global flags name. */
export interface OtherCluster {
  readonly endpoints: readonly string[];
  readonly tls: TlsOptions;
  readonly credentials: Credentials | undefined;
}

export interface CommandContext {
  readonly io: Io;
  /**
   * Resolves the global settings, loads the printer and opens the channel. Failures come in Go's order: unsupported
   * format (exit code 4), endpoints, TLS files (128), credentials. Call it after the command has checked its arguments.
   */
  connect(): Promise<Connection>;
  /** Only the printer, for commands that open one client for each endpoint. */
  printer(): Promise<Printer>;
  /** `--compat`, `--columns`, `--wide` and the terminal, for the commands that print without a Printer. */
  tableStyle(): Promise<TableStyle>;
  /** `--write-out`, for the commands whose output no printer has. Not checked. */
  format(): Promise<string>;
  /** What --offline names, for a command that reads the files itself. Undefined: the command is for a cluster. */
  offline(): Promise<OfflineOptions | undefined>;
  /** The endpoints from --endpoints or from DNS discovery, as typed but trimmed. */
  endpoints(): Promise<readonly string[]>;
  /**
   * The path of --offline; empty for the user's own data directory, undefined without the flag. With it, the only endpoint is
   * no address.
   */
  offlinePath(): Promise<string | undefined>;
  /** The name in --user; empty without the flag. */
  userName(): Promise<string>;
  /** A client for one endpoint, with the same TLS and credentials. The context closes it when the command ends. */
  clientOf(endpoint: string): Promise<EtcdClient>;
  /**
   * A client for other endpoints, with the same TLS and credentials, or for what --offline=PATH opens. The context closes it
   * when the command ends.
   */
  clientAt(place: { readonly endpoints: readonly string[] } | { readonly path: string }): Promise<EtcdClient>;
  /** A client for the cluster of a profile; undefined if there is no profile of this name. */
  clientOfProfile(name: string): Promise<EtcdClient | undefined>;
  /** A client for another cluster, with the same limits and timeouts. The context closes it when the command ends. */
  openOther(cluster: OtherCluster): Promise<EtcdClient>;
  /** Whether the user wants to be asked before keys are deleted: by ETCDCTL_CONFIRM or by the profile. */
  confirmsDeletions(): Promise<boolean>;
  /** Prints a failure and its hints on stderr, without ending the command. */
  reportFailure(line: string, error: CliError | EtcdError): Promise<void>;
  /** The response to an HTTP GET of `path` from an endpoint, with the same TLS. Rejects with an Error. */
  httpGet(endpoint: string, path: string): Promise<HttpAnswer>;
  /** The TLS files and checks of the global flags. */
  tls(): Promise<TlsOptions>;
  /** The deadline of --command-timeout, counted from this call, and cancellation by Ctrl-C. */
  call(): CallOptions;
  /** Cancellation by Ctrl-C and no deadline: for streams that run until they are stopped. */
  stream(): CallOptions;
  /** `call()` if the user set --command-timeout (by flag or environment), otherwise `stream()`. */
  longCall(): CallOptions;
}

export interface Command<T extends FlagTable = FlagTable> {
  readonly flags: T;
  /** For a command whose values also come from elsewhere: the values that `run` receives. */
  readonly settle?: (parsed: ParsedFlags<FlagTable>, io: Io) => Promise<FlagValues<T>>;
  /** For a command without a use for the global flags: the error for each that is typed. */
  readonly foreignFlags?: (name: string) => [message: string, details: ErrorDetails];
  /** For a command whose flags Go's flag package parses: its exit code, and its text in place of pflag's. */
  readonly flagErrors?: { readonly exitCode: number; readonly text: (message: string) => string };
  /** Set where cobra counts the arguments in Go. Most commands count them in `run` and print another error. */
  readonly exactArgs?: number;
  /**
   * Throws a CliError or an EtcdError. Returns an exit code if the command fails after it has printed everything.
   * `dashAt` is the number of arguments before `--`; undefined without `--`.
   */
  run(
    context: CommandContext,
    args: readonly string[],
    flags: FlagValues<T>,
    dashAt?: number,
  ): Promise<number | void>;
}

/** How a command reads a range of any size with client/range.ts: its deadlines, and pages where there is no stream. */
export function rangeReading(context: CommandContext, { transport }: EtcdClient): ReadRangeOptions {
  return {
    transport,
    callOptions: () => context.call(),
    streamOptions: () => context.stream(),
    clock: context.io.clock,
    requireStream: false,
  };
}

/** Infers the types of the flags that `run` receives. */
export function defineCommand<const T extends FlagTable>(command: Command<T>): Command<T> {
  return command;
}

type Arguments<N extends number> = N extends 0
  ? readonly []
  : N extends 1
    ? readonly [string]
    : readonly [string, string];

export interface UnaryCommand<N extends 0 | 1 | 2, R> {
  readonly argumentCount: N;
  /** Go's error for any other number of arguments. */
  readonly usageError: string;
  readonly call: (client: EtcdClient, args: Arguments<N>, options: CallOptions) => Promise<R>;
  readonly print: (printer: Printer, response: R, args: Arguments<N>) => string | Uint8Array;
}

/**
 * A command without flags that makes one call and prints the response, as most commands of auth, user and role do. A wrong
 * number of arguments fails before the client connects, as in Go.
 */
export function unaryCommand<const N extends 0 | 1 | 2, R>({
  argumentCount,
  usageError,
  call,
  print,
}: UnaryCommand<N, R>): Command {
  return defineCommand({
    flags: {},
    async run(context, args) {
      if (args.length !== argumentCount) throw badArgs(usageError);
      const { client, printer } = await context.connect();
      const typed = args as Arguments<N>;
      await context.io.stdout.write(print(printer, await call(client, typed, context.call()), typed));
    },
  });
}
