// Writes an object as `kubectl get -o yaml` does, byte for byte: sorted keys, lists as far left as their field, long text
// folded at column 80.
// Go: sigs.k8s.io/yaml, go.yaml.in/yaml/v2 (sorter.go, emitterc.go)
import { isList, isObject, type Tree, type TreeObject } from "./tree";
import { doubleQuoted, numberText, scalarStyle } from "./yaml-scalars";

const foldColumn = 80;
/** A longer key is written after `? `. */
const maxKeyBytes = 128;

export function toYaml(tree: Tree): string {
  const out: string[] = [];
  if (isList(tree) && tree.length > 0) writeList(out, tree, "", "");
  else if (isObject(tree) && Object.keys(tree).length > 0) writeObject(out, tree, "", "");
  else out.push(`${scalar(tree, 0, "  ")}\n`);
  return out.join("");
}

/** `lead` is what stands before the first field: the indent, or the dash of a list item. */
function writeObject(out: string[], object: TreeObject, indent: string, lead: string): void {
  let before = lead;
  for (const name of Object.keys(object).sort(compareKeys)) {
    const isLong = Buffer.byteLength(name) > maxKeyBytes || /[\n\r\u0085\u2028\u2029]/.test(name);
    const key = scalar(name, lastLineLength(before) + 2, `${indent}  `, !isLong);
    const start = !isLong ? `${before}${key}:` : `${before}? ${key}\n${indent}:`;
    writeValue(out, object[name] ?? null, indent, start, isLong);
    before = indent;
  }
}

function writeValue(out: string[], value: Tree, indent: string, start: string, isLong: boolean): void {
  const inner = `${indent}  `;
  if (isList(value) && value.length > 0) {
    if (isLong) return writeList(out, value, inner, `${start} - `);
    out.push(`${start}\n`);
    writeList(out, value, indent, `${indent}- `);
  } else if (isObject(value) && Object.keys(value).length > 0) {
    if (isLong) return writeObject(out, value, inner, `${start} `);
    out.push(`${start}\n`);
    writeObject(out, value, inner, inner);
  } else {
    out.push(`${start} ${scalar(value, lastLineLength(start) + 1, inner)}\n`);
  }
}

function writeList(out: string[], items: readonly Tree[], indent: string, lead: string): void {
  const inner = `${indent}  `;
  let before = lead === "" ? "- " : lead;
  for (const item of items) {
    if (isList(item) && item.length > 0) writeList(out, item, inner, `${before}- `);
    else if (isObject(item) && Object.keys(item).length > 0) writeObject(out, item, inner, before);
    else out.push(`${before}${scalar(item, lastLineLength(before), inner)}\n`);
    before = `${indent}- `;
  }
}

function lastLineLength(text: string): number {
  return text.length - text.lastIndexOf("\n") - 1;
}

/** `column` is where it starts; more lines begin with `indent`. */
function scalar(value: Tree, column: number, indent: string, isKey = false): string {
  if (value === null) return "null";
  if (typeof value === "boolean") return String(value);
  if (typeof value === "number" || typeof value === "bigint") return numberText(value);
  if (isList(value)) return "[]";
  if (isObject(value)) return "{}";
  switch (scalarStyle(value, isKey)) {
    case "plain":
      return isKey ? value : fold(value, column, indent, (it) => it, false);
    case "single":
      return `'${singleQuoted(value, column + 1, indent, isKey)}'`;
    case "double":
      return `"${isKey ? Array.from(value, doubleQuoted).join("") : foldDouble(value, column + 1, indent)}"`;
    case "literal":
      return literal(value, indent);
  }
}

/** `|` and the lines. A number says that the first line is indented; `-` and `+` are about line ends at the end. */
function literal(text: string, indent: string): string {
  const hint = /^[ \n\u0085\u2028\u2029]/.test(text) ? "2" : "";
  const [ends = ""] = /[\n\r\u0085\u2028\u2029]*$/.exec(text) ?? [];
  const keep = ends === "" ? "-" : ends.length > 1 || text.length === 1 ? "+" : "";
  const lines = text.slice(0, text.length - (ends === "" ? 0 : 1)).split(/(?<=[\u0085\u2028\u2029])|\n/);
  return `|${hint}${keep}\n${lines.map((line) => (line === "" ? "" : indent + line)).join("\n")}`;
}

/** A line ends at a single blank after column 80. */
function fold(
  text: string,
  column: number,
  indent: string,
  write: (character: string) => string,
  isQuoted: boolean,
): string {
  const characters = Array.from(text);
  let out = "";
  let wasBlank = false;
  characters.forEach((character, at) => {
    const isInside = !isQuoted || (at > 0 && at < characters.length - 1);
    const folds =
      character === " " && !wasBlank && isInside && column > foldColumn && characters[at + 1] !== " ";
    const written = folds ? `\n${indent}` : write(character);
    column = folds ? indent.length : column + written.length;
    out += written;
    wasBlank = character === " ";
  });
  return out;
}

function singleQuoted(text: string, column: number, indent: string, isKey: boolean): string {
  const write = (character: string) => (character === "'" ? "''" : character);
  return isKey ? Array.from(text, write).join("") : fold(text, column, indent, write, true);
}

/** A line that a backslash ends continues with the blanks of the next one. */
function foldDouble(text: string, column: number, indent: string): string {
  const characters = Array.from(text);
  let out = "";
  let wasBlank = false;
  characters.forEach((character, at) => {
    const isInside = at > 0 && at < characters.length - 1;
    const folds = character === " " && !wasBlank && isInside && column > foldColumn;
    const written = folds ? `\n${indent}${characters[at + 1] === " " ? "\\" : ""}` : doubleQuoted(character);
    column = folds ? written.length - 1 : column + written.length;
    out += written;
    wasBlank = character === " ";
  });
  return out;
}

/** Letters after other characters, numbers by their value: `a2` is before `a10`. */
function compareKeys(a: string, b: string): number {
  const [left, right] = [Array.from(a), Array.from(b)];
  const at = left.findIndex((character, i) => character !== right[i]);
  if (at < 0 || at >= right.length) return left.length - right.length;
  const [x, y] = [left[at] as string, right[at] as string];
  const [isLetterX, isLetterY] = [/\p{L}/u.test(x), /\p{L}/u.test(y)];
  if (isLetterX && isLetterY) return codeOf(x) - codeOf(y);
  if (isLetterX || isLetterY) return isLetterY ? -1 : 1;
  const [numberX, numberY] = [digitsAt(left, at), digitsAt(right, at)];
  const isAfterNumber = (x === "0" || y === "0") && followsNumber(left, at);
  const [valueX, valueY] = [numberX, numberY].map((it) => BigInt((isAfterNumber ? "1" : "0") + it)) as [
    bigint,
    bigint,
  ];
  if (valueX !== valueY) return valueX < valueY ? -1 : 1;
  return numberX.length - numberY.length || codeOf(x) - codeOf(y);
}

function codeOf(character: string): number {
  return character.codePointAt(0) ?? 0;
}

function digitsAt(characters: readonly string[], at: number): string {
  let end = at;
  while (/^\d$/.test(characters[end] ?? "")) end++;
  return characters.slice(at, end).join("");
}

/** Whether a digit other than 0 is among the digits before. */
function followsNumber(characters: readonly string[], at: number): boolean {
  for (let i = at - 1; /^\d$/.test(characters[i] ?? ""); i--) if (characters[i] !== "0") return true;
  return false;
}
