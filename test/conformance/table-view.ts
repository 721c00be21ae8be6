// Tables without their padding: ids and sizes differ in width from run to run, so transcripts hold every cell trimmed and
// the rules cut to one dash per column; that the real layout is right is checked by drawing it again.

interface Table {
  readonly style: Style;
  /** null stands for a rule. */
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
/** Of etcdctl before 3.6. */
const ascii = { bar: "|", dash: "-", top: "+++", middle: "+++", bottom: "+++" };

/** The recorded form of `text`; throws what is wrong when it is not one table in the right layout. */
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

/** `padded`: columns as wide as their widest cell, the header centred, other cells to the right. */
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
