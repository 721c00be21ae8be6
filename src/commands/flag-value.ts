// One flag's value from its text, by kind. Knows Go's number and duration grammar, nothing of command lines.
// Throws ParseError with the words of strconv, time and encoding/csv. Answers to pflag's value types.
import { parseDuration } from "../goformat/duration";
import { ParseError } from "../goformat/parse-error";
import { parseInt64, parseUint64 } from "../goformat/parse-int";
import { quote } from "../goformat/quote";
import type { Flag } from "./flags";

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
