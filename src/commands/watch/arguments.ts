// KEY and END of a watch, from the arguments or the environment, and the command after `--`.
// Go: parseWatchArgs in etcdctl/ctlv3/command/watch_command.go.
import type { FlagTable, FlagValues } from "../../input/flags";
import { badArgs } from "../../errors";
import { quote } from "../../go/quote";
import type { Io } from "../../io";
import { WatchCreateRequest } from "../../proto/gen/etcdserverpb";
import type { Argument } from "../arguments";
import { keyRange } from "../arguments";

/** Those of the command line and of each line of `watch -i`. */
export const watchFlags = {
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

type WatchFlags = FlagValues<typeof watchFlags>;

/** The arguments of the command line or of a line of `watch -i`. */
interface ParsedArguments {
  readonly args: readonly Argument[];
  readonly dashAt: number | undefined;
}

/** KEY and END, from the arguments or the environment, and the command after `--`. */
export interface WatchArguments {
  readonly range: readonly Argument[];
  readonly command: readonly Argument[];
}

/** KEY and END from the environment; empty if not set. */
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

/** The checks of both functions have Go's order (parseWatchArgs). */
export function commandLineArguments(parsed: ParsedArguments, env: WatchEnvironment): WatchArguments {
  const typed = parsed.args.slice(0, parsed.dashAt);
  checkSeparator(parsed);
  checkArgumentCount(parsed, env);
  if (typed.length > 0 && env.key !== "") throw environmentConflict();
  return watchArguments(parsed, env);
}

/** In a line of `watch -i` that has a command, a key may be given although the environment has one: it is END then. */
export function lineArguments(parsed: ParsedArguments, env: WatchEnvironment): WatchArguments {
  checkArgumentCount(parsed, env);
  if (parsed.dashAt === undefined && parsed.args.length > 0 && env.key !== "") throw environmentConflict();
  return watchArguments(parsed, env);
}

export function checkSeparator({ args, dashAt }: ParsedArguments): void {
  if (dashAt === args.length) throw badArgs(`${badArgumentCount} (found separator --, but no commands)`);
}

export function watchRequest(range: readonly Argument[], flags: WatchFlags): WatchCreateRequest {
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
