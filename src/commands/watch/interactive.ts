// `watch -i` reads watch requests from stdin, one per line. Go: watchInteractiveFunc in etcdctl/ctlv3/command/watch_command.go.
import { CliError, ExitCode, badArgs } from "../../errors";
import { FlagError, parseFlags } from "../../input/parse-flags";
import type { Io, OutputStream } from "../../io";
import type { WatchCreateRequest } from "../../proto/gen/etcdserverpb";
import type { CommandContext } from "../command";
import { LineReader, binaryToBytes, binaryToText, splitWords } from "../tokenize";
import { checkSeparator, lineArguments, watchFlags, watchRequest, type WatchEnvironment } from "./arguments";
import { printing, runWatch, type RunningWatch, type WatchConnection } from "./run";

export type InteractiveLine =
  | { readonly kind: "watch"; readonly request: WatchCreateRequest; readonly command: readonly string[] }
  | { readonly kind: "progress" }
  /** `message` says why the line is skipped. */
  | { readonly kind: "invalid"; readonly message: string };

/**
 * Reads lines such as `watch [flags] KEY` and `progress`. All watches print until the input ends, which is an error, as is a line
 * with a bad flag. Other bad lines are reported and skipped.
 */
export async function watchInteractively(
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
