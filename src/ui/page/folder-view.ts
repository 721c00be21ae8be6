// A folder: how many keys it has and, on demand, how many bytes each name in it has.
import type { FolderSize, SizesLine } from "../api";
import { call, describe, stream } from "./calls";
import { addressOf, bar, facts, note, pathOf } from "./detail";
import { button, fill, h } from "./dom";
import { bytes, counted, number } from "./format";

export interface FolderActions {
  readonly search: (prefix: string, label: string) => void;
  /** Undefined on a page that only reads. */
  readonly create: ((prefix: string) => void) | undefined;
}

export function folderView(
  prefix: string,
  label: string,
  actions: FolderActions,
  signal: AbortSignal,
): HTMLElement {
  const count = h("span", {}, "\u2026");
  const size = h("span", {}, "not measured");
  const results = h("div", { class: "sizes" });
  const measure = button("Measure sizes", () => void run(), {
    attrs: { title: "Reads every value below once" },
  });
  call("counts", { prefixes: [prefix] }, signal).then(
    ({ counts }) => (count.textContent = counted(counts[0] ?? 0, "key")),
    (error: unknown) => !signal.aborted && fill(count, describe(error)),
  );

  async function run(): Promise<void> {
    measure.disabled = true;
    try {
      await stream("sizes", { prefix }, (line) => show(line), signal);
    } catch (error) {
      if (!signal.aborted) fill(results, note(describe(error), "failed"));
    } finally {
      measure.disabled = false;
    }
  }

  function show(line: SizesLine): void {
    const isEnd = line.sizes !== undefined;
    const progress = isEnd ? "" : ` \u2014 ${number(line.scanned)} of ${number(line.total)} keys read\u2026`;
    size.textContent = `${bytes(line.bytes)}${progress}`;
    if (line.sizes !== undefined) fill(results, sizeTable(line, line.sizes));
  }

  return h(
    "article",
    { class: "detail folder-detail" },
    prefix === "" ? h("h2", { class: "path" }, "All keys") : pathOf(prefix, label),
    facts([
      ["Keys", count],
      ["Size", size],
    ]),
    h(
      "div",
      { class: "actions" },
      measure,
      button("Watch live", () => (location.hash = addressOf.live(prefix))),
      button("Search here", () => actions.search(prefix, label)),
      actions.create && button("New key", () => actions.create?.(prefix)),
    ),
    results,
  );
}

function sizeTable(line: SizesLine, sizes: readonly FolderSize[]): HTMLElement {
  const sizeOf = ({ keyBytes, valueBytes }: FolderSize): number => keyBytes + valueBytes;
  const largest = Math.max(1, ...sizes.map(sizeOf));
  const rows = sizes.map((each) =>
    h(
      "tr",
      {},
      h(
        "td",
        { class: "name" },
        h(
          "a",
          { attrs: { href: addressOf[each.kind](each.key), title: each.label } },
          each.label || "(empty name)",
        ),
      ),
      h("td", { class: "number" }, number(each.keys)),
      h("td", { class: "number" }, bytes(sizeOf(each))),
      h("td", { class: "bar-cell" }, bar(sizeOf(each) / largest)),
    ),
  );
  const { others } = line;
  return h(
    "table",
    { class: "grid" },
    h(
      "thead",
      {},
      h(
        "tr",
        {},
        h("th", {}, "Name"),
        h("th", { class: "number" }, "Keys"),
        h("th", { class: "number" }, "Size"),
        h("th", { class: "bar-cell" }, ""),
      ),
    ),
    h("tbody", {}, ...rows),
    others && others.names > 0
      ? h(
          "tfoot",
          {},
          h(
            "tr",
            {},
            h("td", {}, `${number(others.names)} smaller names`),
            h("td", { class: "number" }, number(others.keys)),
            h("td", { class: "number" }, bytes(others.bytes)),
            h("td", {}),
          ),
        )
      : null,
  );
}
