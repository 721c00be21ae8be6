// A line of txn split into words: bare, 'as it stands', or "with Go's escapes". Works on binary strings (lines.ts).
// Answers to Argify in etcdctl's util.go.
import { ExitCode } from "../../errors";
import { unquote } from "../../goformat/unquote";
import { parsedAs } from "../failures";
import { textOf } from "./lines";

const space = "\\t\\n\\f\\r ";
const word = new RegExp(
  [`"(?:[^"\\\\]|\\\\.)*"`, `'[^']*'`, `[^'"${space}][^${space}]*[^'"${space}]?`].join("|"),
  "g",
);

/** Throws CliError(3) for a bad escape. */
export function splitWords(line: string): string[] {
  return Array.from(line.matchAll(word), ([found]) => {
    if (found.startsWith("'")) return found.slice(1, -1);
    return found.startsWith('"') ? unquoted(found) : found;
  });
}

function unquoted(quoted: string): string {
  const bytes = parsedAs(ExitCode.invalidInput, () => unquote(textOf(quoted)));
  return Buffer.from(bytes).toString("latin1");
}

// What Go's strings.TrimSpace takes away, in UTF-8.
const blank =
  "[\\t\\n\\v\\f\\r ]|\\xc2[\\x85\\xa0]|\\xe1\\x9a\\x80|\\xe2\\x80[\\x80-\\x8a\\xa8\\xa9\\xaf]|\\xe2\\x81\\x9f|\\xe3\\x80\\x80";
const outerBlanks = new RegExp(`^(?:${blank})+|(?:${blank})+$`, "g");

export function trimBlanks(line: string): string {
  return line.replace(outerBlanks, "");
}
