// `get --tree`: keys as a tree, split at "/", with the number of keys in each directory. The names on the way from the
// root to a key give exactly that key. A directory's name ends in "/": "a" and "a/b" give the key `a` and the directory
// `a/`, and "a//b" has a directory named `/` in `a/`. Memory holds the names down to the printed depth, and no values.
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
  /** Names of keys, and directories, in the order of the keys. */
  readonly children: (string | Directory)[];
  readonly directories: Map<string, Directory>;
  readonly name: string;
}

const slash = 0x2f;

class KeyTree {
  private readonly top = directory("");
  /** The directories that all keys share. The last of them is the root of the printed tree. */
  private common: string[] | undefined;

  /** `depth` is the number of printed levels below the root. Names are latin1 strings, one character for each byte. */
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

  /** Returns no lines without keys. `total` is the number of keys in the range, which a --limit may have cut. */
  lines(total: bigint): string[] {
    const { common } = this;
    if (common === undefined) return [];
    let root = this.top;
    for (const name of common) root = child(root, name);
    const { keyCount } = root;
    const count = total > BigInt(keyCount) ? `${keyCount} of ${total}` : `${keyCount}`;
    const drawn = [`${displayName(common.join("")) || "."} (${count})`];
    draw(root, "", this.depth, drawn);
    return drawn;
  }
}

function draw({ children }: Directory, before: string, depth: number, drawn: string[]): void {
  if (depth === 0) return;
  children.forEach((node, i) => {
    const isLast = i === children.length - 1;
    const line = `${before}${isLast ? "└── " : "├── "}`;
    if (typeof node === "string") return void drawn.push(`${line}${displayName(node) || '""'}`);
    drawn.push(`${line}${displayName(node.name)} (${node.keyCount})`);
    draw(node, `${before}${isLast ? "    " : "│   "}`, depth - 1, drawn);
  });
}

/** The name, or the name as by Go's %q where it has invisible bytes or spaces at its ends. */
function displayName(name: string): string {
  const quoted = quote(Buffer.from(name, "latin1"));
  const text = quoted.slice(1, -1);
  return Buffer.from(text).toString("latin1") === name && text.trim() === text ? text : quoted;
}

/** Limits the recursion. The rest of a key with more slashes is one name. */
const maxNames = 1000;

/** "/a/b" → "/" "a/", last "b" */
function split(key: Buffer): { names: string[]; last: string } {
  const names: string[] = [];
  let from = 0;
  for (let at = key.indexOf(slash); at >= 0 && names.length < maxNames; at = key.indexOf(slash, from)) {
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
