// Lists of things that no Printer has: columns, a box, or objects.
import { CliError, ExitCode } from "../errors";
import type { JsonObject } from "../output/json-value";
import type { TableStyle } from "../output/printer";
import { objectWriter } from "../output/readable/printer";
import { tableDrawer, type Rows } from "../output/table";

export interface Listing {
  readonly rows: Rows;
  /** The same with exact values; one for each row. */
  readonly objects: readonly JsonObject[];
}

const formats: Readonly<Record<string, (listing: Listing, style: TableStyle) => string | Uint8Array>> = {
  simple: ({ rows }) =>
    columns(rows)
      .map((line) => `${line}\n`)
      .join(""),
  table: ({ rows }, style) => tableDrawer(style)(rows),
  json: ({ objects }) => objectWriter("jsonl")([{ items: objects }]),
  yaml: ({ objects }) => objectWriter("yaml")(objects),
  jsonl: ({ objects }) => objectWriter("jsonl")(objects),
};

/** Throws for a format that lists do not have; call it before the work. */
export function listingPrinter(format: string): (listing: Listing, style: TableStyle) => string | Uint8Array {
  const print = Object.hasOwn(formats, format) ? formats[format] : undefined;
  if (print !== undefined) return print;
  throw new CliError(ExitCode.badFeature, `${format} not supported as output format`, {
    hints: [`this command prints ${Object.keys(formats).join(", ")}`],
  });
}

/** Lines with aligned columns: numbers to the right, text to the left. */
export function columns({ head, body }: Rows): string[] {
  const rows = [head, ...body];
  const widths = head.map((_, at) => Math.max(...rows.map((row) => (row[at] ?? "").length)));
  const isNumber = head.map((_, at) => body.length > 0 && body.every((row) => number.test(row[at] ?? "")));
  return rows.map((row) =>
    row
      .map((cell, at) => (isNumber[at] ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0)))
      .join("  ")
      .trimEnd(),
  );
}

/** Also sizes, shares, and their absence. */
const number = /^(?:\d+(?:\.\d+)?(?: (?:[kMGT]?B|%))?|deleted)$/;
