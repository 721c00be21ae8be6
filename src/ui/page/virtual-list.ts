// A list of any length that keeps only the rows in sight as elements. One element has the focus; `aria-activedescendant` names
// the active row, which is always in sight when it changes.
import { h } from "./dom";

export interface ListOptions<T> {
  readonly role: "tree" | "listbox";
  readonly label: string;
  readonly rowRole: "treeitem" | "option";
  readonly render: (item: T, at: number) => HTMLElement;
  readonly activate: (item: T) => void;
  /** Keys besides those that move the active row. Returns whether the key was used. */
  readonly key?: (event: KeyboardEvent, item: T | undefined) => boolean;
  /** Called with the items in sight after they have been rendered. */
  readonly seen?: (items: readonly T[]) => void;
}

const spareRows = 8;
let lists = 0;

export class VirtualList<T> {
  readonly element: HTMLElement;
  private readonly content = h("div", { class: "list-content" });
  private readonly prefix = `list${++lists}`;
  private items: readonly T[] = [];
  private frame = 0;
  private height = 0;
  active = -1;

  constructor(private readonly options: ListOptions<T>) {
    this.element = h(
      "div",
      {
        class: "list",
        attrs: { role: options.role, "aria-label": options.label, tabindex: 0 },
        on: { scroll: () => this.schedule(), keydown: (event) => this.keydown(event) },
      },
      this.content,
    );
    new ResizeObserver(() => {
      this.height = 0;
      this.schedule();
    }).observe(this.element);
  }

  get activeItem(): T | undefined {
    return this.items[this.active];
  }

  show(items: readonly T[]): void {
    this.items = items;
    this.active = Math.min(this.active, items.length - 1);
    this.schedule();
  }

  /** Makes a row active and scrolls it into sight. */
  moveTo(at: number): void {
    this.active = Math.max(0, Math.min(at, this.items.length - 1));
    const top = this.active * this.rowHeight;
    const { scrollTop, clientHeight } = this.element;
    const lowest = top + this.rowHeight - clientHeight;
    const isFar = top < scrollTop - clientHeight || lowest > scrollTop + clientHeight;
    if (isFar) this.element.scrollTop = top - clientHeight / 2;
    else this.element.scrollTop = Math.max(lowest, Math.min(scrollTop, top));
    this.draw();
  }

  schedule(): void {
    this.frame ||= requestAnimationFrame(() => this.draw());
  }

  private get rowHeight(): number {
    this.height ||= parseFloat(getComputedStyle(this.element).getPropertyValue("--row")) || 26;
    return this.height;
  }

  private draw(): void {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    const { scrollTop, clientHeight } = this.element;
    const first = Math.max(0, Math.floor(scrollTop / this.rowHeight) - spareRows);
    const end = Math.min(
      this.items.length,
      Math.ceil((scrollTop + clientHeight) / this.rowHeight) + spareRows,
    );
    this.content.style.height = `${this.items.length * this.rowHeight}px`;
    const rows: HTMLElement[] = [];
    for (let at = first; at < end; at++) rows.push(this.row(at));
    this.content.replaceChildren(...rows);
    const activeId = this.active >= first && this.active < end ? `${this.prefix}-${this.active}` : "";
    if (activeId === "") this.element.removeAttribute("aria-activedescendant");
    else this.element.setAttribute("aria-activedescendant", activeId);
    this.options.seen?.(this.items.slice(first, end));
  }

  private row(at: number): HTMLElement {
    const item = this.items[at] as T;
    const row = this.options.render(item, at);
    row.classList.add("row");
    row.id = `${this.prefix}-${at}`;
    row.setAttribute("role", this.options.rowRole);
    row.setAttribute("aria-posinset", String(at + 1));
    row.setAttribute("aria-setsize", String(this.items.length));
    if (at === this.active) row.classList.add("active");
    row.style.transform = `translateY(${at * this.rowHeight}px)`;
    row.addEventListener("click", () => {
      this.active = at;
      this.options.activate(item);
      this.schedule();
    });
    return row;
  }

  private keydown(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(1, Math.floor(this.element.clientHeight / this.rowHeight) - 1);
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: this.active + 1,
      ArrowUp: this.active - 1,
      PageDown: this.active + page,
      PageUp: this.active - page,
      Home: 0,
      End: this.items.length - 1,
    };
    const item = this.activeItem;
    const step = steps[event.key];
    if (step !== undefined) this.moveTo(step);
    else if ((event.key === "Enter" || event.key === " ") && item !== undefined) this.options.activate(item);
    else if (!this.options.key?.(event, item)) return;
    event.preventDefault();
  }
}
