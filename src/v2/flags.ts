// Version 2's command line: urfave/cli over Go's flag package. One dash or two, `--flag value` or `--flag=value`; a
// command's flags may stand after its arguments, and `--` ends them. Pure; mistakes are told in Go's words.
// Answers to urfave/cli v1 (reorderArgs, normalizeFlags) and flag.FlagSet.Parse.
import { parseDuration } from "../go/units";
import { quote } from "../go/quote";
import { ParseError, parseInt64 } from "../go/strconv";

interface Described {
  /** A second name, of one letter or more. */
  readonly alias?: string;
  readonly about: string;
}
export type Flag = Described &
  (
    | { readonly kind: "bool" }
    | { readonly kind: "string"; readonly default?: string }
    | { readonly kind: "int" }
    /** Nanoseconds. */
    | { readonly kind: "duration"; readonly default: bigint }
    /** May be given more than once. */
    | { readonly kind: "list" }
  );
export type FlagTable = Readonly<Record<string, Flag>>;

export type FlagValues<T extends FlagTable> = {
  readonly [Name in keyof T]: T[Name]["kind"] extends "bool"
    ? boolean
    : T[Name]["kind"] extends "string"
      ? string
      : T[Name]["kind"] extends "list"
        ? readonly string[]
        : bigint;
};

export interface ParsedWords<T extends FlagTable> {
  readonly values: FlagValues<T>;
  readonly args: readonly string[];
  /** What is wrong with the words; the values are those before the mistake. */
  readonly mistake: string | undefined;
  /** A flag given by both of its names: another mistake, told before the first by the program and after it by a command. */
  readonly twoForms: string | undefined;
}

export const helpFlag = {
  help: { kind: "bool", alias: "h", about: "show help" },
} as const satisfies FlagTable;

/** Reads flags up to the first word that is none. */
export function parseWords<T extends FlagTable>(table: T, words: readonly string[]): ParsedWords<T> {
  const values: Record<string, unknown> = {};
  for (const [name, flag] of Object.entries(table)) values[name] = defaultOf(flag);
  const rest = [...words];
  const seen = new Set<string>();
  let mistake: string | undefined;
  try {
    while (readFlag(table, rest, values, seen));
  } catch (error) {
    if (!(error instanceof FlagError)) throw error;
    mistake = error.message;
  }
  return { values: values as FlagValues<T>, args: rest, mistake, twoForms: findTwoForms(table, seen) };
}

/** The flags among the words, with what may be their values, are moved before the arguments. */
export function flagsFirst(table: FlagTable, words: readonly string[]): string[] {
  const flags: string[] = [];
  const args: string[] = [];
  let valueMayFollow = false;
  for (const [i, word] of words.entries()) {
    const isFlag = isFlagOf(table, word);
    if (valueMayFollow && !isFlag) {
      valueMayFollow = false; // also after a flag that takes no value, as in urfave/cli
      flags.push(word);
    } else if (word === "--") {
      return [...flags, "--", ...args, ...words.slice(i + 1)];
    } else if (isFlag) {
      flags.push(word);
      valueMayFollow = !word.includes("=");
    } else {
      args.push(word);
    }
  }
  return [...flags, ...args];
}

class FlagError extends Error {}

/** Takes one flag and its value off the words; false when there is no more flag. */
function readFlag(
  table: FlagTable,
  words: string[],
  values: Record<string, unknown>,
  seen: Set<string>,
): boolean {
  const [word] = words;
  if (word === undefined || word.length < 2 || !word.startsWith("-")) return false;
  words.shift();
  if (word === "--") return false;
  const [, body = ""] = /^--?(.*)$/s.exec(word) ?? [];
  if (body === "" || /^[-=]/.test(body)) throw new FlagError(`bad flag syntax: ${word}`);
  const equals = body.indexOf("=", 1);
  const typed = equals < 0 ? body : body.slice(0, equals);
  const found = findFlag(table, typed);
  if (!found) throw new FlagError(`flag provided but not defined: -${typed}`);
  const [name, flag] = found;
  let text = equals < 0 ? undefined : body.slice(equals + 1);
  if (flag.kind !== "bool") text ??= words.shift();
  else text ??= "true";
  if (text === undefined) throw new FlagError(`flag needs an argument: -${typed}`);
  values[name] = readValue(flag, typed, text, values[name]);
  seen.add(typed);
  return true;
}

const booleans = new Map(
  Object.entries({ true: "1 t T TRUE true True", false: "0 f F FALSE false False" }).flatMap(
    ([value, texts]) => texts.split(" ").map((text) => [text, value === "true"] as const),
  ),
);

function readValue(flag: Flag, typed: string, text: string, before: unknown): unknown {
  switch (flag.kind) {
    case "string":
      return text;
    case "list":
      return [...(before as readonly string[]), text];
    case "bool": {
      const value = booleans.get(text);
      if (value !== undefined) return value;
      throw new FlagError(`invalid boolean value ${quote(text)} for -${typed}: parse error`);
    }
    case "int":
    case "duration":
      try {
        return flag.kind === "int" ? parseInt64(text, 0) : parseDuration(text);
      } catch (error) {
        if (!(error instanceof ParseError)) throw error;
        const isRange = flag.kind === "int" && error.message.endsWith("out of range");
        const reason = isRange ? "value out of range" : "parse error";
        throw new FlagError(`invalid value ${quote(text)} for flag -${typed}: ${reason}`);
      }
  }
}

function defaultOf(flag: Flag): unknown {
  switch (flag.kind) {
    case "bool":
      return false;
    case "string":
      return flag.default ?? "";
    case "int":
      return 0n;
    case "duration":
      return flag.default;
    case "list":
      return [];
  }
}

function isFlagOf(table: FlagTable, word: string): boolean {
  const [, name = ""] = /^--?([^=]*)/.exec(word) ?? [];
  return findFlag(table, name) !== undefined;
}

function findFlag(table: FlagTable, typed: string): [string, Flag] | undefined {
  if (typed === "") return undefined;
  return Object.entries(table).find(([name, { alias }]) => typed === name || typed === alias);
}

function findTwoForms(table: FlagTable, seen: ReadonlySet<string>): string | undefined {
  const both = Object.entries(table).find(([name, { alias }]) => alias && seen.has(name) && seen.has(alias));
  return both && `Cannot use two forms of the same flag: ${both[1].alias ?? ""} ${both[0]}`;
}
