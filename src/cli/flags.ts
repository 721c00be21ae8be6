// Flags as data: a table per command, from which the parser, the help, the completion and the types follow.
// Go's pflag decides the grammar (cli/grammar.ts); here is only what a flag is.
import { parseDuration } from "../go/units";
import { quote } from "../go/quote";
import { ParseError, parseInt64, parseUint64 } from "../go/strconv";

/** What a word may name, for the completion: in the file system, or in the cluster. */
export type ValueSource = "file" | "directory" | "key" | "lease" | "member" | "user" | "role";

interface FlagBase {
  readonly usage: string;
  /** One letter, without the dash. */
  readonly short?: string;
  /** Allowed words, for help and completion; the command checks the value itself. */
  readonly values?: readonly string[];
  /** Must be given. */
  readonly required?: boolean;
  /** What the completion offers beside them. */
  readonly completes?: ValueSource;
  /** Kept out of the help. */
  readonly hidden?: boolean;
  /** An old spelling: sets this flag of the same table, or nothing where it is "", and leaves a note. */
  readonly replacedBy?: string;
  /** What the flag is worth when it stands alone; a value is then taken only after `=`. */
  readonly alone?: string;
}

export type Flag = FlagBase &
  (
    | { readonly kind: "bool"; readonly default: boolean }
    | { readonly kind: "string"; readonly default: string }
    /** Repeatable and comma-separated. */
    | { readonly kind: "strings"; readonly default: readonly string[] }
    /** Repeatable; each value as it stands, commas included. */
    | { readonly kind: "texts"; readonly default: readonly string[] }
    | { readonly kind: "int64" | "uint64"; readonly default: bigint }
    | { readonly kind: "uint"; readonly default: number }
    /** Go duration; milliseconds. */
    | { readonly kind: "duration"; readonly default: number }
  );

/** By the flag's own name, as typed after `--`. */
export type FlagTable = Readonly<Record<string, Flag>>;

export type FlagValue<F extends Flag> = F extends { kind: "bool" }
  ? boolean
  : F extends { kind: "string" }
    ? string
    : F extends { kind: "strings" | "texts" }
      ? readonly string[]
      : F extends { kind: "int64" | "uint64" }
        ? bigint
        : number;

export type FlagValues<T extends FlagTable> = { readonly [K in keyof T]: FlagValue<T[K]> };

// One flag's value from its text, by kind. Knows Go's number and duration grammar, nothing of command lines.
// Throws ParseError with the words of strconv, time and encoding/csv. Answers to pflag's value types.

/** `before` is the value already given, to which a repeated list adds. */
export function parseFlagValue(flag: Flag, text: string, before?: unknown): unknown {
  switch (flag.kind) {
    case "bool":
      return parseBool(text);
    case "string":
      return text;
    case "strings":
      return [...((before as readonly string[] | undefined) ?? []), ...splitCsv(text)];
    case "texts":
      return [...((before as readonly string[] | undefined) ?? []), text];
    case "int64":
      return parseInt64(text, 0);
    case "uint64":
      return parseUint64(text, 0);
    case "uint":
      return Number(parseUint64(text, 0));
    case "duration":
      return Number(parseDuration(text)) / 1e6;
  }
}

const bools: Readonly<Record<string, boolean>> = {
  ...{ "1": true, t: true, T: true, true: true, TRUE: true, True: true },
  ...{ "0": false, f: false, F: false, false: false, FALSE: false, False: false },
};

function parseBool(text: string): boolean {
  const value = Object.hasOwn(bools, text) ? bools[text] : undefined;
  if (value === undefined) throw new ParseError(`strconv.ParseBool: parsing ${quote(text)}: invalid syntax`);
  return value;
}

/** The first record of `text` as CSV: `a,"b,c"` is two values. */
function splitCsv(text: string): string[] {
  if (text === "") return [];
  const line = text.split(/\r?\n/).find((each) => each !== "");
  if (line === undefined) throw new ParseError("EOF");
  const fields: string[] = [];
  for (let pos = 0; pos <= line.length;) {
    const field = line[pos] === '"' ? quotedField(line, pos) : plainField(line, pos);
    fields.push(field.value);
    pos = field.end + 1;
  }
  return fields;
}

function plainField(line: string, start: number): { value: string; end: number } {
  const comma = line.indexOf(",", start);
  const end = comma < 0 ? line.length : comma;
  const value = line.slice(start, end);
  const stray = value.indexOf('"');
  if (stray >= 0) throw csvError(line, start + stray, 'bare " in non-quoted-field');
  return { value, end };
}

function quotedField(line: string, start: number): { value: string; end: number } {
  let value = "";
  for (let pos = start + 1; ; pos += 2) {
    const quoteAt = line.indexOf('"', pos);
    if (quoteAt < 0) throw csvError(line, line.length, 'extraneous or missing " in quoted-field');
    value += line.slice(pos, quoteAt);
    const after = line[quoteAt + 1];
    if (after === undefined || after === ",") return { value, end: quoteAt + 1 };
    if (after !== '"') throw csvError(line, quoteAt, 'extraneous or missing " in quoted-field');
    value += '"';
    pos = quoteAt;
  }
}

function csvError(line: string, at: number, reason: string): ParseError {
  return new ParseError(
    `parse error on line 1, column ${Buffer.byteLength(line.slice(0, at)) + 1}: ${reason}`,
  );
}
