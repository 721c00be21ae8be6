// `watch [KEY] [END] [-- COMMAND]`: prints changes as they happen, or runs a command for each; with -i a watch for each
// line of input. It ends only when it is told to or when the server refuses to go on.
// Answers to etcdctl's watch_command.go.
import type { FlagTable, FlagValues } from "../cli/flags";
import { FlagError, parseFlags } from "../cli/parse-flags";
import { Watch, WatchCanceled } from "../client/watch";
import { CliError, ExitCode, badArgs } from "../errors";
import { exitText } from "../go/os";
import { quote } from "../go/quote";
import type { ChildEnd, Io, OutputStream } from "../io";
import { StartFailure } from "../io";
import type { WatchResponse } from "../proto/gen/etcdserverpb";
import { WatchCreateRequest } from "../proto/gen/etcdserverpb";
import type { Event } from "../proto/gen/mvccpb";
import { Event_EventType } from "../proto/gen/mvccpb";
import type { Argument } from "./arguments";
import { keyRange } from "./arguments";
import type { CommandContext, Connection } from "./command";
import { defineCommand } from "./command";
import { LineReader, binaryToBytes, splitWords, binaryToText } from "./tokenize";

export const watchFlags = {
  interactive: {
    kind: "bool",
    short: "i",
    default: false,
    usage: "read watch and progress lines from stdin",
  },
  prefix: { kind: "bool", default: false, usage: "the keys that begin with KEY" },
  rev: { kind: "int64", default: 0n, usage: "first what has happened since this revision" },
  "prev-kv": { kind: "bool", default: false, usage: "also what was there before each event" },
  "progress-notify": {
    kind: "bool",
    default: false,
    usage: "tell now and then how far the watch is, without events too",
  },
} as const satisfies FlagTable;

export const command = defineCommand({
  flags: watchFlags,
  async run(context, args, flags, dashAt) {
    const env = watchEnvironment(context.io);
    if (flags.interactive) return watchInteractively(context, env);
    const { range, command } = commandLineArguments({ args, dashAt }, env);
    const session = await context.connect();
    const request = watchRequest(range, flags);
    const end = await runWatch(context, session, request, command.map(String)).ended;
    if (typeof end === "number") return end;
    throw new CliError(ExitCode.interrupted, "watch is canceled by the server", { hints: end });
  },
});

// What a `watch` is asked to do, from the command line or from a line of `watch -i`: which keys, and which command to run
// for each event. Pure; the checks are Go's, in its order. What stands behind `--` is the command, whatever it repeats.
// Answers to parseWatchArgs and getWatchChan in etcdctl's watch_command.go.

export type WatchFlags = FlagValues<typeof watchFlags>;

export interface ParsedArguments {
  readonly args: readonly Argument[];
  readonly dashAt: number | undefined;
}

/** Key and end of the range, as typed or from the environment, and what stood behind `--`. */
export interface WatchArguments {
  readonly range: readonly Argument[];
  readonly command: readonly Argument[];
}

/** Keys to watch from the environment; empty where there are none. */
export interface WatchEnvironment {
  readonly key: string;
  readonly rangeEnd: string;
}

export function watchEnvironment({ env }: Pick<Io, "env">): WatchEnvironment {
  const key = env["ETCDCTL_WATCH_KEY"] ?? "";
  const rangeEnd = env["ETCDCTL_WATCH_RANGE_END"] ?? "";
  if (key === "" && rangeEnd !== "") {
    throw badArgs(`ETCDCTL_WATCH_KEY is empty but got ETCDCTL_WATCH_RANGE_END=${quote(rangeEnd)}`);
  }
  return { key, rangeEnd };
}

export function commandLineArguments(words: ParsedArguments, env: WatchEnvironment): WatchArguments {
  const own = words.args.slice(0, words.dashAt);
  checkSeparator(words);
  checkNumber(words, env);
  if (own.length > 0 && env.key !== "") throw conflict();
  return watchArguments(words, env);
}

/** In a line of `watch -i` a key may stand beside that of the environment when there is a command too; then it is the end. */
export function lineArguments(words: ParsedArguments, env: WatchEnvironment): WatchArguments {
  checkNumber(words, env);
  if (words.dashAt === undefined && words.args.length > 0 && env.key !== "") throw conflict();
  return watchArguments(words, env);
}

