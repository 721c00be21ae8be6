// What a `watch` is asked to do, from the command line or from a line of `watch -i`: which keys, and which command to run
// for each event. Pure; the checks are Go's, in its order. What stands behind `--` is the command, whatever it repeats.
// Answers to parseWatchArgs and getWatchChan in etcdctl's watch_command.go.
import { quote } from "../goformat/quote";
import type { Io } from "../io";
import { WatchCreateRequest } from "../proto/gen/etcdserverpb";
import type { FlagTable, FlagValues } from "./flags";
import { badArgs, keyRange } from "./key-range";
import type { Word } from "./words";

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

export type WatchFlags = FlagValues<typeof watchFlags>;

export interface TypedWords {
  readonly args: readonly Word[];
  readonly dashAt: number | undefined;
}

/** Key and end of the range, as typed or from the environment, and what stood behind `--`. */
export interface WatchArguments {
  readonly range: readonly Word[];
  readonly command: readonly Word[];
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

export function commandLineArguments(words: TypedWords, env: WatchEnvironment): WatchArguments {
  const own = words.args.slice(0, words.dashAt);
  checkSeparator(words);
  checkNumber(words, env);
  if (own.length > 0 && env.key !== "") throw conflict();
  return watchArguments(words, env);
}

/** In a line of `watch -i` a key may stand beside that of the environment when there is a command too; then it is the end. */
export function lineArguments(words: TypedWords, env: WatchEnvironment): WatchArguments {
  checkNumber(words, env);
  if (words.dashAt === undefined && words.args.length > 0 && env.key !== "") throw conflict();
  return watchArguments(words, env);
}

export function checkSeparator({ args, dashAt }: TypedWords): void {
  if (dashAt === args.length) throw badArgs(`${badNumber} (found separator --, but no commands)`);
}

export function watchRequest(range: readonly Word[], flags: WatchFlags): WatchCreateRequest {
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

function checkNumber({ args, dashAt }: TypedWords, { key }: WatchEnvironment): void {
  if (dashAt === undefined && args.length === 0 && key === "") throw badArgs(badNumber);
}

function conflict(): Error {
  return badArgs(`${badNumber} (found conflicting environment key)`);
}

function watchArguments({ args, dashAt }: TypedWords, { key, rangeEnd }: WatchEnvironment): WatchArguments {
  const own = args.slice(0, dashAt);
  return {
    range: [...[key, rangeEnd].filter((word) => word !== ""), ...own],
    command: args.slice(own.length),
  };
}
