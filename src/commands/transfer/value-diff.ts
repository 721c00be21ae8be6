// How two values differ, line by line, as diff -u shows it without its head. Values that are no text are compared by size
// and hash.
import { createHash } from "node:crypto";
import { isUtf8 } from "node:buffer";
import { structuredPatch } from "diff";
import { oneSafeLine } from "../../go/raw-text";

const contextLines = 3;
const indent = "    ";

/** Shows a value as text; undefined if it has another form only as bytes. */
export type ValueText = (value: Uint8Array) => string | undefined;

/**
 * Lines that begin with a blank, + or -, indented. A value that is undefined has no lines. `textOf` shows some values in another
 * form; if both look the same there although they differ, a line says so.
 */
export function valueDiff(
  before: Uint8Array | undefined,
  after: Uint8Array | undefined,
  textOf: ValueText = () => undefined,
): string {
  const [a, b] = [linesOf(before, textOf), linesOf(after, textOf)];
  const isSame = before !== undefined && after !== undefined && Buffer.compare(before, after) === 0;
  if (a === b && a !== "" && !isSame) return `${indent}what changed is not shown\n`;
  const { hunks } = structuredPatch("a", "b", a, b, "", "", { context: contextLines });
  const lines = hunks.flatMap((hunk, at) => [...(at > 0 ? ["…"] : []), ...hunk.lines]);
  return lines
    .filter((line) => !line.startsWith("\\"))
    .map((line) => `${indent}${oneSafeLine(line)}\n`)
    .join("");
}

// eslint-disable-next-line no-control-regex -- control characters make a value binary, except those of text
const control = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/;

/** A text that ends with a line end. */
function linesOf(value: Uint8Array | undefined, textOf: ValueText): string {
  if (value === undefined || value.length === 0) return "";
  const shown = textOf(value);
  if (shown !== undefined) return shown;
  const text = isUtf8(value) ? Buffer.from(value).toString() : undefined;
  if (text !== undefined && !control.test(text)) return text.endsWith("\n") ? text : `${text}\n`;
  const hash = createHash("sha256").update(value).digest("hex").slice(0, 16);
  return `${value.length} bytes, sha256 ${hash}…\n`;
}
