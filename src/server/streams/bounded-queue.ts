// A queue between a producer that never waits and a reader that takes messages one by one.
// Must stay true: no message is lost or reordered, and the producer learns when the queue is full.
import type { ReadyIterator } from "./ready";

export class BoundedQueue<T> implements AsyncIterable<T>, ReadyIterator<T> {
  private messages: T[] = [];
  /** Messages that the reader has got. */
  private taken = 0;
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

  /** Resolves when the reader has emptied a full queue, or at its end. Undefined when it is not full, or has ended. */
  room(): Promise<void> | undefined {
    if (this.messages.length < this.capacity || this.ended) return undefined;
    return new Promise<void>((resolve) => this.waiting.push(resolve)).then(() => this.room());
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

  /** Emptied means that the reader has taken the last message, and comes for another. */
  takeNow(): T | undefined {
    if (this.taken < this.messages.length) return this.messages[this.taken++];
    if (this.taken === 0) return undefined;
    const wasFull = this.messages.length >= this.capacity;
    this.messages = [];
    this.taken = 0;
    if (wasFull) this.onRoom();
    this.wakeWaiting();
    return this.takeNow();
  }

  async next(): Promise<IteratorResult<T, undefined>> {
    for (;;) {
      const message = this.takeNow();
      if (message !== undefined) return { done: false, value: message };
      if (this.failure !== undefined) throw this.failure.error;
      if (this.ended) return { done: true, value: undefined };
      await new Promise<void>((resolve) => (this.wake = resolve));
      this.wake = undefined;
    }
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
