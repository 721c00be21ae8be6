// A small plot over time: one line for each member, three marks on each axis, and the values at the pointer.
import { h, svg } from "./dom";
import { ticksFor } from "./ticks";

export interface Series {
  readonly name: string;
  /** The place of the member in the legend, which decides its colour. */
  readonly color: number;
  /** In the order of time; a gap where the value is null. */
  readonly points: readonly { readonly at: number; readonly value: number | null }[];
}

export interface ChartOptions {
  readonly title: string;
  readonly format: (value: number) => string;
  /** 1024 for marks that are round numbers of KiB, MiB and so on. Default: round decimal numbers. */
  readonly base?: number;
}

const [width, height] = [360, 130];
const inset = { left: 58, right: 10, top: 10, bottom: 20 };
const spanMs = 10 * 60 * 1000;

export function chart(
  series: readonly Series[],
  now: number,
  { title, format, base }: ChartOptions,
): HTMLElement {
  const seen = series.map((each) => ({
    ...each,
    points: each.points.filter(({ at }) => at >= now - spanMs),
  }));
  const values = seen
    .flatMap(({ points }) => points.map(({ value }) => value))
    .filter((value) => value !== null);
  const oldest = Math.min(
    now - 60_000,
    ...seen.flatMap(({ points }) => points.slice(0, 1).map(({ at }) => at)),
  );
  const ticks = ticksFor(Math.max(0, ...values), base);
  const [low, high] = [ticks[0] ?? 0, ticks.at(-1) ?? 1];
  const x = (at: number): number =>
    inset.left + ((at - oldest) / (now - oldest)) * (width - inset.left - inset.right);
  const y = (value: number): number =>
    height - inset.bottom - ((value - low) / (high - low || 1)) * (height - inset.top - inset.bottom);
  const grid = ticks.flatMap((tick) => [
    svg("line", { class: "grid-line", x1: inset.left, x2: width - inset.right, y1: y(tick), y2: y(tick) }),
    svg("text", { class: "tick", x: inset.left - 6, y: y(tick) + 3.5, "text-anchor": "end" }, format(tick)),
  ]);
  const times = [
    svg("text", { class: "tick", x: inset.left, y: height - 5 }, `${ago(now - oldest)} ago`),
    svg("text", { class: "tick", x: width - inset.right, y: height - 5, "text-anchor": "end" }, "now"),
  ];
  const lines = seen.flatMap(({ color, points }) => {
    const path = pathOf(points, x, y);
    const last = points.findLast(({ value }) => value !== null);
    const end =
      last && svg("circle", { class: `dot c${color % 6}`, cx: x(last.at), cy: y(last.value ?? 0), r: 2.5 });
    return [svg("path", { class: `line c${color % 6}`, d: path }), ...(end ? [end] : [])];
  });
  const latest = seen.map(({ points }) => points.findLast(({ value }) => value !== null)?.value ?? null);
  const shown = latest.filter((value) => value !== null);
  const drawing = svg(
    "svg",
    { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `${title} over time` },
    ...grid,
    ...times,
    ...lines,
  );
  const summary = shown.length === 0 ? "no reading yet" : format(Math.max(...shown));
  return h(
    "figure",
    { class: "chart" },
    h("figcaption", {}, h("span", {}, title), h("b", {}, summary)),
    drawing,
  );
}

function pathOf(points: Series["points"], x: (at: number) => number, y: (value: number) => number): string {
  let pen = "M";
  let path = "";
  for (const { at, value } of points) {
    if (value === null) pen = "M";
    else {
      path += `${pen}${x(at).toFixed(1)} ${y(value).toFixed(1)}`;
      pen = "L";
    }
  }
  return path;
}

function ago(ms: number): string {
  return ms < 120_000 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / 60_000)} min`;
}
