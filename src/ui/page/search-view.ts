// The results of a search, in place of the tree until they are closed.
import type { SearchLine } from "../api";
import { describe, stream } from "./calls";
import { addressOf } from "./detail";
import { button, h } from "./dom";
import { counted, number } from "./format";
import { VirtualList } from "./virtual-list";

interface Found {
  readonly key: string;
  readonly label: string;
}

export class SearchView {
  readonly element: HTMLElement;
  private readonly list: VirtualList<Found>;
  private readonly state = h("span", { class: "state", attrs: { role: "status" } });
  private readonly title = h("h2", {}, "Search");
  private found: Found[] = [];
  private running: AbortController | undefined;

  constructor(private readonly closed: () => void) {
    this.list = new VirtualList({
      role: "listbox",
      rowRole: "option",
      label: "Search results",
      render: ({ label }) =>
        h("div", { class: "tree-row key", attrs: { title: label } }, h("span", { class: "name" }, label)),
      activate: ({ key }) => (location.hash = addressOf.key(key)),
    });
    this.element = h(
      "section",
      { class: "tree results", hidden: true, attrs: { "aria-label": "Search" } },
      h(
        "div",
        { class: "pane-head" },
        this.title,
        this.state,
        button("Close", () => this.close(), { class: "quiet", attrs: { title: "Back to the tree ( Esc )" } }),
      ),
      this.list.element,
    );
    this.element.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.close();
    });
  }

  get isOpen(): boolean {
    return !this.element.hidden;
  }

  async run(text: string, prefix: string, scope: string): Promise<void> {
    this.running?.abort();
    const running = (this.running = new AbortController());
    this.found = [];
    this.element.hidden = false;
    this.title.textContent = scope === "" ? `\u201c${text}\u201d` : `\u201c${text}\u201d in ${scope}`;
    this.title.title = this.title.textContent;
    this.state.textContent = "searching\u2026";
    this.list.show(this.found);
    try {
      await stream("search", { prefix, text }, (line) => this.take(line), running.signal);
    } catch (error) {
      if (!running.signal.aborted) this.state.textContent = describe(error);
    }
  }

  focus(): void {
    this.list.element.focus();
    if (this.list.active < 0) this.list.moveTo(0);
  }

  close(): void {
    this.running?.abort();
    this.element.hidden = true;
    this.closed();
  }

  private take(line: SearchLine): void {
    if ("found" in line) {
      this.found.push(...line.found);
      this.list.show(this.found);
    } else if ("end" in line) {
      this.state.textContent =
        line.end === "all"
          ? counted(this.found.length, "key")
          : `the first ${number(this.found.length)} keys`;
    } else {
      this.state.textContent = `${counted(this.found.length, "key")} \u00b7 ${Math.floor((100 * line.scanned) / Math.max(1, line.total))} %`;
    }
  }
}
