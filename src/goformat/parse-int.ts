// Integers as Go reads them, with Go's words for what is wrong. Knows nobody above it.
// Base 0 takes 0x, 0o, 0b and 0 prefixes and underscores between digits, as flags do.
// Answers to strconv.ParseInt and strconv.ParseUint.
import { ParseError } from "./parse-error";
import { quote } from "./quote";

/** Throws ParseError `strconv.ParseInt: parsing "x": invalid syntax` or `…: value out of range`. */
export function parseInt64(text: string, base = 10): bigint {
  const digits = /^[+-]/.test(text) ? text.slice(1) : text;
  const magnitude = parseMagnitude(digits, base) ?? fail("ParseInt", text, "invalid syntax");
  const value = text.startsWith("-") ? -magnitude : magnitude;
  return value === BigInt.asIntN(64, value) ? value : fail("ParseInt", text, "value out of range");
}

/** Throws as parseInt64, with `strconv.ParseUint`; a sign is invalid syntax. */
export function parseUint64(text: string, base = 10): bigint {
  const value = parseMagnitude(text, base) ?? fail("ParseUint", text, "invalid syntax");
  return value === BigInt.asUintN(64, value) ? value : fail("ParseUint", text, "value out of range");
}

const maxUint64 = (1n << 64n) - 1n;
const prefixes: Readonly<Record<string, number>> = { "0b": 2, "0o": 8, "0x": 16 };

/** Undefined when it is no number; stops at the digit that leaves 64 bits, so that range errors come first. */
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
