// Compares src/go with tables recorded from Go 1.26 (from-go.json, byte strings in base64).
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { formatDuration, humanizeBytes, parseDuration } from "../../src/go/units";
import { jsonString, quote } from "../../src/go/quote";
import { ParseError, parseInt64, parseUint64, unquote } from "../../src/go/strconv";

interface Recorded {
  quote: [base64: string, quoted: string][];
  unquote: [text: string, base64: string | null][];
  integers: { text: string; base: number; int: string; uint: string }[];
  parseDuration: [text: string, nanosecondsOrError: string][];
  formatDuration: [nanoseconds: string, text: string][];
  humanizeBytes: [sizeBytes: string, text: string][];
  jsonString: [base64: string, json: string][];
}

const recorded = JSON.parse(readFileSync(join(__dirname, "from-go.json"), "utf8")) as Recorded;

/** The result as text, or the ParseError's message. */
function outcome(parse: () => bigint): string {
  try {
    return parse().toString();
  } catch (error) {
    if (error instanceof ParseError) return error.message;
    throw error;
  }
}

test("bytes are quoted as by %q", () => {
  const quoted = recorded.quote.map(([base64]) => [base64, quote(Buffer.from(base64, "base64"))]);
  expect(quoted).toEqual(recorded.quote);
});

test("a string is quoted as its UTF-8 bytes", () => {
  expect(quote("key \u200b é \u{1f642}")).toBe('"key \\u200b é \u{1f642}"');
});

test("quoted strings are parsed, and malformed ones are refused", () => {
  const unquoted = recorded.unquote.map(([text]) => {
    try {
      return [text, Buffer.from(unquote(text)).toString("base64")];
    } catch (error) {
      expect(error).toEqual(new ParseError("invalid syntax"));
      return [text, null];
    }
  });
  expect(unquoted).toEqual(recorded.unquote);
});

test("integers are parsed in every base, with strconv's error texts", () => {
  const parsed = recorded.integers.map(({ text, base }) => ({
    text,
    base,
    int: outcome(() => parseInt64(text, base)),
    uint: outcome(() => parseUint64(text, base)),
  }));
  expect(parsed).toEqual(recorded.integers);
});

test("durations are parsed to the nanosecond, with the time package's error texts", () => {
  const parsed = recorded.parseDuration.map(([text]) => [text, outcome(() => parseDuration(text))]);
  expect(parsed).toEqual(recorded.parseDuration);
});

test("durations are written as time.Duration writes them", () => {
  const formatted = recorded.formatDuration.map(([ns]) => [ns, formatDuration(BigInt(ns))]);
  expect(formatted).toEqual(recorded.formatDuration);
});

test("sizes are humanized, and halves round to even", () => {
  const humanized = recorded.humanizeBytes.map(([sizeBytes]) => [
    sizeBytes,
    humanizeBytes(BigInt(sizeBytes)),
  ]);
  expect(humanized).toEqual(recorded.humanizeBytes);
  expect(humanizeBytes(-1n)).toBe(humanizeBytes((1n << 64n) - 1n));
});

test("strings are escaped as encoding/json escapes them", () => {
  const escaped = recorded.jsonString.map(([base64]) => [
    base64,
    jsonString(Buffer.from(base64, "base64").toString()),
  ]);
  expect(escaped).toEqual(recorded.jsonString);
});
