// `watch [KEY] [END] [-- COMMAND]` prints events, and runs COMMAND for each. `watch -i` reads watch requests from stdin. It runs
// until a signal, or until the server cancels the watch.
// Go: etcdctl/ctlv3/command/watch_command.go.
import type { FlagTable, FlagValues } from "../input/flags";
import { FlagError, parseFlags } from "../input/parse-flags";
import { watchInParts } from "../client/packed-watch";
import { Watch, WatchCanceled } from "../client/watch";
import { CliError, EndOfHistory, ExitCode, badArgs } from "../errors";
import { quote } from "../go/quote";
import { hintLine } from "../go/raw-text";
import type { Io, OutputStream } from "../io";
import type { Printer } from "../output/printer";
import type { WatchResponse } from "../proto/gen/etcdserverpb";
import { WatchCreateRequest } from "../proto/gen/etcdserverpb";
import type { Argument } from "./arguments";
import { keyRange } from "./arguments";
import type { CommandContext, Connection } from "./command";
import { defineCommand } from "./command";
import {
  encryptionFlags,
  objectFlags,
  objectPrinterFor,
  objectTextFor,
  valueOpenerFor,
  type EncryptionFlags,
  type ObjectFlags,
} from "./object-flags";
import { breakText, eventShowerOf, reportAfterMs, type EventShower } from "./watch-events";
import { runBatches } from "./watch-batch";
import { runForEach } from "./watch-exec";
import { LineReader, binaryToBytes, splitWords, binaryToText } from "./tokenize";

const watchFlags = {
  interactive: {
    kind: "bool",
    short: "i",
    default: false,
    usage: "read watch and progress requests from stdin, one per line",
  },
  prefix: { kind: "bool", default: false, usage: "all keys that begin with KEY" },
  rev: { kind: "int64", default: 0n, usage: "start at this revision: print all events since then first" },
  "prev-kv": { kind: "bool", default: false, usage: "also print the previous key and value of each event" },
  "progress-notify": {
    kind: "bool",
    default: false,
    usage: "print progress notifications while there are no events",
  },
} as const satisfies FlagTable;

/** Departures, and not for the lines of `watch -i`. */
const commandFlags = {
  ...watchFlags,
  ...objectFlags,
  ...encryptionFlags,
  timestamps: {
    kind: "bool",
    default: false,
    usage: "also print when each event arrived (with -w simple, yaml or jsonl)",
  },
  diff: {
    kind: "bool",
    default: false,
    usage: "print how each value changed, line by line (with -w simple)",
  },
  "exec-batch": {
    kind: "bool",
    default: false,
    usage: "run the command once for all events of a moment, which it reads from stdin as JSON lines",
  },
  debounce: {
    kind: "duration",
    default: 100,
    usage: "a batch of --exec-batch ends when no event has come for this time",
  },
} as const satisfies FlagTable;

export const command = defineCommand({
  flags: commandFlags,
  async run(context, args, flags, dashAt) {
    const env = watchEnvironment(context.io);
    const show = await eventShower(context, flags);
    if (flags.interactive && flags["encryption-config"] !== "") {
      throw badArgs("--encryption-config cannot be set with --interactive");
    }
    if (flags.interactive) return watchInteractively(context, await connect(context, flags), env);
    const { range, command: words } = commandLineArguments({ args, dashAt }, env);
    const command = words.map(String);
    if (flags["exec-batch"] && command.length === 0) {
      throw badArgs("--exec-batch needs a command after --");
    }
    const connection = await connect(context, flags);
    const request = watchRequest(range, flags.diff ? { ...flags, "prev-kv": true } : flags);
    const shown: WatchHandler = flags["exec-batch"]
      ? (watch, { io }) => runBatches(watch, { command, pauseMs: flags.debounce }, io)
      : printing(command, show);
    const handle = await withOpenedValues(shown, context, flags);
    const result = await runWatch(context, connection, request, handle).ended;
    if (result === "end of history") return ExitCode.success;
    if (typeof result === "number") return result;
    throw new CliError(ExitCode.interrupted, "watch is canceled by the server", { hints: result });
  },
});

