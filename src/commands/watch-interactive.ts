// `watch -i`: a line is a watch with flags of its own, or `progress`. All watches print until the input ends, which is an
// error, as is a line with a bad flag; other bad lines are told and passed over.
// Answers to watchInteractiveFunc in etcdctl's watch_command.go.
import { CliError, ExitCode } from "../errors";
import type { Io, OutputStream } from "../io";
import type { CommandContext } from "./command";
import { badArgs } from "./key-range";
import { FlagError, parseFlags } from "./parse-flags";
import { bytesOfBinary, Lines, textOf } from "./txn-input/lines";
import { splitWords } from "./txn-input/words";
import {
  checkSeparator,
  lineArguments,
  watchFlags,
  watchRequest,
  type WatchEnvironment,
} from "./watch-arguments";
import { runWatch, type RunningWatch } from "./watch-events";
import type { WatchCreateRequest } from "../proto/gen/etcdserverpb";

export type InteractiveLine =
  | { readonly do: "watch"; readonly request: WatchCreateRequest; readonly command: readonly string[] }
  | { readonly do: "progress" }
  /** What to say of a line that is passed over. */
  | { readonly do: "nothing"; readonly complaint: string };

export async function watchInteractively(context: CommandContext, env: WatchEnvironment): Promise<number> {
  const session = await context.session();
  const io = inTurn(context.io);
  const lines = new Lines(io.stdin.chunks());
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
    await watch.begun;
  };
  const read = async (): Promise<number> => {
    for (;;) {
      const line = await lines.next();
      if (line === undefined || lines.isCut) {
        throw new CliError(ExitCode.invalidInput, "error reading watch request line: EOF");
      }
      const asked = interactiveLine(line, env);
      if (asked.do === "nothing") await io.stderr.write(`${asked.complaint}\n`);
      else if (asked.do === "watch") await start(asked.request, asked.command);
      else for (const watch of running) watch.requestProgress();
    }
  };
  return Promise.race([read(), over]);
}

/** `line` is a binary string. Throws CliError for what ends the program. */
export function interactiveLine(line: string, env: WatchEnvironment): InteractiveLine {
  const [name, ...words] = splitWords(line);
  const nothing = (complaint: string): InteractiveLine => ({ do: "nothing", complaint });
  if (name === undefined) return nothing(`Invalid command: ${textOf(line)} (watch and progress supported)`);
  if (name === "progress") return { do: "progress" };
  if (name !== "watch") return nothing(`Invalid command ${textOf(line)} (only support watch)`);
  if (words.length === 0 && env.key === "") {
    return nothing(`Invalid command ${textOf(line)} (command type or key is not provided)`);
  }
  const { range, command, flags } = parseLine(words, env);
  try {
    return { do: "watch", request: watchRequest(range, flags), command };
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return nothing(`Invalid command ${textOf(line)} (${error.message})`);
  }
}

function parseLine(words: readonly string[], env: WatchEnvironment) {
  const dash = words.indexOf("--");
  if (dash >= 0) checkSeparator({ args: words, dashAt: dash + 1 });
  const { values, args, dashAt } = parsedFlags(words);
  const typed = lineArguments({ args: args.map(bytesOfBinary), dashAt }, env);
  return { range: typed.range, command: args.slice(dashAt ?? args.length).map(textOf), flags: values };
}

function parsedFlags(words: readonly string[]) {
  try {
    return parseFlags(watchFlags, words);
  } catch (error) {
    if (!(error instanceof FlagError)) throw error;
    throw badArgs(textOf(error.message));
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
