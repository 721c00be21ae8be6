// The tree of keys on the left: rows of the model, counts of the folders in sight, and the keys of a tree.
import type { Entry, Level } from "../api";
import { call, CallFailure, describe } from "./calls";
import { button, h, toast } from "./dom";
import { foldersOf, number, short } from "./format";
import { PrefixForm } from "./prefix-form";
import { TreeModel, type TreeNode, type TreeRow } from "./tree-model";
import { VirtualList } from "./virtual-list";

const countsOfCall = 20;

export class TreeView {
  private readonly model = new TreeModel(
    (prefix, after) => this.loadLevel(prefix, after),
    () => this.update(),
  );
  private readonly list: VirtualList<TreeRow>;
  private readonly prefixForm = new PrefixForm((prefix) => this.openPrefix(prefix));
  private readonly wanted = new Set<TreeNode>();
  private isCounting = false;
  private selected = "";
  readonly element: HTMLElement;

  constructor(private readonly choose: (entry: TreeNode["entry"]) => void) {
    this.list = new VirtualList({
      role: "tree",
      rowRole: "treeitem",
      label: "Keys",
      render: (row) => this.row(row),
      activate: (row) => this.activate(row),
      key: (event, row) => this.key(event, row),
      seen: (rows) => this.seen(rows),
    });
    const reload = button("Reload", () => void this.reload(), {
      class: "quiet",
      attrs: { title: "Reload ( r )" },
    });
    const overview = h("a", { class: "overview", attrs: { href: "#/folder/" } }, "Overview");
    this.element = h(
      "section",
      { class: "tree", attrs: { "aria-label": "Tree of keys" } },
      h("div", { class: "pane-head" }, h("h2", {}, "Keys"), overview, reload),
      this.prefixForm.element,
      this.list.element,
    );
  }

  focus(): void {
    this.list.element.focus();
    if (this.list.active < 0) this.list.moveTo(0);
  }

  async reload(): Promise<void> {
    await this.model.reload();
  }

  /** A user who may not read all keys, and whose permissions are not known, types where to begin. */
  private async loadLevel(prefix: string, after: string | null): Promise<Level> {
    try {
      return await call("level", { prefix, after });
    } catch (error) {
      const isDenied = error instanceof CallFailure && error.message.includes("permission denied");
      if (prefix !== "" || !isDenied) throw error;
      this.prefixForm.element.hidden = false;
      return { entries: this.prefixForm.opened, next: null };
    }
  }

  private openPrefix(entry: Entry): void {
    this.model.add(entry);
    this.choose(entry);
  }

  /** Opens the folders of the key that is shown beside, and marks it. */
  async select(key: string): Promise<void> {
    this.selected = key;
    if (key !== "") await this.model.reveal(key, foldersOf(key));
    this.update();
    const at = this.model.rows().findIndex((row) => row.kind === "node" && row.node.entry.key === key);
    if (at >= 0) this.list.moveTo(at);
  }

  private update(): void {
    this.list.show(this.model.rows());
  }

  private row(row: TreeRow): HTMLElement {
    if (row.kind === "more") return moreRow(row.of);
    const { entry, depth, isOpen, count } = row.node;
    const isFolder = entry.kind === "folder";
    const isSelected = entry.key === this.selected;
    const element = h(
      "div",
      {
        class: `tree-row ${entry.kind}${isSelected ? " selected" : ""}`,
        attrs: {
          "aria-level": depth + 1,
          "aria-selected": String(isSelected),
          "aria-expanded": isFolder ? String(isOpen) : undefined,
          title: entry.label,
        },
      },
      h("span", {
        class: `twist${isFolder ? (isOpen ? " open" : " closed") : ""}`,
        attrs: { "aria-hidden": "true" },
        on: isFolder ? { click: (event) => this.twist(event, row.node) } : {},
      }),
      h("span", { class: "name" }, entry.label === "" ? "(empty name)" : entry.label),
      isFolder && count !== undefined
        ? h("span", { class: "count", attrs: { title: `${number(count)} keys` } }, short(count))
        : null,
    );
    element.style.paddingLeft = `${8 + depth * 14}px`;
    return element;
  }

  /** The triangle opens and closes a folder without showing it. */
  private twist(event: Event, node: TreeNode): void {
    event.stopPropagation();
    this.toggle(node);
  }

  private toggle(node: TreeNode): void {
    if (node.isOpen) this.model.close(node);
    else void this.model.open(node);
  }

  private activate(row: TreeRow): void {
    if (row.kind === "more") return void this.model.loadMore(row.of);
    const { node } = row;
    if (node.entry.kind === "folder" && (!node.isOpen || node.entry.key === this.selected)) this.toggle(node);
    this.choose(node.entry);
  }

  private key(event: KeyboardEvent, row: TreeRow | undefined): boolean {
    if (row?.kind !== "node") return false;
    const { node } = row;
    const isFolder = node.entry.kind === "folder";
    if (event.key === "ArrowRight" && isFolder) {
      if (!node.isOpen) void this.model.open(node);
      else this.list.moveTo(this.list.active + 1);
    } else if (event.key === "ArrowLeft") {
      if (isFolder && node.isOpen) this.model.close(node);
      else if (node.parent !== undefined) this.moveToNode(node.parent);
    } else return event.key === "ArrowRight";
    return true;
  }

  private moveToNode(node: TreeNode): void {
    const at = this.model.rows().findIndex((row) => row.kind === "node" && row.node === node);
    if (at >= 0) this.list.moveTo(at);
  }

  /** Loads what has come into sight: the next page of a level, and counts. */
  private seen(rows: readonly TreeRow[]): void {
    for (const row of rows) {
      if (row.kind === "more") {
        if (row.of.error === "") void this.model.loadMore(row.of);
      } else if (row.node.entry.kind === "folder" && row.node.count === undefined) this.wanted.add(row.node);
    }
    void this.countWanted();
  }

  private async countWanted(): Promise<void> {
    if (this.isCounting) return;
    this.isCounting = true;
    try {
      while (this.wanted.size > 0) {
        const nodes = [...this.wanted].slice(-countsOfCall);
        const { counts } = await call("counts", { prefixes: nodes.map(({ entry }) => entry.key) });
        nodes.forEach((node, at) => {
          this.wanted.delete(node);
          node.count = counts[at];
        });
        this.list.schedule();
      }
    } catch (error) {
      this.wanted.clear();
      toast(describe(error), "failed");
    } finally {
      this.isCounting = false;
    }
  }
}

function moreRow({ isLoading, error, depth }: TreeNode): HTMLElement {
  const text =
    error === "" ? (isLoading ? "loading\u2026" : "more\u2026") : `${error} \u2014 press Enter to try again`;
  const element = h(
    "div",
    {
      class: `tree-row more${error === "" ? "" : " failed"}`,
      attrs: { "aria-level": depth + 2, title: text },
    },
    h("span", { class: "twist" }),
    h("span", { class: "name" }, text),
  );
  element.style.paddingLeft = `${8 + (depth + 1) * 14}px`;
  return element;
}
