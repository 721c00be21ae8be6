// Removes the padding of tables: IDs and sizes differ in width between runs, so transcripts have trimmed cells and rules of
// one dash per column. The real layout is checked by drawing the table again.

interface Table {
  readonly style: Style;
  /** null is a rule. */
  readonly rows: readonly (readonly string[] | null)[];
}

interface Style {
  readonly bar: string;
  readonly dash: string;
  readonly top: string;
  readonly middle: string;
  readonly bottom: string;
}

const boxes = { bar: "│", dash: "─", top: "┌┬┐", middle: "├┼┤", bottom: "└┴┘" };
/** The style of etcdctl before 3.6. */
const ascii = { bar: "|", dash: "-", top: "+++", middle: "+++", bottom: "+++" };

/** The form of `text` in transcripts. Throws when it is not one table in the right layout. */
export function tightTable(text: string): string {
  const table = parse(text);
  const drawn = draw(table, true);
  if (drawn !== text) throw new Error(`laid out wrongly, should be:\n${drawn}`);
  return draw(table, false);
}

function parse(text: string): Table {
  const lines = text.split("\n");
  const style = [boxes, ascii].find((each) => text.startsWith(each.top.slice(0, 1)));
  if (lines.pop() !== "" || !style) throw new Error("not a table");
  const rows = lines.map((line) => {
    if (/^[┌├└+]/.test(line)) return null;
    if (!line.startsWith(style.bar) || !line.endsWith(style.bar))
      throw new Error(`not a row of a table: ${line}`);
    return line
      .slice(1, -1)
      .split(style.bar)
      .map((cell) => cell.trim());
  });
  return { style, rows };
}

/** `padded`: columns are as wide as their widest cell, the header is centred, other cells are right-aligned. */
function draw({ style, rows }: Table, padded: boolean): string {
  const cells = rows.filter((row) => row !== null);
  const header = cells[0] ?? [];
  const widths = header.map((_, column) => Math.max(...cells.map((row) => [...(row[column] ?? "")].length)));
  const rule = ([left, middle, right]: string) =>
    left + widths.map((width) => style.dash.repeat(padded ? width + 2 : 1)).join(middle) + right;
  const pad = (cell: string, column: number, row: readonly string[]) => {
    const free = padded ? (widths[column] ?? 0) - [...cell].length : 0;
    const before = row === header ? Math.floor(free / 2) : free;
    return ` ${" ".repeat(before)}${cell}${" ".repeat(free - before)} `;
  };
  const lines = rows.map((row, at) => {
    if (row) return style.bar + row.map((cell, column) => pad(cell, column, row)).join(style.bar) + style.bar;
    return rule(at === 0 ? style.top : at === rows.length - 1 ? style.bottom : style.middle);
  });
  return lines.join("\n") + "\n";
}
