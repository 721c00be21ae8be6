// Keys as a tree, split at "/", with the number of keys below each directory: for `get --tree`.
// What stands in a line, put together from the root to a key, is exactly that key: a directory's name ends in "/", so
// "a" and "a/b" give the key `a` beside the directory `a/`, and "a//b" has a directory named `/` in `a/`.
// Holds the names down to the depth that is drawn, and no values.
import { quote } from "../go/quote";
import type { RangePrinter, TreeOptions } from "./printer";
import { lines } from "./text";

export function keyTreePrinter({ depth }: TreeOptions): RangePrinter {
  const nothing = new Uint8Array(0);
  const tree = new KeyTree(depth);
  return {
    begin: () => nothing,
    kvs(kvs) {
      for (const { key } of kvs) tree.add(key);
      return nothing;
    },
    end: ({ count }) => lines(tree.lines(count), (line) => line),
  };
}

interface Directory {
  keyCount: number;
  /** In the order in which they came: keys by name, directories. */
  readonly children: (string | Directory)[];
  readonly directories: Map<string, Directory>;
  readonly name: string;
}

const slash = 0x2f;

class KeyTree {
  private readonly top = directory("");
  /** The directories that all keys have in common: the root of what is drawn. */
  private common: string[] | undefined;

  /** `depth` levels are drawn below the root. Names are bytes, one for a character. */
  constructor(private readonly depth: number) {}

  add(key: Uint8Array): void {
    const bytes = Buffer.from(key.buffer, key.byteOffset, key.length);
    const { names, last } = split(bytes);
    this.common = commonStart(this.common ?? names, names);
    const deepest = this.common.length + this.depth;
    let at = this.top;
    at.keyCount++;
    for (const name of names.slice(0, deepest)) {
      at = child(at, name);
      at.keyCount++;
    }
    if (names.length < deepest) at.children.push(last);
  }

  /** Nothing without a key. The total is of the keys that there are, which may be more than were added. */
  lines(total: bigint): string[] {
    const { common } = this;
    if (common === undefined) return [];
    let root = this.top;
    for (const name of common) root = child(root, name);
    const { keyCount } = root;
    const count = total > BigInt(keyCount) ? `${keyCount} of ${total}` : `${keyCount}`;
    const drawn = [`${shown(common.join("")) || "."} (${count})`];
    draw(root, "", this.depth, drawn);
    return drawn;
  }
}

function draw({ children }: Directory, before: string, depth: number, drawn: string[]): void {
  if (depth === 0) return;
  children.forEach((node, i) => {
    const isLast = i === children.length - 1;
    const line = `${before}${isLast ? "└── " : "├── "}`;
    if (typeof node === "string") return void drawn.push(`${line}${shown(node) || '""'}`);
    drawn.push(`${line}${shown(node.name)} (${node.keyCount})`);
    draw(node, `${before}${isLast ? "    " : "│   "}`, depth - 1, drawn);
  });
}

/** As Go's %q where the bytes themselves would not be seen or not be told apart. */
function shown(name: string): string {
  const quoted = quote(Buffer.from(name, "latin1"));
  const text = quoted.slice(1, -1);
  return Buffer.from(text).toString("latin1") === name && text.trim() === text ? text : quoted;
}

/** A key of a million slashes is no reason to fail: what comes after so many is one name. */
const mostNames = 1000;

/** "/a/b" → "/" "a/", last "b" */
function split(key: Buffer): { names: string[]; last: string } {
  const names: string[] = [];
  let from = 0;
  for (let at = key.indexOf(slash); at >= 0 && names.length < mostNames; at = key.indexOf(slash, from)) {
    names.push(key.toString("latin1", from, at + 1));
    from = at + 1;
  }
  return { names, last: key.toString("latin1", from) };
}

function commonStart(a: readonly string[], b: readonly string[]): string[] {
  const end = a.findIndex((name, i) => name !== b[i]);
  return a.slice(0, end < 0 ? a.length : end);
}

function child(parent: Directory, name: string): Directory {
  let found = parent.directories.get(name);
  if (found === undefined) {
    found = directory(name);
    parent.directories.set(name, found);
    parent.children.push(found);
  }
  return found;
}

function directory(name: string): Directory {
  return { keyCount: 0, children: [], directories: new Map(), name };
}
