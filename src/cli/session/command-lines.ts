// Command lines as text: words with quotes as in a shell, or JSON for arguments with any bytes.
//   put key 'a value'                        a line of words
//   # a comment                              ignored, as is an empty line
//   ["put", "key", {"base64": "/wA="}]       the words as JSON
//   {"args": ["put", "key"], "stdin": "v"}   with what the command reads from standard input
import { badArgs } from "../../errors";
import { rawText } from "../../go/raw-text";

export interface CommandLine {
  /** Without the name of the program. Bytes that are not UTF-8 have the form of go/raw-text.ts. */
  readonly argv: readonly string[];
  /** What the command reads from its standard input. */
  readonly stdin: Uint8Array;
}

const noInput = new Uint8Array(0);

/**
 * Parses a line, a binary string with one character for each byte. Undefined for an empty line and a comment. Throws
 * CliError for an open quote and for JSON of another shape.
 */
export function parseCommandLine(line: string, programName: string): CommandLine | undefined {
  const parsed = /^[ \t]*[[{]/.test(line)
    ? fromJson(line)
    : { argv: wordsOf(line).map(decode), stdin: noInput };
  // Lines copied from a script begin with the program.
  const argv = parsed.argv[0] === programName ? parsed.argv.slice(1) : parsed.argv;
  return parsed.argv.length === 0 ? undefined : { ...parsed, argv };
}

function decode(binary: string): string {
  return rawText(Buffer.from(binary, "latin1"));
}

/** Of ASCII only: a byte of a UTF-8 character must not count. */
const space = /[ \t\n\v\f\r]/;
const plainWord = /[^ \t\n\v\f\r'"\\]+/y;
const escapes: Readonly<Record<string, string>> = {
  ...{ a: "\x07", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" },
};

/**
 * Splits a line into words. White space separates them. Quotes may be anywhere in a word: '…' is literal, "…" knows the
 * escapes \n, \t, \xHH and so on. Outside quotes, the character after a backslash is literal. A word that begins with #
 * begins a comment.
 */
export function wordsOf(line: string): string[] {
  const words: string[] = [];
  for (let at = 0; at < line.length;) {
    const character = line[at] as string;
    if (space.test(character)) at++;
    else if (character === "#") break;
    else {
      const { word, end } = wordAt(line, at);
      words.push(word);
      at = end;
    }
  }
  return words;
}

function wordAt(line: string, start: number): { word: string; end: number } {
  let word = "";
  let at = start;
  while (at < line.length) {
    const character = line[at] as string;
    if (space.test(character)) break;
    if (character === "'") {
      const end = line.indexOf("'", at + 1);
      if (end < 0) throw openQuote("'");
      word += line.slice(at + 1, end);
      at = end + 1;
    } else if (character === '"') {
      const quoted = quotedAt(line, at + 1);
      word += quoted.text;
      at = quoted.end;
    } else if (character === "\\") {
      word += line[at + 1] ?? "\\";
      at += 2;
    } else {
      plainWord.lastIndex = at;
      const plain = plainWord.exec(line)?.[0] as string;
      word += plain;
      at += plain.length;
    }
  }
  return { word, end: at };
}

/** The text between double quotes; `start` is after the first one. */
function quotedAt(line: string, start: number): { text: string; end: number } {
  let text = "";
  for (let at = start; at < line.length;) {
    const character = line[at] as string;
    if (character === '"') return { text, end: at + 1 };
    if (character !== "\\") {
      text += character;
      at++;
      continue;
    }
    const next = line[at + 1] ?? "";
    const hex = next === "x" ? /^[0-9a-fA-F]{2}/.exec(line.slice(at + 2, at + 4)) : null;
    if (hex) text += String.fromCharCode(Number.parseInt(hex[0], 16));
    else text += escapes[next] ?? ('"\\$`'.includes(next) ? next : `\\${next}`);
    at += hex ? 4 : 2;
  }
  throw openQuote('"');
}

function openQuote(quote: string): Error {
  return badArgs(`the quote ${quote} is not closed`, {
    hints: [`write a quote as part of a word as \\${quote}`],
  });
}

function fromJson(line: string): CommandLine {
  const value = parseJson(Buffer.from(line, "latin1").toString());
  if (Array.isArray(value)) return { argv: value.map(argumentOf), stdin: noInput };
  const { args, stdin, ...others } = value as { args?: unknown; stdin?: unknown };
  const unknown = Object.keys(others)[0];
  if (!Array.isArray(args) || unknown !== undefined) {
    throw badShape(
      unknown === undefined ? '"args" must be an array' : `unknown field ${JSON.stringify(unknown)}`,
    );
  }
  return { argv: args.map(argumentOf), stdin: stdin === undefined ? noInput : bytesOf(stdin) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw badShape((cause as Error).message, cause);
  }
}

function argumentOf(value: unknown): string {
  return typeof value === "string" ? value : rawText(bytesOf(value));
}

function bytesOf(value: unknown): Buffer {
  if (typeof value === "string") return Buffer.from(value);
  const base64 = value === null ? undefined : (value as { base64?: unknown }).base64;
  if (typeof base64 === "string" && /^[A-Za-z0-9+/]*={0,2}$/.test(base64))
    return Buffer.from(base64, "base64");
  throw badShape(`${JSON.stringify(value)} is neither a string nor {"base64": "…"}`);
}

function badShape(reason: string, cause?: unknown): Error {
  return badArgs(`not a command in JSON: ${reason}`, {
    cause,
    hints: ['write ["put", "key", {"base64": "/wA="}], or {"args": ["put", "key"], "stdin": "value"}'],
  });
}
