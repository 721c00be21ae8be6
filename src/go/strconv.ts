// Parses integers and quoted strings, with Go's error texts.
// Go: strconv/atoi.go (ParseInt, ParseUint), strconv/quote.go (Unquote)
import { quote } from "./quote";

/**
 * Parses a signed 64-bit integer. Base 0, which flags use, allows the prefixes 0x, 0o, 0b and 0, and underscores between
 * digits. Throws ParseError `strconv.ParseInt: parsing "x": invalid syntax` or `…: value out of range`.
 */
export function parseInt64(text: string, base = 10): bigint {
  const digits = /^[+-]/.test(text) ? text.slice(1) : text;
  const magnitude = parseMagnitude(digits, base) ?? fail("ParseInt", text, "invalid syntax");
  const value = text.startsWith("-") ? -magnitude : magnitude;
  return value === BigInt.asIntN(64, value) ? value : fail("ParseInt", text, "value out of range");
}

/** Parses an unsigned 64-bit integer. Throws ParseError like `parseInt64`, with `strconv.ParseUint`. A sign is not allowed. */
export function parseUint64(text: string, base = 10): bigint {
  const value = parseMagnitude(text, base) ?? fail("ParseUint", text, "invalid syntax");
  return value === BigInt.asUintN(64, value) ? value : fail("ParseUint", text, "value out of range");
}

const maxUint64 = (1n << 64n) - 1n;
const prefixes: Readonly<Record<string, number>> = { "0b": 2, "0o": 8, "0x": 16 };

/** Undefined when the text is not a number. Stops at the digit that exceeds 64 bits, so that range errors come first. */
function parseMagnitude(text: string, base: number): bigint | undefined {
  if (base !== 0) return parseDigits(text, base);
  const prefixBase = text.length > 2 ? prefixes[text.slice(0, 2).toLowerCase()] : undefined;
  const isOctal = text.length > 1 && text.startsWith("0");
  const digits = text.slice(prefixBase !== undefined ? 2 : isOctal ? 1 : 0);
  const value = parseDigits(digits.replaceAll("_", ""), prefixBase ?? (isOctal ? 8 : 10));
  const areUnderscoresBetweenDigits = !/^_|__|_$/.test(prefixBase === undefined ? text : text.slice(1));
  return areUnderscoresBetweenDigits || (value ?? 0n) > maxUint64 ? value : undefined;
}

function parseDigits(text: string, base: number): bigint | undefined {
  if (text === "") return undefined;
  let value = 0n;
  for (const character of text) {
    const digit = /^[0-9a-z]$/i.test(character) ? parseInt(character, 36) : base;
    if (digit >= base) return undefined;
    value = value * BigInt(base) + BigInt(digit);
    if (value > maxUint64) return value;
  }
  return value;
}

function fail(name: string, text: string, reason: string): never {
  throw new ParseError(`strconv.${name}: parsing ${quote(text)}: ${reason}`);
}

/** Thrown by the parsers in src/go, with Go's error text. The caller turns it into a CliError with an exit code. */
export class ParseError extends Error {
  override name = "ParseError";
}

/**
 * Parses one quoted string: "…" and '…' with escapes, `…` without. Returns bytes, because \xNN and octal escapes may give
 * bytes that are not UTF-8. Throws ParseError `invalid syntax`.
 */
export function unquote(text: string): Uint8Array {
  const mark = text[0];
  if (text.length < 2 || text.at(-1) !== mark) return failUnquote();
  const body = text.slice(1, -1);
  switch (mark) {
    case "`":
      return body.includes("`") ? failUnquote() : Buffer.from(body.replaceAll("\r", ""));
    case '"':
      return Buffer.concat(elements(body, mark));
    case "'": {
      const characters = elements(body, mark);
      return characters.length > 1 ? failUnquote() : Buffer.concat(characters);
    }
    default:
      return failUnquote();
  }
}

/** One escape, or any other character except a newline. */
const element =
  /\\(?:([abfnrtv\\'"])|x([\da-fA-F]{2})|([0-7]{3})|u([\da-fA-F]{4})|U([\da-fA-F]{8}))|[^\\\n]/uy;

const unquoteEscapes: Readonly<Record<string, number>> = {
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
    if (match === null || match[0] === mark) return failUnquote();
    found.push(elementBytes(match, mark));
  }
  return found;
}

function elementBytes(match: RegExpExecArray, mark: '"' | "'"): Buffer {
  const [whole, short, hexByte, octalByte, hex4, hex8] = match;
  if (short !== undefined)
    return Buffer.of(short === mark ? mark.charCodeAt(0) : (unquoteEscapes[short] ?? failUnquote()));
  if (hexByte !== undefined) return Buffer.of(parseInt(hexByte, 16));
  if (octalByte !== undefined) {
    const value = parseInt(octalByte, 8);
    return value > 255 ? failUnquote() : Buffer.of(value);
  }
  const rune = hex4 ?? hex8;
  if (rune === undefined) return Buffer.from(whole);
  const code = parseInt(rune, 16);
  const isRune = code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
  return isRune ? Buffer.from(String.fromCodePoint(code)) : failUnquote();
}

function failUnquote(): never {
  throw new ParseError("invalid syntax");
}
