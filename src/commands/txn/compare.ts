// A condition of txn: TARGET("key") OPERATOR "value", as a binary string (tokenize.ts).
// Go's etcdctl panics on an unknown operator. Here it is a BadOperator, and the command prints the text of the panic.
// Departure: lease("key") = "ID" accepts a hexadecimal ID.
// Go: ParseCompare in etcdctl/ctlv3/command/txn_command.go, client/v3/compare.go.
import { CliError, ExitCode, withHints } from "../../errors";
import { quote } from "../../go/quote";
import { ParseError, parseInt64, unquote } from "../../go/strconv";
import { Compare, Compare_CompareResult, Compare_CompareTarget } from "../../proto/gen/etcdserverpb";
import { binaryToText } from "../tokenize";
import { compareHints } from "./compare-hints";

export class BadOperator extends Error {
  override name = "BadOperator";
}

/** Throws CliError(3), with a hint that shows the right line, or BadOperator. */
export function parseCompare(line: string): Compare {
  try {
    return parse(line);
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    throw withHints(error, compareHints(line, isCondition));
  }
}

function isCondition(line: string): boolean {
  try {
    return Boolean(parse(line));
  } catch {
    return false;
  }
}

function parse(line: string): Compare {
  const open = line.indexOf("(");
  if (open < 0) throw badInput(`malformed comparison: ${binaryToText(line)}`);
  const target = line.slice(0, open);
  const { key, operator, value } = scan(binaryToText(line.slice(open + 1)));
  if (key === undefined || operator === undefined || value === undefined) {
    const [shownKey, shownValue] = [key ?? "", value ?? ""].map((each) => quote(each));
    const seen = `${binaryToText(target)}(${shownKey}) ${operator ?? ""} ${shownValue}`;
    throw badInput(`malformed comparison: ${binaryToText(line)}; got ${seen}`);
  }
  const targetUnion = targetAndValue(target, value, line);
  const result = results.get(operator);
  if (result === undefined) throw new BadOperator("Unknown result op");
  return Compare.create({ key, result, ...targetUnion });
}

const results: ReadonlyMap<string, number> = new Map([
  ["=", Compare_CompareResult.EQUAL],
  ["!=", Compare_CompareResult.NOT_EQUAL],
  [">", Compare_CompareResult.GREATER],
  ["<", Compare_CompareResult.LESS],
]);

function targetAndValue(
  target: string,
  value: Uint8Array,
  line: string,
): Pick<Compare, "target" | "targetUnion"> {
  const number = (base: number) => {
    try {
      return parseInt64(Buffer.from(value).toString(), base);
    } catch (error) {
      if (!(error instanceof ParseError)) throw error;
      throw badInput(`invalid txn compare request: ${binaryToText(line)}`);
    }
  };
  const { VERSION, CREATE, MOD, VALUE, LEASE } = Compare_CompareTarget;
  switch (target) {
    case "ver":
    case "version":
      return { target: VERSION, targetUnion: { case: "version", value: number(10) } };
    case "c":
    case "create":
      return { target: CREATE, targetUnion: { case: "createRevision", value: number(10) } };
    case "m":
    case "mod":
      return { target: MOD, targetUnion: { case: "modRevision", value: number(10) } };
    case "val":
    case "value":
      return { target: VALUE, targetUnion: { case: "value", value } };
    case "lease":
      return { target: LEASE, targetUnion: { case: "lease", value: number(16) } };
    default:
      throw badInput(`malformed comparison: ${binaryToText(line)} (unknown target ${binaryToText(target)})`);
  }
}

interface Scanned {
  readonly key?: Uint8Array;
  readonly operator?: string;
  readonly value?: Uint8Array;
}

const quotedWord = /^\s*("(?:[^"\\]|\\.)*"|`[^`]*`)/;

/**
 * Scans `"key") OPERATOR "value"` as far as it matches; ignores text after the value. `text` is no binary string: in one,
 * the last byte of ≠ looks like a blank. Go: Sscanf with `%q) %s %q`.
 */
function scan(text: string): Scanned {
  const key = scanQuoted(text);
  if (key === undefined) return {};
  const operator = /^\)\s+(\S+)(?=\s|$)/.exec(key.rest);
  if (operator?.[1] === undefined) return { key: key.bytes };
  const value = scanQuoted(key.rest.slice(operator[0].length));
  return { key: key.bytes, operator: operator[1], ...(value && { value: value.bytes }) };
}

function scanQuoted(text: string): { bytes: Uint8Array; rest: string } | undefined {
  const match = quotedWord.exec(text);
  if (match?.[1] === undefined) return undefined;
  try {
    return { bytes: unquote(match[1]), rest: text.slice(match[0].length) };
  } catch (error) {
    if (error instanceof ParseError) return undefined;
    throw error;
  }
}

function badInput(message: string): CliError {
  return new CliError(ExitCode.invalidInput, message);
}