export function checkSeparator({ args, dashAt }: ParsedArguments): void {
  if (dashAt === args.length) throw badArgs(`${badNumber} (found separator --, but no commands)`);
}

export function watchRequest(range: readonly Argument[], flags: WatchFlags): WatchCreateRequest {
  const [key, end] = range;
  if (key === undefined) throw badArgs(badNumber);
  const hasEnd = end !== undefined && range.length === 2;
  if (hasEnd && flags.prefix) throw badArgs("`range_end` and `--prefix` are mutually exclusive");
  return WatchCreateRequest.create({
    ...keyRange(hasEnd ? [key, end] : [key], { prefix: flags.prefix, "from-key": false }),
    startRevision: flags.rev,
    prevKv: flags["prev-kv"],
    progressNotify: flags["progress-notify"],
  });
}

const badNumber = "bad number of arguments";

function checkNumber({ args, dashAt }: ParsedArguments, { key }: WatchEnvironment): void {
  if (dashAt === undefined && args.length === 0 && key === "") throw badArgs(badNumber);
}

function conflict(): Error {
  return badArgs(`${badNumber} (found conflicting environment key)`);
}

function watchArguments(
  { args, dashAt }: ParsedArguments,
  { key, rangeEnd }: WatchEnvironment,
): WatchArguments {
  const own = args.slice(0, dashAt);
  return {
    range: [...[key, rangeEnd].filter((word) => word !== ""), ...own],
    command: args.slice(own.length),
  };
}

// The events of one watch as they come: printed, then a command run for each. Answers to printWatchCh in etcdctl's
// watch_command.go.

export interface RunningWatch {
  /** Resolves when the server has taken the watch, or refused it. */
  readonly created: Promise<void>;
  /** The hints of a watch that the server has ended, or the exit code after a command that failed. */
  readonly ended: Promise<readonly string[] | number>;
  requestProgress(): void;
}

export function runWatch(
  context: Pick<CommandContext, "io" | "stream">,
  session: Connection,
  request: WatchCreateRequest,
  command: readonly string[],
): RunningWatch {
  const { io } = context;
  let begin!: () => void;
  const created = new Promise<void>((resolve) => (begin = resolve));
  let isBroken = false;
  const watch = new Watch(session.client.watch, request, {
    streamOptions: context.stream(),
    clock: io.clock,
    onCreated() {
      isBroken = false;
      begin();
    },
    onStreamBroken(error, revision) {
      if (!isBroken)
        void io.stderr.write(`hint: ${breakText(error.message, revision)}\n`).catch(() => undefined);
      isBroken = true;
    },
  });
  const ended = showEvents(watch, session, command, io);
  ended.then(begin, begin);
  return { created: created, ended, requestProgress: () => watch.requestProgress() };
}

function breakText(reason: string, revision: bigint): string {
  const goesOn = revision > 0n ? `goes on from revision ${revision}` : "begins";
  return `the stream broke (${reason}); the watch ${goesOn} when a member answers`;
}

async function showEvents(
  watch: Watch,
  { printer }: Connection,
  command: readonly string[],
  io: Io,
): Promise<readonly string[] | number> {
  try {
    for await (const response of watch) {
      if (response.events.length === 0 && response.header) {
        await io.stdout.write(printer.watchProgress(response.header.revision));
      }
      await io.stdout.write(printer.watch(response));
      if (command.length > 0 && !(await runForEach(response, command, io))) return 1;
    }
    return [];
  } catch (error) {
    if (!(error instanceof WatchCanceled)) throw error;
    if (!error.response) return error.message === "" ? [] : [`its reason: ${error.message}`];
    await io.stderr.write(`watch was canceled (${error.message})\n`);
    await io.stdout.write(printer.watch(error.response));
    const first = error.compactRevision;
    return first === 0n
      ? error.hints
      : [`the history before revision ${first} is compacted: start with --rev=${first} or later`];
  }
}

/** False as soon as one fails, which ends all. */
async function runForEach(response: WatchResponse, command: readonly string[], io: Io): Promise<boolean> {
  for (const event of response.events) {
    const failure = await runFor(event, response.header?.revision ?? 0n, command, io);
    if (failure === undefined) continue;
    await io.stderr.write(`command [${command.map(quote).join(" ")}] error (${failure})\n`);
    return false;
  }
  return true;
}

