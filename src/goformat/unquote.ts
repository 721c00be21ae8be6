// Go's quoted strings read back: "…" and '…' with escapes, `…` raw. Knows nobody above it.
// The result is bytes: \xNN and octal escapes can spell what is no UTF-8.
// Answers to strconv.Unquote (txn's keys and values, arguments in interactive input).
import { ParseError } from "./parse-error";

/** Throws ParseError `invalid syntax` unless `text` is one whole quoted string. */
export function unquote(text: string): Uint8Array {
  const mark = text[0];
  if (text.length < 2 || text.at(-1) !== mark) return fail();
  const body = text.slice(1, -1);
  switch (mark) {
    case "`":
      return body.includes("`") ? fail() : Buffer.from(body.replaceAll("\r", ""));
    case '"':
      return Buffer.concat(elements(body, mark));
    case "'": {
      const characters = elements(body, mark);
      return characters.length > 1 ? fail() : Buffer.concat(characters);
    }
    default:
      return fail();
  }
}

/** One escape, or a character that stands for itself: any but a newline. */
const element =
  /\\(?:([abfnrtv\\'"])|x([\da-fA-F]{2})|([0-7]{3})|u([\da-fA-F]{4})|U([\da-fA-F]{8}))|[^\\\n]/uy;

const shortEscapes: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
  "\\": 92,
};

function elements(body: string, mark: '"' | "'"): Buffer[] {
  const found: Buffer[] = [];
  for (let pos = 0; pos < body.length; pos = element.lastIndex) {
    element.lastIndex = pos;
    const match = element.exec(body);
    if (match === null || match[0] === mark) return fail();
    found.push(elementBytes(match, mark));
  }
  return found;
}

function elementBytes(match: RegExpExecArray, mark: '"' | "'"): Buffer {
  const [whole, short, hexByte, octalByte, hex4, hex8] = match;
  if (short !== undefined)
    return Buffer.of(short === mark ? mark.charCodeAt(0) : (shortEscapes[short] ?? fail()));
  if (hexByte !== undefined) return Buffer.of(parseInt(hexByte, 16));
  if (octalByte !== undefined) {
    const value = parseInt(octalByte, 8);
    return value > 255 ? fail() : Buffer.of(value);
  }
  const rune = hex4 ?? hex8;
  if (rune === undefined) return Buffer.from(whole);
  const code = parseInt(rune, 16);
  const isRune = code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
  return isRune ? Buffer.from(String.fromCodePoint(code)) : fail();
}

function fail(): never {
  throw new ParseError("invalid syntax");
}
