// Which style text has in the YAML that kubectl prints: plain, quoted or a literal block.
// Go: go.yaml.in/yaml/v2 (resolve.go, encode.go, emitterc.go), which sigs.k8s.io/yaml uses
export type ScalarStyle = "plain" | "single" | "double" | "literal";

/** Words that some reader of YAML takes for another type. */
const words = new Set([
  ...["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"],
  ...["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"],
  ...["", "~", "null", "Null", "NULL"],
  ...[".nan", ".NaN", ".NAN", ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF"],
]);

const timestamp =
  /^\d{4}-\d{1,2}-\d{1,2}(?:[Tt]\d{1,2}:\d{1,2}:\d{1,2}(?:[.,]\d+)?(?:Z|[+-]\d\d:\d\d)| \d{1,2}:\d{1,2}:\d{1,2}(?:[.,]\d+)?)?$/;
const float = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/;
const base60 = /^[-+]?\d[\d_]*(?::[0-5]?\d)+(?:\.[\d_]*)?$/;
const prefixed = /^[-+]?0(?:x[\da-f]+|o[0-7]+|b[01]+)$/i;

/** Whether a reader would take the plain text for a number, a time or a word. */
function isAmbiguous(text: string): boolean {
  if (words.has(text)) return true;
  if (!/^[-+.\d]/.test(text)) return false;
  if (timestamp.test(text) || base60.test(text)) return true;
  const bare = text.startsWith(".") ? text : text.replaceAll("_", "");
  if (float.test(bare)) return /^[-+]?\d+$/.test(bare) || Number.isFinite(Number(bare));
  return prefixed.test(bare) && BigInt(bare.replace(/^[-+]/, "")) < 1n << 64n;
}

/** YAML's printable characters: line ends, blanks and what is no control character. */
const special = /[^\P{Cc}\n]|[\ud800-\udfff\ufeff\ufffe\uffff]|[\u{10000}-\u{10ffff}]/u;
const lineBreak = /[\n\r\u0085\u2028\u2029]/;
const startIndicator = /^(?:---|\.\.\.|[#,[\]{}&*!|>'"%@`]|[?:-](?:[ \t]|$))/;
const innerIndicator = /:(?:[ \t]|$)|[\s\u0085]#/;

/** `isKey`: the text is the name of a field. */
export function scalarStyle(text: string, isKey: boolean): ScalarStyle {
  const hasBreaks = lineBreak.test(text);
  const wanted = text.includes("\n") ? "literal" : isAmbiguous(text) ? "double" : "plain";
  if (wanted === "double" || (isKey && hasBreaks)) return "double";
  const isDouble = special.test(text) || / [\n\r\u0085\u2028\u2029]/.test(text);
  if (isDouble) return "double";
  if (wanted === "literal") return text.endsWith(" ") || isKey ? "double" : "literal";
  if (/[\n\r\u0085\u2028\u2029] /.test(text)) return "double";
  const isPlain =
    !hasBreaks && !/^ | $/.test(text) && !startIndicator.test(text) && !innerIndicator.test(text);
  return isPlain ? "plain" : "single";
}

const escapes: Readonly<Record<string, string>> = {
  ...{ "\0": "\\0", "\u0007": "\\a", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\v": "\\v", "\f": "\\f" },
  ...{ "\r": "\\r", "\u001b": "\\e", '"': '\\"', "\\": "\\\\" },
  ...{ "\u0085": "\\N", "\u00a0": "\\_", "\u2028": "\\L", "\u2029": "\\P" },
};

/** A character inside double quotes. */
export function doubleQuoted(character: string): string {
  const isLineEnd = lineBreak.test(character);
  if (!special.test(character) && !isLineEnd && character !== '"' && character !== "\\") return character;
  const short = escapes[character];
  if (short !== undefined) return short;
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16).toUpperCase();
  if (code <= 0xff) return `\\x${hex.padStart(2, "0")}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, "0")}` : `\\U${hex.padStart(8, "0")}`;
}

/** A number as Go prints it: a fraction below 1e-4 or from 1e6 on has an exponent. */
export function numberText(value: number | bigint): string {
  if (typeof value === "bigint" || Number.isInteger(value)) return String(value);
  const [mantissa = "", exponent = "0"] = value.toExponential().split("e");
  const power = Number(exponent);
  if (power >= -4 && power < 6) return String(value);
  return `${mantissa}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
}