async function runFor(
  { type, kv }: Event,
  revision: bigint,
  command: readonly string[],
  io: Io,
): Promise<string | undefined> {
  const env = {
    ETCD_WATCH_REVISION: String(revision),
    ETCD_WATCH_EVENT_TYPE: quote(type === Event_EventType.DELETE ? "DELETE" : "PUT"),
    ETCD_WATCH_KEY: quote(kv?.key ?? ""),
    ETCD_WATCH_VALUE: quote(kv?.value ?? ""),
  };
  try {
    const child = await io.startChild(command, { env });
    const end = await unlessInterrupted(child.ended, io.interrupt);
    return "exitCode" in end && end.exitCode === 0 ? undefined : exitText(end);
  } catch (error) {
    if (!(error instanceof StartFailure)) throw error;
    return error.message;
  }
}

function unlessInterrupted(ended: Promise<ChildEnd>, interrupt: AbortSignal): Promise<ChildEnd> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(interrupt.reason as Error);
    if (interrupt.aborted) return stop();
    interrupt.addEventListener("abort", stop);
    void ended.then(resolve).finally(() => interrupt.removeEventListener("abort", stop));
  });
}

// `watch -i`: a line is a watch with flags of its own, or `progress`. All watches print until the input ends, which is an
// error, as is a line with a bad flag; other bad lines are told and passed over.
// Answers to watchInteractiveFunc in etcdctl's watch_command.go.

export type InteractiveLine =
  | { readonly kind: "watch"; readonly request: WatchCreateRequest; readonly command: readonly string[] }
  | { readonly kind: "progress" }
  /** What to say of a line that is passed over. */
  | { readonly kind: "nothing"; readonly complaint: string };

export async function watchInteractively(context: CommandContext, env: WatchEnvironment): Promise<number> {
  const session = await context.connect();
  const io = inTurn(context.io);
  const lines = new LineReader(io.stdin.chunks());
  const running = new Set<RunningWatch>();
  let fail!: (reason: unknown) => void;
  let end!: (exitCode: number) => void;
  const over = new Promise<number>((resolve, reject) => ([end, fail] = [resolve, reject]));
  const start = async (request: WatchCreateRequest, command: readonly string[]): Promise<void> => {
    const watch = runWatch({ io, stream: () => context.stream() }, session, request, command);
    running.add(watch);
    watch.ended.then((ending) => {
      running.delete(watch);
      if (typeof ending === "number") end(ending);
    }, fail);
    // The next line may be `progress`, which is meant for this watch too.
    await watch.created;
  };
  const read = async (): Promise<number> => {
    for (;;) {
      const line = await lines.next();
      if (line === undefined || lines.isUnterminated) {
        throw new CliError(ExitCode.invalidInput, "error reading watch request line: EOF");
      }
      const asked = interactiveLine(line, env);
      if (asked.kind === "nothing") await io.stderr.write(`${asked.complaint}\n`);
      else if (asked.kind === "watch") await start(asked.request, asked.command);
      else for (const watch of running) watch.requestProgress();
    }
  };
  return Promise.race([read(), over]);
}

/** `line` is a binary string. Throws CliError for what ends the program. */
export function interactiveLine(line: string, env: WatchEnvironment): InteractiveLine {
  const [name, ...words] = splitWords(line);
  const nothing = (complaint: string): InteractiveLine => ({ kind: "nothing", complaint });
  if (name === undefined)
    return nothing(`Invalid command: ${binaryToText(line)} (watch and progress supported)`);
  if (name === "progress") return { kind: "progress" };
  if (name !== "watch") return nothing(`Invalid command ${binaryToText(line)} (only support watch)`);
  if (words.length === 0 && env.key === "") {
    return nothing(`Invalid command ${binaryToText(line)} (command type or key is not provided)`);
  }
  const { range, command, flags } = parseLine(words, env);
  try {
    return { kind: "watch", request: watchRequest(range, flags), command };
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return nothing(`Invalid command ${binaryToText(line)} (${error.message})`);
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

/** Several watches print: each piece is written before the next begins. */
function inTurn(io: Io): Io {
  let last: Promise<void> = Promise.resolve();
  const { stdout } = io;
  const taking: OutputStream = {
    isTTY: stdout.isTTY,
    columns: stdout.columns,
    write: (chunk) => (last = last.then(() => stdout.write(chunk))),
  };
  return { ...io, stdout: taking };
}