type WatchFlags = FlagValues<typeof watchFlags>;

interface WatchConnection extends Connection {
  /** The handler gets large responses in parts: the output of the format simple is that of the events, one by one. */
  readonly inParts: boolean;
}

async function connect(
  context: CommandContext,
  flags: ObjectFlags & { readonly "exec-batch": boolean },
): Promise<WatchConnection> {
  const connection = await context.connect();
  const printer = await objectPrinterFor(context, connection, flags);
  const inParts = (await context.format()) === "simple" && !flags["exec-batch"];
  return { ...connection, printer, inParts };
}

/** How the flags want events to be shown; undefined for the printer of the format. Throws CliError where a format cannot. */
async function eventShower(
  context: CommandContext,
  flags: FlagValues<typeof commandFlags>,
): Promise<EventShower | undefined> {
  if (!flags.timestamps && !flags.diff) return undefined;
  if (flags.interactive || flags["exec-batch"]) {
    throw badArgs("--timestamps and --diff cannot be set with --interactive or --exec-batch");
  }
  const textOf = flags.diff ? await objectTextFor(flags) : undefined;
  return eventShowerOf(await context.format(), { ...flags, textOf }, context.io.clock);
}

/** The arguments of the command line or of a line of `watch -i`. */
interface ParsedArguments {
  readonly args: readonly Argument[];
  readonly dashAt: number | undefined;
}

/** KEY and END, from the arguments or the environment, and the command after `--`. */
interface WatchArguments {
  readonly range: readonly Argument[];
  readonly command: readonly Argument[];
}

/** KEY and END from the environment; empty if not set. */
export interface WatchEnvironment {
  readonly key: string;
  readonly rangeEnd: string;
}

function watchEnvironment({ env }: Pick<Io, "env">): WatchEnvironment {
  const key = env["ETCDCTL_WATCH_KEY"] ?? "";
  const rangeEnd = env["ETCDCTL_WATCH_RANGE_END"] ?? "";
  if (key === "" && rangeEnd !== "") {
    throw badArgs(`ETCDCTL_WATCH_KEY is empty but got ETCDCTL_WATCH_RANGE_END=${quote(rangeEnd)}`);
  }
  return { key, rangeEnd };
}

/** The checks of both functions have Go's order (parseWatchArgs). */
function commandLineArguments(parsed: ParsedArguments, env: WatchEnvironment): WatchArguments {
  const typed = parsed.args.slice(0, parsed.dashAt);
  checkSeparator(parsed);
  checkArgumentCount(parsed, env);
  if (typed.length > 0 && env.key !== "") throw environmentConflict();
  return watchArguments(parsed, env);
}

/** In a line of `watch -i` that has a command, a key may be given although the environment has one: it is END then. */
function lineArguments(parsed: ParsedArguments, env: WatchEnvironment): WatchArguments {
  checkArgumentCount(parsed, env);
  if (parsed.dashAt === undefined && parsed.args.length > 0 && env.key !== "") throw environmentConflict();
  return watchArguments(parsed, env);
}

function checkSeparator({ args, dashAt }: ParsedArguments): void {
  if (dashAt === args.length) throw badArgs(`${badArgumentCount} (found separator --, but no commands)`);
}

function watchRequest(range: readonly Argument[], flags: WatchFlags): WatchCreateRequest {
  const [key, end] = range;
  if (key === undefined) throw badArgs(badArgumentCount);
  const hasEnd = end !== undefined && range.length === 2;
  if (hasEnd && flags.prefix) throw badArgs("`range_end` and `--prefix` are mutually exclusive");
  return WatchCreateRequest.create({
    ...keyRange(hasEnd ? [key, end] : [key], { prefix: flags.prefix, "from-key": false }),
    startRevision: flags.rev,
    prevKv: flags["prev-kv"],
    progressNotify: flags["progress-notify"],
  });
}

const badArgumentCount = "bad number of arguments";

function checkArgumentCount({ args, dashAt }: ParsedArguments, { key }: WatchEnvironment): void {
  if (dashAt === undefined && args.length === 0 && key === "") throw badArgs(badArgumentCount);
}

