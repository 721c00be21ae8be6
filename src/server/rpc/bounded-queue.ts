// Messages on their way from something that sends when it pleases to a loop that takes them one by one.
// Must stay true: nothing put in is lost or reordered; who puts in learns when there is no more room.

export class BoundedQueue<T> implements AsyncIterable<T> {
  private messages: T[] = [];
  private wake: (() => void) | undefined;
  private ended = false;
  private failure: { readonly error: unknown } | undefined;

  /** `onRoom` is called when the box, once full, is empty again. */
  constructor(
    private readonly capacity: number,
    private readonly onRoom: () => void,
  ) {}

  /** Always takes the message; false when the next one had better wait for onRoom. */
  put(message: T): boolean {
    this.messages.push(message);
    this.wake?.();
    return this.messages.length < this.capacity;
  }

  /** What is in the box is still taken out. */
  end(): void {
    this.ended = true;
    this.wake?.();
  }

  fail(error: unknown): void {
    this.failure ??= { error };
    this.end();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    for (;;) {
      const taken = this.messages;
      this.messages = [];
      if (taken.length >= this.capacity) this.onRoom();
      yield* taken;
      if (this.messages.length > 0) continue;
      if (this.failure !== undefined) throw this.failure.error;
      if (this.ended) return;
      await new Promise<void>((resolve) => (this.wake = resolve));
      this.wake = undefined;
    }
  }
}
