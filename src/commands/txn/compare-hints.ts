// What is missing in a condition that parseCompare refuses, and the line as it should be. Lines are binary strings.
import { binaryToText } from "../tokenize";

export const operatorHint = "a condition compares with =, !=, < or >";

const example = `value("a") = "1"`;
const targets = ["value", "val", "version", "ver", "create", "c", "mod", "m", "lease"];
const numeric = new Set(targets.slice(2));

const quoted = String.raw`"(?:[^"\\]|\\.)*"|` + "`[^`]*`|'[^']*'";
/** Finds the parts of a condition in spite of missing quotes, blanks and parentheses. */
const loose = new RegExp(
  String.raw`^(\w*)(\s*\(?\s*)(${quoted}|[^\s()=!<>"'` +
    "`" +
    String.raw`]*)((?:\s*\))?)(\s*)([=!<>]*)(\s*)(.*)$`,
  "s",
);

/** `isRight` says whether a line is a condition: a line that is none is not proposed. */
export function compareHints(line: string, isRight: (line: string) => boolean): string[] {
  const parts = loose.exec(line);
  const [, target = "", open = "", key = "", close = "", before = "", operator = "", after = "", value = ""] =
    parts ?? [];
  const form = `a condition is TARGET("KEY") OPERATOR "VALUE", such as ${example}`;
  if (!targets.includes(target)) {
    return [`${form}; TARGET is value, version, create, mod or lease`];
  }
  const isBlankMissing = operator !== "" && (before === "" || (after === "" && value !== ""));
  const missing = [
    ...(open.includes("(") && close.includes(")") ? [] : ["parentheses around the key"]),
    ...(isGoQuoted(key) ? [] : ["double quotes around the key"]),
    ...(operator === "" ? ["an operator (=, !=, < or >)"] : []),
    ...(isBlankMissing ? ["blanks around the operator"] : []),
    ...(value === ""
      ? ["a value after the operator"]
      : isGoQuoted(value)
        ? []
        : ["double quotes around the value"]),
  ];
  const right = `${target}(${inQuotes(key)}) ${corrected(operator)} ${inQuotes(value)}`;
  const hasBlank = /^\s+\(/.test(open);
  if (missing.length === 0 && !hasBlank) {
    return numeric.has(target) ? [`${target} compares with a number, such as ${target}("a") = "1"`] : [form];
  }
  const proposal =
    value !== "" && isRight(right) ? `write ${binaryToText(right)}` : `a right line is ${example}`;
  const faults = [
    ...(hasBlank ? [`no blank may follow ${target}`] : []),
    ...(missing.length > 0 ? [`missing: ${missing.join(", ")}`] : []),
  ];
  return [[...faults, proposal].join("; ")];
}

function isGoQuoted(text: string): boolean {
  return new RegExp(`^(?:${quoted})$`, "s").test(text) && !text.startsWith("'");
}

function inQuotes(text: string): string {
  if (isGoQuoted(text)) return text;
  const plain = /^'[^']*'$/s.test(text) ? text.slice(1, -1) : text;
  return `"${plain.replaceAll(/["\\]/g, "\\$&")}"`;
}

function corrected(operator: string): string {
  return operator === "" || operator === "==" ? "=" : operator;
}
