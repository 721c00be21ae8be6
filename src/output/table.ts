// The table format: members and endpoints in a box. Other responses have no table. This file is the only importer of
// cli-table3. Go: etcdctl/ctlv3/command/printer_table.go
import Table from "cli-table3";
import { checkRangeOptions, unsupportedMethods } from "./base-printer";
import type { Printer } from "./printer";
import type { Rows } from "./rows";
import { countRows, endpointHashKVRows, endpointHealthRows, endpointStatusRows, memberRows } from "./rows";

export function tablePrinter(): Printer {
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

/**
 * Draws a table in a Unicode box: a centred head in capitals, an odd space on its right; trimmed cells, aligned to the
 * right; a rule only below the head. It measures text as tablewriter does, except joined emoji, flags and invisible
 * characters. Go: github.com/olekukonko/tablewriter 1.1 with etcdctl's options
 */
export function drawTable({ head, body }: Rows): Uint8Array {
  const table = new Table({
    head: head.map(title),
    colAligns: head.map(() => "center" as const),
    style: { head: [], border: [], compact: true },
  });
  table.push(
    ...body.map((cells) => cells.map((cell) => ({ content: text(cell), hAlign: "right" as const }))),
  );
  return Buffer.from(`${table.toString()}\n`);
}

function title(name: string): string {
  return name.replaceAll("_", " ").toUpperCase();
}

function text(cell: string): string {
  return cell.replaceAll("\t", "    ").trim();
}