function environmentConflict(): Error {
  return badArgs(`${badArgumentCount} (found conflicting environment key)`);
}

function watchArguments(
  { args, dashAt }: ParsedArguments,
  { key, rangeEnd }: WatchEnvironment,
): WatchArguments {
  const typed = args.slice(0, dashAt);
  return {
    range: [...[key, rangeEnd].filter((each) => each !== ""), ...typed],
    command: args.slice(typed.length),
  };
}

/** Hints if the server canceled the watch, an exit code if a command failed. Only --offline has an end of the history. */
type WatchEnd = readonly string[] | number | "end of history";

interface RunningWatch {
  /** Resolves when the server has created or rejected the watch. */
  readonly created: Promise<void>;
  readonly ended: Promise<WatchEnd>;
  requestProgress(): void;
}

/** Runs one watch. With --offline it ends. Go: printWatchCh */
function runWatch(
  context: Pick<CommandContext, "io" | "stream">,
  connection: WatchConnection,
  request: WatchCreateRequest,
  handle: WatchHandler,
): RunningWatch {
  const { io } = context;
  const { client, inParts } = connection;
  let setCreated!: () => void;
  const created = new Promise<void>((resolve) => (setCreated = resolve));
  let isBroken = false;
  const watch = new Watch(inParts ? watchInParts(client.transport) : client.watch, request, {
    streamOptions: context.stream(),
    clock: io.clock,
    inParts,
    // In a pipe the watch waits in silence, as Go's does.
    ...(io.stderr.isTTY && { reportAfterMs }),
    onCreated() {
      isBroken = false;
      setCreated();
    },
    onStreamBroken(error, revision) {
      if (!isBroken) void io.stderr.write(hintLine(breakText(error, revision))).catch(() => undefined);
      isBroken = true;
    },
  });
  const ended = handleEvents(watch, connection, handle, io);
  ended.then(setCreated, setCreated);
  return { created: created, ended, requestProgress: () => watch.requestProgress() };
}

/** What is done with the responses of a watch until it ends. */
type WatchHandler = (
  watch: AsyncIterable<WatchResponse>,
  used: { readonly printer: Printer; readonly io: Io },
) => Promise<WatchEnd>;

/** With --encryption-config, the handler gets the values as the API server reads them. */
async function withOpenedValues(
  handle: WatchHandler,
  context: CommandContext,
  flags: EncryptionFlags,
): Promise<WatchHandler> {
  const opener = await valueOpenerFor(context, flags);
  if (opener === undefined) return handle;
  const { openResponses } = await import("./kubernetes/open-values");
  return (watch, used) => handle(openResponses(watch, opener), used);
}

/** Prints the events, and runs the command for each. */
function printing(command: readonly string[], show?: EventShower): WatchHandler {
  return async (watch, { printer, io }) => {
    for await (const response of watch) {
      if (response.events.length === 0 && response.header) {
        await io.stdout.write(printer.watchProgress(response.header.revision));
      }
      const text =
        show && response.events.length > 0 ? show(response.events, printer) : printer.watch(response);
      await io.stdout.write(text);
      if (command.length > 0 && !(await runForEach(response, command, io))) return 1;
    }
    return [];
  };
}

async function handleEvents(
  watch: Watch,
  { printer }: Connection,
  handle: WatchHandler,
  io: Io,
): Promise<WatchEnd> {
  try {
    return await handle(watch, { printer, io });
  } catch (error) {
    if (error instanceof EndOfHistory) return "end of history";
    if (!(error instanceof WatchCanceled)) throw error;
    if (!error.response) {
      return error.message === ""
        ? error.hints
        : [`reason given by the server: ${error.message}`, ...error.hints];
    }
    await io.stderr.write(`watch was canceled (${error.message})\n`);
    await io.stdout.write(printer.watch(error.response));
    const oldest = error.compactRevision;
    return oldest === 0n
      ? error.hints
      : [`the history before revision ${oldest} is compacted: start with --rev=${oldest} or later`];
  }
}

