// The flags of version 2's command line: urfave/cli v1 on top of Go's flag package. A flag has one dash or two, and its value
// follows after a blank or after `=`. A command's flags may follow its arguments; `--` ends the flags. Errors have Go's texts.
import { quote } from "../go/quote";
import { ParseError, parseInt64 } from "../go/strconv";
import { parseDuration } from "../go/units";

interface FlagBase {
  /** A second name, of one or more letters. */
  readonly alias?: string;
  readonly usage: string;
}
export type Flag = FlagBase &
  (
    | { readonly kind: "bool" }
    | { readonly kind: "string"; readonly default?: string }
    | { readonly kind: "int" }
    /** A path after `=`; without it the text `true`. */
    | { readonly kind: "path" }
    /** In nanoseconds. */
    | { readonly kind: "duration"; readonly default: bigint }
    /** Each occurrence adds a value. */
    | { readonly kind: "list" }
  );
export type FlagTable = Readonly<Record<string, Flag>>;

export type FlagValues<T extends FlagTable> = {
  readonly [Name in keyof T]: T[Name]["kind"] extends "bool"
    ? boolean
    : T[Name]["kind"] extends "string" | "path"
      ? string
      : T[Name]["kind"] extends "list"
        ? readonly string[]
        : bigint;
};

export interface ParsedFlags<T extends FlagTable> {
  readonly values: FlagValues<T>;
  readonly args: readonly string[];
  /** The first error. The values are those that stand before it. */
  readonly usageError: string | undefined;
  /**
   * The error for a flag that is set by both of its names. The program reports it before `usageError`, a command after it, as
   * urfave/cli does.
   */
  readonly duplicateFlag: string | undefined;
}

export const helpFlag = {
  help: { kind: "bool", alias: "h", usage: "show help" },
} as const satisfies FlagTable;

/** Parses flags up to the first argument, as FlagSet.Parse of Go's flag package does. */
export function parseFlagSet<T extends FlagTable>(table: T, args: readonly string[]): ParsedFlags<T> {
  const values: Record<string, unknown> = {};
  for (const [name, flag] of Object.entries(table)) values[name] = defaultValue(flag);
  const rest = [...args];
  const namesSet = new Set<string>();
  let usageError: string | undefined;
  try {
    while (parseNext(table, rest, values, namesSet));
  } catch (error) {
    if (!(error instanceof FlagError)) throw error;
    usageError = error.message;
  }
  const duplicateFlag = findDuplicate(table, namesSet);
  return { values: values as FlagValues<T>, args: rest, usageError, duplicateFlag };
}

/** Moves flags, and what may be their values, before the arguments, as reorderArgs of urfave/cli does. */
export function flagsFirst(table: FlagTable, args: readonly string[]): string[] {
  const flags: string[] = [];
  const others: string[] = [];
  let valueMayFollow = false;
  for (const [i, arg] of args.entries()) {
    const isFlag = isFlagOf(table, arg);
    if (valueMayFollow && !isFlag) {
      valueMayFollow = false; // urfave/cli does this for flags without a value too
      flags.push(arg);
    } else if (arg === "--") {
      return [...flags, "--", ...others, ...args.slice(i + 1)];
    } else if (isFlag) {
      flags.push(arg);
      valueMayFollow = !arg.includes("=");
    } else {
      others.push(arg);
    }
  }
  return [...flags, ...others];
}

class FlagError extends Error {}

/** Removes one flag and its value from `args`. Returns false when no flag is left. */
function parseNext(
  table: FlagTable,
  args: string[],
  values: Record<string, unknown>,
  namesSet: Set<string>,
): boolean {
  const [arg] = args;
  if (arg === undefined || arg.length < 2 || !arg.startsWith("-")) return false;
  args.shift();
  if (arg === "--") return false;
  const [, body = ""] = /^--?(.*)$/s.exec(arg) ?? [];
  if (body === "" || /^[-=]/.test(body)) throw new FlagError(`bad flag syntax: ${arg}`);
  const equals = body.indexOf("=", 1);
  const typedName = equals < 0 ? body : body.slice(0, equals);
  const found = findFlag(table, typedName);
  if (!found) throw new FlagError(`flag provided but not defined: -${typedName}`);
  const [name, flag] = found;
  let text = equals < 0 ? undefined : body.slice(equals + 1);
  text ??= flag.kind === "bool" || flag.kind === "path" ? "true" : args.shift();
  if (text === undefined) throw new FlagError(`flag needs an argument: -${typedName}`);
  values[name] = parseValue(flag, typedName, text, values[name]);
  namesSet.add(typedName);
  return true;
}

const booleans = new Map(
  Object.entries({ true: "1 t T TRUE true True", false: "0 f F FALSE false False" }).flatMap(
    ([value, texts]) => texts.split(" ").map((text) => [text, value === "true"] as const),
  ),
);

function parseValue(flag: Flag, name: string, text: string, previous: unknown): unknown {
  switch (flag.kind) {
    case "string":
    case "path":
      return text;
    case "list":
      return [...(previous as readonly string[]), text];
    case "bool": {
      const value = booleans.get(text);
      if (value !== undefined) return value;
      throw new FlagError(`invalid boolean value ${quote(text)} for -${name}: parse error`);
    }
    case "int":
    case "duration":
      try {
        return flag.kind === "int" ? parseInt64(text, 0) : parseDuration(text);
      } catch (error) {
        if (!(error instanceof ParseError)) throw error;
        const isRange = flag.kind === "int" && error.message.endsWith("out of range");
        const reason = isRange ? "value out of range" : "parse error";
        throw new FlagError(`invalid value ${quote(text)} for flag -${name}: ${reason}`);
      }
  }
}

function defaultValue(flag: Flag): unknown {
  switch (flag.kind) {
    case "bool":
      return false;
    case "path":
      return "";
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

function isFlagOf(table: FlagTable, arg: string): boolean {
  const [, name = ""] = /^--?([^=]*)/.exec(arg) ?? [];
  return findFlag(table, name) !== undefined;
}

function findFlag(table: FlagTable, typedName: string): [string, Flag] | undefined {
  if (typedName === "") return undefined;
  return Object.entries(table).find(([name, { alias }]) => typedName === name || typedName === alias);
}

/** As normalizeFlags of urfave/cli does. */
function findDuplicate(table: FlagTable, namesSet: ReadonlySet<string>): string | undefined {
  const found = Object.entries(table).find(([name, { alias }]) => {
    return alias && namesSet.has(name) && namesSet.has(alias);
  });
  return found && `Cannot use two forms of the same flag: ${found[1].alias ?? ""} ${found[0]}`;
}
