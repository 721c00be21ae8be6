// The table format: members and endpoints in a box. Other responses have no table. This file is the only importer of
// cli-table3. Go: etcdctl/ctlv3/command/printer_table.go
import Table from "cli-table3";
import { badArgs } from "../errors";
import { checkRangeOptions, unsupportedMethods } from "./base-printer";
import type { Printer, TableStyle } from "./printer";
import type { Rows } from "./rows";
import { countRows, endpointHashKVRows, endpointHealthRows, endpointStatusRows, memberRows } from "./rows";

export type { Rows } from "./rows";

export function tablePrinter(style: TableStyle): Printer {
  const drawTable = tableDrawer(style);
  const refused = unsupportedMethods("table");
  return {
    ...refused,
    /** Keys have no table. The count has one, unlike in Go. */
    range(options) {
      if (!options.countOnly) return refused.range(options);
      checkRangeOptions("table", options);
      const nothing = () => new Uint8Array(0);
      return { begin: nothing, kvs: nothing, end: (r) => drawTable(countRows(r.count)) };
    },
    memberList: (r) => drawTable(memberRows(r)),
    endpointHealth: (rows) => drawTable(endpointHealthRows(rows)),
    endpointStatus: (rows) => drawTable(endpointStatusRows(rows)),
    endpointHashKV: (rows) => drawTable(endpointHashKVRows(rows)),
  };
}

/** The result throws CliError if the table lacks a chosen column. */
export function tableDrawer({ compat, chosen = [], fitTo }: TableStyle): (rows: Rows) => Uint8Array {
  const draw = compat === "3.5" ? drawAsciiTable : drawTable;
  return (all) => {
    const rows = chosen.length === 0 ? all : onlyColumns(all, chosen);
    const drawn = draw(rows);
    // The first line is only box characters, each one column wide.
    const width = Buffer.from(drawn).toString().indexOf("\n");
    return width > (fitTo?.() ?? Infinity) && rows.body.length > 0 ? blocks(rows) : drawn;
  };
}

function onlyColumns({ head, body }: Rows, chosen: readonly string[]): Rows {
  const places = chosen.map((name) => {
    const at = head.findIndex((each) => columnName(each) === columnName(name));
    if (at >= 0) return at;
    throw badArgs(`no column ${JSON.stringify(name)} in this table`, {
      hints: [`the columns are ${head.map(columnName).join(",")}`],
    });
  });
  const pick = (cells: readonly string[]): string[] => places.map((at) => cells[at] ?? "");
  return { head: pick(head), body: body.map(pick) };
}

/** `db-size` for `DB SIZE`. */
function columnName(title: string): string {
  return title.trim().toLowerCase().replace(/[ _]/g, "-");
}

/** A row below the other, a column in each line. */
function blocks({ head, body }: Rows): Uint8Array {
  const titles = head.map(title);
  const width = Math.max(...titles.map((each) => each.length));
  const block = (cells: readonly string[]): string =>
    cells.map((cell, at) => `${`${(titles[at] ?? "").padEnd(width)}  ${text(cell)}`.trimEnd()}\n`).join("");
  return Buffer.from(body.map(block).join("\n"));
}

/**
 * Draws a table in a Unicode box: a centred head in capitals, an odd space on its right; trimmed cells, aligned to the
 * right; a rule only below the head. It measures text as tablewriter does, except joined emoji, flags and invisible
 * characters. Go: github.com/olekukonko/tablewriter 1.1 with etcdctl's options
 */
function drawTable({ head, body }: Rows): Uint8Array {
  return Buffer.from(
    `${draw(
      head,
      body.map((cells) => cells.map(text)),
    )}\n`,
  );
}

type Chars = ConstructorParameters<typeof Table>[0] extends infer O | undefined
  ? O extends { chars?: infer C }
    ? C
    : never
  : never;

function draw(head: readonly string[], body: readonly (readonly string[])[], chars?: Chars): string {
  const table = new Table({
    head: head.map(title),
    colAligns: head.map(() => "center" as const),
    style: { head: [], border: [], compact: true },
    ...(chars === undefined ? {} : { chars }),
  });
  table.push(...body.map((cells) => cells.map((content) => ({ content, hAlign: "right" as const }))));
  return table.toString();
}

/**
 * A table of etcdctl 3.5: a box of ASCII characters, and cells of more than 30 columns in several lines if they have
 * blanks. Go: github.com/olekukonko/tablewriter 0.0.5
 */
function drawAsciiTable({ head, body }: Rows): Uint8Array {
  const drawn = draw(
    head,
    body.map((cells) => cells.map(wrap)),
    asciiChars,
  );
  const rule = drawn.slice(0, drawn.indexOf("\n"));
  return Buffer.from(`${drawn}\n${body.length === 0 ? `${rule}\n` : ""}`);
}

function title(name: string): string {
  return name.replaceAll("_", " ").toUpperCase();
}

function text(cell: string): string {
  return cell.replaceAll("\t", "    ").trim();
}

const asciiChars = {
  ...Object.fromEntries(["top", "bottom", "mid"].map((name) => [name, "-"])),
  ...Object.fromEntries(
    ["top", "bottom", "left", "right", "mid"].flatMap((a) =>
      ["mid", "left", "right"].map((b) => [`${a}-${b}`, "+"]),
    ),
  ),
  left: "|",
  middle: "|",
  right: "|",
};

const wrapColumns = 30;

/** Breaks a cell at its blanks, into lines of about the same length. The column stays as wide as the limit. Go: wrap.go of tablewriter (WrapWords) */
function wrap(cell: string): string {
  const words = cell.replaceAll("\n", " ").split(" ");
  const limit = Math.max(Math.min(cell.length, wrapColumns), ...words.map((word) => word.length));
  /** For each word, the cost of the lines from it on, and the first word of the next line. */
  const costs = words.map(() => Infinity);
  const nexts = words.map(() => words.length);
  for (let i = words.length - 1; i >= 0; i--) {
    if (words.slice(i).join(" ").length <= limit) {
      costs[i] = 0;
      continue;
    }
    for (let j = i + 1; j < words.length; j++) {
      const length = words.slice(i, j).join(" ").length;
      const cost = (limit - length) ** 2 + (costs[j] ?? 0) + (length > limit ? tooLongCost : 0);
      if (cost < (costs[i] ?? 0)) {
        costs[i] = cost;
        nexts[i] = j;
      }
    }
  }
  const lines: string[] = [];
  for (let i = 0; i < words.length;) {
    const next = nexts[i] ?? words.length;
    lines.push(words.slice(i, next).join(" "));
    i = next;
  }
  return lines.map((each) => each.padStart(Math.min(cell.length, wrapColumns))).join("\n");
}

const tooLongCost = 100_000;
