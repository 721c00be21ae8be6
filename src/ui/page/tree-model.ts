// The tree of keys without its elements: which levels are open, and the rows that this makes. A level is loaded when it is
// opened, page by page.
import type { Entry, Level } from "../api";

export interface TreeNode {
  readonly entry: Entry;
  readonly depth: number;
  readonly parent: TreeNode | undefined;
  isOpen: boolean;
  /** Undefined before the first page of the level. */
  children: TreeNode[] | undefined;
  /** Where the next page of the level begins; null when all is loaded. */
  next: string | null;
  isLoading: boolean;
  error: string;
  /** Keys below; undefined while unknown. */
  count: number | undefined;
}

export type TreeRow =
  | { readonly kind: "node"; readonly node: TreeNode }
  /** The end of a level that has more entries, or that could not be loaded. */
  | { readonly kind: "more"; readonly of: TreeNode };

export type LoadLevel = (prefix: string, after: string | null) => Promise<Level>;

export class TreeModel {
  root: TreeNode = rootNode();

  /** `changed` is called whenever rows() would be different. */
  constructor(
    private readonly load: LoadLevel,
    private readonly changed: () => void,
  ) {}

  /** Puts an entry at the top of the first level. */
  add(entry: Entry): void {
    const children = (this.root.children ??= []);
    if (!children.some((child) => child.entry.key === entry.key)) children.unshift(childOf(this.root, entry));
    this.changed();
  }

  /** Forgets everything and loads the first level; the folders that were open open again. */
  async reload(): Promise<void> {
    const open = new Set(this.openPrefixes(this.root));
    this.root = rootNode();
    await this.open(this.root);
    await this.reopen(this.root, open);
  }

  async open(node: TreeNode): Promise<void> {
    if (node.entry.kind !== "folder") return;
    node.isOpen = true;
    this.changed();
    if (node.children === undefined) await this.loadMore(node);
    // A path without a branch opens at once.
    const [only] = node.children ?? [];
    if (node.children?.length === 1 && node.next === null && only?.entry.kind === "folder")
      await this.open(only);
  }

  close(node: TreeNode): void {
    node.isOpen = false;
    this.changed();
  }

  /** Opens the folders of a key and returns its node; undefined if it is not among the entries that the levels show. */
  async reveal(key: string, folders: readonly string[]): Promise<TreeNode | undefined> {
    let node: TreeNode = this.root;
    await this.open(node);
    for (const prefix of [...folders, key]) {
      const child = node.children?.find(({ entry }) => entry.key === prefix);
      if (child === undefined) return undefined;
      node = child;
      if (prefix !== key) await this.open(node);
    }
    return node;
  }

  async loadMore(node: TreeNode): Promise<void> {
    if (node.isLoading || (node.children !== undefined && node.next === null && node.error === "")) return;
    node.isLoading = true;
    node.error = "";
    try {
      const { entries, next } = await this.load(node.entry.key, node.next);
      const children = (node.children ??= []);
      for (const entry of entries) children.push(childOf(node, entry));
      node.next = next;
    } catch (error) {
      node.error = error instanceof Error ? error.message : String(error);
    } finally {
      node.isLoading = false;
      this.changed();
    }
  }

  rows(): TreeRow[] {
    const rows: TreeRow[] = [];
    const add = (node: TreeNode): void => {
      for (const child of node.children ?? []) {
        rows.push({ kind: "node", node: child });
        if (child.isOpen) add(child);
      }
      if (node.children === undefined || node.next !== null || node.error !== "")
        rows.push({ kind: "more", of: node });
    };
    add(this.root);
    return rows;
  }

  private openPrefixes(node: TreeNode): string[] {
    const below = (node.children ?? []).filter(({ isOpen }) => isOpen);
    return below.flatMap((child) => [child.entry.key, ...this.openPrefixes(child)]);
  }

  private async reopen(node: TreeNode, prefixes: ReadonlySet<string>): Promise<void> {
    for (const child of node.children ?? []) {
      if (!prefixes.has(child.entry.key)) continue;
      await this.open(child);
      await this.reopen(child, prefixes);
    }
  }
}

function rootNode(): TreeNode {
  return {
    ...{ entry: { kind: "folder", key: "", label: "" }, depth: -1, parent: undefined, isOpen: true },
    ...unloaded(),
  };
}

function childOf(parent: TreeNode, entry: Entry): TreeNode {
  return { entry, depth: parent.depth + 1, parent, isOpen: false, ...unloaded() };
}

function unloaded(): Pick<TreeNode, "children" | "next" | "isLoading" | "error" | "count"> {
  return { children: undefined, next: null, isLoading: false, error: "", count: undefined };
}
