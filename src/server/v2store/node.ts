// A key or a directory of version 2's store. A node without children is a key. Go (etcd 3.4): etcdserver/api/v2store/node.go
import { baseName } from "../../go/path";
import type { NodeView } from "./event";
import { ErrorCode, V2Error } from "./v2-error";

const nsPerSecond = 1_000_000_000n;

export class StoreNode {
  value = "";
  modifiedIndex: number;
  /** Nanoseconds since the Unix epoch. Undefined: it never expires. */
  expiresAtNs: bigint | undefined;

  constructor(
    readonly path: string,
    readonly createdIndex: number,
    public parent: StoreNode | undefined,
    /** Undefined for a key. */
    readonly children: Map<string, StoreNode> | undefined,
  ) {
    this.modifiedIndex = createdIndex;
  }

  get isDir(): boolean {
    return this.children !== undefined;
  }

  get name(): string {
    return baseName(this.path);
  }

  /** A hidden node is not listed. */
  get isHidden(): boolean {
    return this.name.startsWith("_");
  }

  /** The node with its children, and with `recursive` all below them. */
  list(recursive: boolean, sorted: boolean, nowNs: bigint): NodeView {
    const visible = [...(this.children?.values() ?? [])].filter((child) => !child.isHidden);
    const nodes = visible.map((child) =>
      recursive ? child.list(recursive, sorted, nowNs) : child.view(nowNs),
    );
    if (sorted) nodes.sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
    return { ...this.view(nowNs), nodes };
  }

  /** The node without children. */
  view(nowNs: bigint): NodeView {
    return {
      key: this.path,
      value: this.isDir ? undefined : this.value,
      dir: this.isDir,
      ...this.lifetime(nowNs),
      nodes: [],
      modifiedIndex: this.modifiedIndex,
      createdIndex: this.createdIndex,
    };
  }

  lifetime(nowNs: bigint): Pick<NodeView, "expiresAtNs" | "ttl"> {
    if (this.expiresAtNs === undefined) return { expiresAtNs: undefined, ttl: 0 };
    const left = this.expiresAtNs - nowNs;
    return {
      expiresAtNs: this.expiresAtNs,
      ttl: Number(left / nsPerSecond) + (left % nsPerSecond > 0n ? 1 : 0),
    };
  }

  /**
   * Takes the node and all below it out of the tree. `removed` is called for each, children first. Throws V2Error when the
   * node is a directory and `dir` is false, or when it has children and `recursive` is false.
   */
  remove(dir: boolean, recursive: boolean, index: number, removed: (node: StoreNode) => void): void {
    if (this.children !== undefined) {
      if (!dir) throw new V2Error(ErrorCode.notFile, this.path, index);
      if (this.children.size > 0 && !recursive) throw new V2Error(ErrorCode.dirNotEmpty, this.path, index);
      for (const child of [...this.children.values()]) child.remove(true, true, index, removed);
    }
    this.parent?.children?.delete(this.name);
    removed(this);
  }
}
