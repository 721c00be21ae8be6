// A table in a Unicode box: head in capitals and centred (an odd blank goes to the right), cells trimmed and aligned to
// the right, a rule only below the head. The one place that knows the table drawer; it measures text as tablewriter
// does, but for joined emoji, flags and invisible characters.
// Answers to tablewriter 1.1 as etcdctl sets it up.
import Table from "cli-table3";
import type { Rows } from "./rows";

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
