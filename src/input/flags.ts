// Flags as data: one table for each command. The parser, the help, the completion and the TypeScript types use it.
import { parseDuration } from "../go/units";
import { quote } from "../go/quote";
import { ParseError, parseInt64, parseUint64 } from "../go/strconv";

/** Where the completion finds values: in the file system, in the user's profiles or in the cluster. */
export type ValueSource = "file" | "directory" | "profile" | "key" | "lease" | "member" | "user" | "role";

interface FlagBase {
  readonly usage: string;
  /** One letter, without the dash. */
  readonly short?: string;
  /** Allowed values, for the completion. The command checks the value. */
  readonly values?: readonly string[];
  /** The command fails without it. */
  readonly required?: boolean;
  /** Values that the completion offers in addition to `values`. */
  readonly completes?: ValueSource;
  /** Not shown in the help. */
  readonly hidden?: boolean;
  /** For an old spelling: the flag of the same table that it sets, or "" for no effect. The user gets a note. */
  readonly replacedBy?: string;
  /** For a second name: the flag of the same table that it sets. */
  readonly aliasOf?: string;
  /** The value without `=VALUE`, as pflag's NoOptDefVal. Such a flag never takes the next argument. */
  readonly noOptDefault?: string;
}

export type Flag = FlagBase &
  (
    | { readonly kind: "bool"; readonly default: boolean }
    | { readonly kind: "string"; readonly default: string }
    /** Repeatable and comma-separated. */
    | { readonly kind: "strings"; readonly default: readonly string[] }
    /** Repeatable; commas are part of a value. */
    | { readonly kind: "texts"; readonly default: readonly string[] }
    | { readonly kind: "int64" | "uint64"; readonly default: bigint }
    | { readonly kind: "uint"; readonly default: number }
    /** Typed as a Go duration; milliseconds. */
    | { readonly kind: "duration"; readonly default: number }
  );

/** By name, without the dashes. */
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

/**
 * The value of a flag from its text. A repeated list adds to `earlier`. Throws ParseError with the texts of Go's strconv, time
 * and encoding/csv, as the value types of github.com/spf13/pflag do.
 */
export function parseFlagValue(flag: Flag, text: string, earlier?: unknown): unknown {
  switch (flag.kind) {
    case "bool":
      return parseBool(text);
    case "string":
      return text;
    case "strings":
      return [...((earlier as readonly string[] | undefined) ?? []), ...splitCsv(text)];
    case "texts":
      return [...((earlier as readonly string[] | undefined) ?? []), text];
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

/** The first CSV record of `text`: `a,"b,c"` is two values. Go: encoding/csv */
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
