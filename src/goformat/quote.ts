// Go's quoted strings, for arbitrary bytes. Knows nobody above it.
// Every byte sequence has exactly one quoted form: what is no UTF-8 becomes \xNN byte by byte.
// Answers to strconv.Quote and fmt's %q.
import { rawBytes } from "./raw-text";
import { isPrintable } from "./printable";
import { utf8Size } from "./utf8";

export function quote(value: Uint8Array | string): string {
  const bytes = rawBytes(value);
  if (isQuotedAsIs(bytes)) return `"${bytes.toString("latin1")}"`;
  let quoted = '"';
  for (let pos = 0; pos < bytes.length;) {
    const first = bytes[pos] as number;
    const sizeBytes = utf8Size(bytes, pos);
    quoted +=
      sizeBytes === 0 ? `\\x${hex(first, 2)}` : quotedRune(bytes.toString("utf8", pos, pos + sizeBytes));
    pos += sizeBytes || 1;
  }
  return `${quoted}"`;
}

/** Whether the bytes stand unchanged between the quotes: printable ASCII without `"` and `\`. */
export function isQuotedAsIs(bytes: Uint8Array): boolean {
  for (const byte of bytes) {
    if (byte < 0x20 || byte > 0x7e || byte === 0x22 || byte === 0x5c) return false;
  }
  return true;
}

const shortEscapes: Readonly<Record<string, string>> = {
  "\x07": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
  '"': '\\"',
  "\\": "\\\\",
};

function quotedRune(rune: string): string {
  const code = rune.codePointAt(0) as number;
  if (code < 0x80) {
    const short = shortEscapes[rune];
    if (short !== undefined) return short;
    return isPrintable(code) ? rune : `\\x${hex(code, 2)}`;
  }
  if (isPrintable(code)) return rune;
  return code < 0x10000 ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`;
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, "0");
}
