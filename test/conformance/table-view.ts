// Tables without their padding: ids and sizes differ in width from run to run, so transcripts hold every cell trimmed and
// the rules cut to one dash per column; that the real layout is right is checked by drawing it again.

interface Table {
  /** null stands for a rule. */
  readonly rows: readonly (readonly string[] | null)[];
}

const corners = { top: "┌┬┐", middle: "├┼┤", bottom: "└┴┘" };

/** The recorded form of `text`; throws what is wrong when it is not one table in the right layout. */
export function tightTable(text: string): string {
  const table = parse(text);
  const drawn = draw(table, true);
  if (drawn !== text) throw new Error(`laid out wrongly, should be:\n${drawn}`);
  return draw(table, false);
}

function parse(text: string): Table {
  const lines = text.split("\n");
  if (lines.pop() !== "" || !text.startsWith("┌")) throw new Error("not a table");
  const rows = lines.map((line) => {
    if (/^[┌├└]/.test(line)) return null;
    if (!line.startsWith("│") || !line.endsWith("│")) throw new Error(`not a row of a table: ${line}`);
    return line
      .slice(1, -1)
      .split("│")
      .map((cell) => cell.trim());
  });
  return { rows };
}

/** `padded`: columns as wide as their widest cell, the header centred, other cells to the right. */
function draw({ rows }: Table, padded: boolean): string {
  const cells = rows.filter((row) => row !== null);
  const header = cells[0] ?? [];
  const widths = header.map((_, column) => Math.max(...cells.map((row) => [...(row[column] ?? "")].length)));
  const rule = ([left, middle, right]: string) =>
    left + widths.map((width) => "─".repeat(padded ? width + 2 : 1)).join(middle) + right;
  const pad = (cell: string, column: number, row: readonly string[]) => {
    const free = padded ? (widths[column] ?? 0) - [...cell].length : 0;
    const before = row === header ? Math.floor(free / 2) : free;
    return ` ${" ".repeat(before)}${cell}${" ".repeat(free - before)} `;
  };
  const lines = rows.map((row, at) => {
    if (row) return `│${row.map((cell, column) => pad(cell, column, row)).join("│")}│`;
    return rule(at === 0 ? corners.top : at === rows.length - 1 ? corners.bottom : corners.middle);
  });
  return lines.join("\n") + "\n";
}
