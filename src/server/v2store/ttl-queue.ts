// The node that expires next: a heap in which an entry stays when its node is removed or gets another time. Such an entry is
// skipped, and the heap is made anew when most of it are such entries. Go (etcd 3.4): etcdserver/api/v2store/ttl_key_heap.go
import { Heap } from "heap-js";
import type { StoreNode } from "./node";

interface Entry {
  readonly node: StoreNode;
  readonly atNs: bigint;
}

export class TtlQueue {
  private readonly nodes = new Set<StoreNode>();
  private readonly heap = new Heap<Entry>((a, b) => (a.atNs < b.atNs ? -1 : a.atNs > b.atNs ? 1 : 0));

  /** Call it for a new node, and when the node's time has changed. */
  update(node: StoreNode): void {
    const atNs = node.expiresAtNs;
    if (atNs === undefined) return this.delete(node);
    this.nodes.add(node);
    this.heap.push({ node, atNs });
    if (this.heap.length > 2 * this.nodes.size + 100) this.rebuild();
  }

  delete(node: StoreNode): void {
    this.nodes.delete(node);
  }

  /** The node that expires next, now or later. */
  peek(): StoreNode | undefined {
    for (let top = this.heap.peek(); top !== undefined; top = this.heap.peek()) {
      if (this.nodes.has(top.node) && top.node.expiresAtNs === top.atNs) return top.node;
      this.heap.pop();
    }
    return undefined;
  }

  private rebuild(): void {
    this.heap.init([...this.nodes].map((node) => ({ node, atNs: node.expiresAtNs ?? 0n })));
  }
}
