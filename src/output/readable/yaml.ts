// YAML that every parser reads back the same, be it of version 1.1 or 1.2. Text of several lines is a block as it is;
// text that one of the two versions takes for something else (yes, 1e3, null, 2020-01-01) stands in quotes.
// Only what the readable formats need: names of fields are plain words, there is no list in a list.
import type { ByteBuilder } from "../byte-builder";
import type { JsonObject, JsonValue } from "../json-value";
import { needsEscape, quotedText } from "./messages";

export function writeYaml(out: ByteBuilder, document: JsonObject): void {
  out.ascii("---\n");
  if (Object.keys(document).length === 0) out.ascii("{}\n");
  else writeFields(out, document, "", "");
}

/** `lead` stands before the first field: in a list, the dash. */
function writeFields(out: ByteBuilder, object: JsonObject, indent: string, lead: string): void {
  let before = lead;
  for (const [name, value] of Object.entries(object)) {
    writeField(out.ascii(`${before}${name}:`), value, indent);
    before = indent;
  }
}

function writeField(out: ByteBuilder, value: JsonValue, indent: string): void {
  const inner = `${indent}  `;
  if (isList(value)) {
    if (value.length === 0) return void out.ascii(" []\n");
    out.ascii("\n");
    for (const item of value) writeItem(out, item, inner);
  } else if (isObject(value)) {
    if (Object.keys(value).length === 0) return void out.ascii(" {}\n");
    writeFields(out.ascii("\n"), value, inner, inner);
  } else if (typeof value === "string" && canBeBlock(value)) {
    writeBlock(out, value, inner);
  } else {
    out.ascii(" ").text(scalar(value)).ascii("\n");
  }
}

function writeItem(out: ByteBuilder, item: JsonValue, indent: string): void {
  if (isObject(item) && Object.keys(item).length > 0) writeFields(out, item, `${indent}  `, `${indent}- `);
  else
    out
      .ascii(`${indent}- `)
      .text(isObject(item) ? "{}" : scalar(item))
      .ascii("\n");
}

/** Not where a line ends in a blank that nobody would see, or holds something that is no part of a line. */
function canBeBlock(text: string): boolean {
  return (
    text.includes("\n") &&
    !/[ \t]$/m.test(text) &&
    /\S/.test(text) &&
    !needsEscape.test(text.replace(/[\n\t]/g, ""))
  );
}

/** `|-`, `|` and `|+` keep none, one and all of the line ends at the end; a number says how deep the block stands. */
function writeBlock(out: ByteBuilder, text: string, indent: string): void {
  const isIndented = /^\s/.test(text);
  const [lineEnds = ""] = /\n*$/.exec(text) ?? [];
  const keep = lineEnds === "" ? "-" : lineEnds === "\n" ? "" : "+";
  out.ascii(` |${isIndented ? "2" : ""}${keep}\n`);
  const lines = text.slice(0, text.length - (lineEnds === "" ? 0 : 1)).split("\n");
  for (const line of lines)
    out
      .ascii(line === "" ? "" : indent)
      .text(line)
      .ascii("\n");
}

function scalar(value: JsonValue): string {
  if (typeof value !== "string") return String(value);
  if (plain.test(value) && !reserved.test(value)) return value;
  return /["\\]/.test(value) && !needsEscape.test(value)
    ? `'${value.replaceAll("'", "''")}'`
    : quotedText(value);
}

/** Begins like no number, date or sign of YAML's, and has no `: ` and no ` #`. */
const plain = /^[A-Za-z/](?:[\w./@+=-]|:(?=\S)| (?=[\w/.]))*$/;
/** Words of YAML's, and what one well-known reader takes for a number without digits before its exponent. */
const reserved = /^(?:y|n|yes|no|on|off|true|false|null|e[+-]?\d+)$/i;

/** Array.isArray does not know readonly arrays. */
function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === "object" && value !== null;
}
