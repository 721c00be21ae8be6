// A queue between a producer that never waits and a reader that takes messages one by one.
// Must stay true: no message is lost or reordered, and the producer learns when the queue is full.

export class BoundedQueue<T> implements AsyncIterable<T> {
  private messages: T[] = [];
  private wake: (() => void) | undefined;
  private waiting: (() => void)[] = [];
  private ended = false;
  private failure: { readonly error: unknown } | undefined;

  /** `onRoom` is called when the reader has emptied a full queue. */
  constructor(
    private readonly capacity: number,
    private readonly onRoom: () => void,
  ) {}

  /** Always accepts the message. Returns false if the queue is full: put the next one after onRoom. */
  put(message: T): boolean {
    this.messages.push(message);
    this.wake?.();
    return this.messages.length < this.capacity;
  }

  /** Resolves when the reader has emptied a full queue; at once when it is not full, or has ended. */
  async room(): Promise<void> {
    while (this.messages.length >= this.capacity && !this.ended) {
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
  }

  /** The reader still receives the messages that are in the queue. */
  end(): void {
    this.ended = true;
    this.wake?.();
    this.wakeWaiting();
  }

  /** Like end(), but then the reader receives the error. */
  fail(error: unknown): void {
    this.failure ??= { error };
    this.end();
  }

  private wakeWaiting(): void {
    const { waiting } = this;
    this.waiting = [];
    for (const resolve of waiting) resolve();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    for (;;) {
      const taken = this.messages;
      this.messages = [];
      if (taken.length >= this.capacity) this.onRoom();
      this.wakeWaiting();
      yield* taken;
      if (this.messages.length > 0) continue;
      if (this.failure !== undefined) throw this.failure.error;
      if (this.ended) return;
      await new Promise<void>((resolve) => (this.wake = resolve));
      this.wake = undefined;
    }
  }
}
