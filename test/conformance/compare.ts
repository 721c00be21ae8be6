// Compares a stream of a program with the transcript, in the mode of the case. Log lines and our `hint:` lines are ignored.
import type { MatchMode } from "./case";
import type { Placeholders } from "./placeholders";
import { dumpProtobuf } from "./protobuf-view";
import { tightTable } from "./table-view";

export interface Difference {
  readonly what: string;
  readonly recorded: string;
  readonly now: string;
}

export interface Recorded {
  readonly text: string;
  readonly base64: string | undefined;
  readonly mode: MatchMode;
}

export function compareStream(
  what: string,
  recorded: Recorded,
  actual: Buffer,
  placeholders: Placeholders,
): Difference | undefined {
  const { mode, base64 } = recorded;
  if (mode === "ignore") return undefined;
  if (mode === "present") {
    return actual.length > 0 ? undefined : { what, recorded: "anything but nothing", now: "" };
  }
  if (base64 !== undefined) {
    const same = Buffer.from(base64, "base64").equals(actual);
    return same
      ? undefined
      : { what, recorded: `base64 ${base64}`, now: `base64 ${actual.toString("base64")}` };
  }
  const expected = view(what, mode, recorded.text, false);
  let now: string;
  try {
    now = mode === "protobuf" ? dumpProtobuf(actual) : view(what, mode, utf8(actual), true);
  } catch (error) {
    const shown = `${actual.toString()}(${String(error)})`;
    return { what, recorded: placeholders.show(expected), now: shown };
  }
  const chunks = chunkers[mode];
  const same = chunks
    ? matchUnordered(chunks(expected), chunks(now), placeholders)
    : placeholders.matches(expected, now);
  return same ? undefined : { what, recorded: placeholders.show(expected), now };
}

function utf8(bytes: Buffer): string {
  return new TextDecoder("utf8", { fatal: true, ignoreBOM: true }).decode(bytes);
}

/** The part of a stream that is compared. */
function view(what: string, mode: MatchMode, text: string, isActual: boolean): string {
  if (what === "stderr") return withoutLogs(text);
  if (mode === "json")
    return text.replace(/("(?:[^"\\]|\\.)*")|[ \t\r]+/g, (_, quoted?: string) => quoted ?? "");
  if ((mode === "table" || mode === "unordered-table") && isActual) return tightTable(text);
  return text;
}

/** etcdctl logs JSON lines, etcdutl lines with tabs. */
function withoutLogs(text: string): string {
  const log = /^(?:\{"level":"|(?:\{\{time\}\}|\d{4}-\S+)\t\w+\t|(?:hint|stty): )/;
  return text
    .split(/(?<=\n)/)
    .filter((line) => !log.test(line))
    .join("");
}

const lines = (text: string) => text.split(/(?<=\n)/);

const chunkers: Partial<Record<MatchMode, (text: string) => string[]>> = {
  "unordered-lines": lines,
  "unordered-table": lines,
  "unordered-blocks": (text) => text.split(/(?<=\n\n)/),
  "unordered-json": jsonElements,
};

/** The elements of a JSON array as text. They cannot be parsed, because placeholders replace numbers. */
function jsonElements(text: string): string[] {
  const elements: string[] = [];
  let depth = 0;
  let start = 0;
  for (const token of text.matchAll(/"(?:[^"\\]|\\.)*"|\{\{[^{}]+\}\}|[{}]/g)) {
    if (token[0] === "{" && depth++ === 0) start = token.index;
    else if (token[0] === "}" && --depth === 0) elements.push(text.slice(start, token.index + 1));
  }
  return elements;
}

/** Matches chunks in any order. Chunks without unknown placeholders come first, because they are the most specific. */
function matchUnordered(
  expected: readonly string[],
  actual: readonly string[],
  placeholders: Placeholders,
): boolean {
  const unknowns = (text: string) => placeholders.show(text).split("{{").length;
  const left = [...actual];
  for (const chunk of [...expected].sort((a, b) => unknowns(a) - unknowns(b))) {
    const at = left.findIndex((candidate) => placeholders.matches(chunk, candidate));
    if (at < 0) return false;
    left.splice(at, 1);
  }
  return left.length === 0;
}