export type InteractiveLine =
  | { readonly kind: "watch"; readonly request: WatchCreateRequest; readonly command: readonly string[] }
  | { readonly kind: "progress" }
  /** `message` says why the line is skipped. */
  | { readonly kind: "invalid"; readonly message: string };

/**
 * Reads lines such as `watch [flags] KEY` and `progress`. All watches print until the input ends, which is an error, as is a line
 * with a bad flag. Other bad lines are reported and skipped. Go: watchInteractiveFunc
 */
async function watchInteractively(
  context: CommandContext,
  connection: WatchConnection,
  env: WatchEnvironment,
): Promise<number> {
  const io = withSerialStdout(context.io);
  const lines = new LineReader(io.stdin.chunks());
  const running = new Set<RunningWatch>();
  let fail!: (reason: unknown) => void;
  let end!: (exitCode: number) => void;
  const finished = new Promise<number>((resolve, reject) => ([end, fail] = [resolve, reject]));
  /** Ends the watches without a message when the command ends. */
  const ending = new AbortController();
  const signal = AbortSignal.any([ending.signal, io.interrupt]);
  const start = async (request: WatchCreateRequest, command: readonly string[]): Promise<void> => {
    const watch = runWatch(
      { io, stream: () => ({ ...context.stream(), signal }) },
      connection,
      request,
      printing(command),
    );
    running.add(watch);
    watch.ended.then((result) => {
      running.delete(watch);
      if (typeof result === "number") end(result);
    }, fail);
    // The next line may be `progress`, which must reach this watch too.
    await watch.created;
  };
  const readLines = async (): Promise<number> => {
    for (;;) {
      const line = await lines.next();
      if (line === undefined || lines.isUnterminated) {
        throw new CliError(ExitCode.invalidInput, "error reading watch request line: EOF");
      }
      const parsed = interactiveLine(line, env);
      if (parsed.kind === "invalid") await io.stderr.write(`${parsed.message}\n`);
      else if (parsed.kind === "watch") await start(parsed.request, parsed.command);
      else for (const watch of running) watch.requestProgress();
    }
  };
  try {
    return await Promise.race([readLines(), finished]);
  } finally {
    ending.abort();
  }
}

/** Parses a line, which is a binary string (tokenize.ts). Throws CliError for an error that ends the program. */
export function interactiveLine(line: string, env: WatchEnvironment): InteractiveLine {
  const [name, ...args] = splitWords(line);
  const invalid = (message: string): InteractiveLine => ({ kind: "invalid", message });
  if (name === undefined)
    return invalid(`Invalid command: ${binaryToText(line)} (watch and progress supported)`);
  if (name === "progress") return { kind: "progress" };
  if (name !== "watch") return invalid(`Invalid command ${binaryToText(line)} (only support watch)`);
  if (args.length === 0 && env.key === "") {
    return invalid(`Invalid command ${binaryToText(line)} (command type or key is not provided)`);
  }
  const { range, command, flags } = parseLine(args, env);
  try {
    return { kind: "watch", request: watchRequest(range, flags), command };
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return invalid(`Invalid command ${binaryToText(line)} (${error.message})`);
  }
}

function parseLine(words: readonly string[], env: WatchEnvironment) {
  const dash = words.indexOf("--");
  if (dash >= 0) checkSeparator({ args: words, dashAt: dash + 1 });
  const { values, args, dashAt } = parsedFlags(words);
  const typed = lineArguments({ args: args.map(binaryToBytes), dashAt }, env);
  return { range: typed.range, command: args.slice(dashAt ?? args.length).map(binaryToText), flags: values };
}

function parsedFlags(words: readonly string[]) {
  try {
    return parseFlags(watchFlags, words);
  } catch (error) {
    if (!(error instanceof FlagError)) throw error;
    throw badArgs(binaryToText(error.message));
  }
}

/** Several watches write to stdout: each write begins after the one before has ended. */
function withSerialStdout(io: Io): Io {
  let last: Promise<void> = Promise.resolve();
  const { stdout } = io;
  const serial: OutputStream = {
    isTTY: stdout.isTTY,
    columns: stdout.columns,
    write: (chunk) => (last = last.then(() => stdout.write(chunk))),
  };
  return { ...io, stdout: serial };
}
