// Go's literals: quoted strings, durations, integers. The first byte selects the kind, the rest is the text.
import { parseDuration } from "../../../src/go/units";
import { ParseError, parseInt64, parseUint64, unquote } from "../../../src/go/strconv";
import type { FuzzTarget } from "../target";

const parsers: readonly ((text: string) => unknown)[] = [
  unquote,
  parseDuration,
  (text) => parseInt64(text),
  (text) => parseInt64(text, 16),
  (text) => parseUint64(text, 0),
];

export const target: FuzzTarget = {
  seeds: () =>
    [
      '\0"a\\n\\x41\\u00e9\\U0001f600\\101"',
      "\0`raw`",
      "\x011h2m3.5s",
      "\x01-1.5µs",
      "\x02-12",
      "\x03ffff",
      "\x040x1f",
    ].map((each) => Buffer.from(each)),
  words: [
    "\\",
    '"',
    "`",
    "\\x",
    "\\u",
    "\\777",
    "\\ud800",
    "1e",
    "ns",
    "h",
    ".",
    "-",
    "_",
    "9223372036854775808",
    "0b1",
  ],
  isExpected: (error) => error instanceof ParseError,
  run(input) {
    parsers[(input[0] ?? 0) % parsers.length]?.(Buffer.from(input.subarray(1)).toString());
  },
};
