// Reads a file of records: JSON lines, or YAML with a document for each record. The first character decides which.
// Records are read one by one, so the size of the file does not matter.
import { CliError, ExitCode } from "../../errors";
import type { Io } from "../../io";
import { inputChunks } from "../input-file";
import { LineReader } from "../tokenize";
import { parseRecord, type TransferRecord } from "./records";

export async function* readRecords(file: string, io: Io): AsyncGenerator<TransferRecord> {
  const lines = numberedLines(new LineReader(inputChunks(file, io)));
  for await (const first of lines) {
    if (first.text.trim() === "") continue;
    const rest = joined(first, lines);
    yield* first.text.startsWith("{") ? fromJsonLines(rest) : fromYaml(rest);
    return;
  }
}

interface Line {
  readonly number: number;
  readonly text: string;
}

async function* numberedLines(reader: LineReader): AsyncGenerator<Line> {
  let number = 0;
  for (let line = await reader.next(); line !== undefined; line = await reader.next()) {
    yield { number: ++number, text: Buffer.from(line, "latin1").toString().replace(/\r$/, "") };
  }
}

async function* joined(first: Line, others: AsyncGenerator<Line>): AsyncGenerator<Line> {
  yield first;
  yield* others;
}

async function* fromJsonLines(lines: AsyncIterable<Line>): AsyncGenerator<TransferRecord> {
  for await (const { number, text } of lines) {
    if (text.trim() === "") continue;
    yield parseRecord(
      parse(() => JSON.parse(text), `line ${number}`),
      `line ${number}`,
    );
  }
}

/** Text inside a document is indented, so a line of `---` always begins a document. */
async function* fromYaml(lines: AsyncIterable<Line>): AsyncGenerator<TransferRecord> {
  const { parse: parseYaml } = await import("yaml");
  let document: string[] = [];
  let start = 1;
  const take = (): TransferRecord[] => {
    const text = document.join("\n");
    document = [];
    if (text.trim() === "") return [];
    const where = `the document at line ${start}`;
    const value = parse(() => parseYaml(text, { schema: "core", maxAliasCount: 0 }) as unknown, where);
    return value === null ? [] : [parseRecord(value, where)];
  };
  for await (const { number, text } of lines) {
    if (text !== "---") document.push(text);
    else {
      yield* take();
      start = number + 1;
    }
  }
  yield* take();
}

function parse(read: () => unknown, where: string): unknown {
  try {
    return read();
  } catch (cause) {
    throw new CliError(ExitCode.error, `${where}: ${(cause as Error).message}`, { cause });
  }
}
