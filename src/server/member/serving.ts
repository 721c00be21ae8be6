// Whether the server takes requests, for the health service of gRPC and the load balancers that ask it.

export class Serving {
  isServing = true;
  private readonly listeners = new Set<() => void>();

  set(isServing: boolean): void {
    if (this.isServing === isServing) return;
    this.isServing = isServing;
    for (const listener of this.listeners) listener();
  }

  /** Returns a function that ends the notifications. */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }
}
