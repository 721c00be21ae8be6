// What a command is: flags as data and a run that gets all it needs as arguments. One file per leaf command exports
// `command`; cli/manifest/ names it; nothing here knows commander, a format or the process.
import type { FlagTable, FlagValues } from "../cli/flags";
import type { EtcdClient } from "../client/client";
import { badArgs } from "../errors";
import type { Io } from "../io";
import type { Printer } from "../output/printer";
import type { CallOptions, Credentials, TlsOptions } from "../transport/transport";

/** A client of some endpoints, and the printer of the chosen format. */
export interface Connection {
  readonly client: EtcdClient;
  readonly printer: Printer;
}

/** A cluster beside that of the global flags. */
export interface OtherCluster {
  readonly endpoints: readonly string[];
  readonly tls: TlsOptions;
  readonly credentials: Credentials | undefined;
}

export interface CommandContext {
  readonly io: Io;
  /**
   * Resolves the global settings, loads the printer and opens the channel, in Go's order of failures: unsupported
   * format (4), endpoints, TLS files (128), credentials. Call it after the command's own argument checks.
   */
  connect(): Promise<Connection>;
  /** Only the printer, for commands that open one client per endpoint. */
  printer(): Promise<Printer>;
  /** The endpoints of --endpoints or of discovery, as typed (trimmed). */
  endpoints(): Promise<readonly string[]>;
  /** A client of one endpoint, with the same TLS and credentials. The context closes it at the end of the command. */
  clientOf(endpoint: string): Promise<EtcdClient>;
  /** A client of another cluster, with the same limits and timeouts. The context closes it at the end of the command. */
  openOther(cluster: OtherCluster): Promise<EtcdClient>;
  /** The body that an endpoint answers a GET of `path` with, over HTTP with the same TLS; rejects with an Error. */
  httpGet(endpoint: string, path: string): Promise<string>;
  /** Deadline from --command-timeout (counted from this call) and cancellation by Ctrl-C. */
  call(): CallOptions;
  /** Cancellation by Ctrl-C, no deadline: for streams that run until told to stop. */
  stream(): CallOptions;
  /** `call()` when the user gave --command-timeout (flag or environment), else `stream()`: for `snapshot save`. */
  longCall(): CallOptions;
}

export interface Command<T extends FlagTable = FlagTable> {
  readonly flags: T;
  /** Variables of this prefix and a flag's name (ETCD_DATA_DIR) stand for flags that are not given. */
  readonly variables?: string;
  /** Where cobra itself counts the arguments; most commands count them in `run`, with words of their own. */
  readonly exactArgs?: number;
  /**
   * Failures are thrown (CliError, EtcdError); a number is an exit code other than 0 after output already given.
   * `dashAt` is how many of the arguments stood before `--`; undefined without one.
   */
  run(
    context: CommandContext,
    args: readonly string[],
    flags: FlagValues<T>,
    dashAt?: number,
  ): Promise<number | void>;
}

/** Gives `run` the types of its own flag table. */
export function defineCommand<const T extends FlagTable>(command: Command<T>): Command<T> {
  return command;
}

// The commands that are nothing but one call: so many words, one request, one answer to print. Most of auth, user, role
// and member are. A wrong number of words is told before anything is dialled, as in Go.

type Words<N extends number> = N extends 0
  ? readonly []
  : N extends 1
    ? readonly [string]
    : readonly [string, string];

export interface OneCall<N extends 0 | 1 | 2, R> {
  readonly words: N;
  /** What Go says to any other number of them. */
  readonly otherwise: string;
  readonly call: (client: EtcdClient, words: Words<N>, options: CallOptions) => Promise<R>;
  readonly print: (printer: Printer, response: R, words: Words<N>) => string | Uint8Array;
}

export function oneCall<const N extends 0 | 1 | 2, R>({
  words,
  otherwise,
  call,
  print,
}: OneCall<N, R>): Command {
  return defineCommand({
    flags: {},
    async run(context, args) {
      if (args.length !== words) throw badArgs(otherwise);
      const { client, printer } = await context.connect();
      const typed = args as Words<N>;
      await context.io.stdout.write(print(printer, await call(client, typed, context.call()), typed));
    },
  });
}
