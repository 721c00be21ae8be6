// Large requests of which only some may go on at a time: those of one connection that have come in part, and those of all
// connections that are being applied. The others wait. So clients may send any number of them at once, and the server holds few.
// Must stay true: the first of those that wait is let in when no other is in, so each of them comes to its end.

/** What the client may send of a request before it is let in. As in grpc-go: HTTP/2's default. */
export const requestWindowBytes = 65_535;

interface Entry {
  readonly sizeBytes: number;
  readonly onRoom: () => void;
  isIn: boolean;
}

export class LargeRequests {
  private inBytes = 0;
  private readonly waiting = new Set<Entry>();

  constructor(private readonly maxBytes: number) {}

  /** Calls `onRoom` once, when the request may go on: now or later. Call the returned function when it is done, or will not go on. */
  enter(sizeBytes: number, onRoom: () => void): () => void {
    const entry = { sizeBytes, onRoom, isIn: false };
    this.waiting.add(entry);
    this.letIn();
    return () => {
      this.waiting.delete(entry);
      if (entry.isIn) this.inBytes -= sizeBytes;
      entry.isIn = false;
      this.letIn();
    };
  }

  /** Resolves when the request may go on, with the function to call when it is done. */
  entered(sizeBytes: number): Promise<() => void> {
    return new Promise((resolve) => {
      // It may be let in before there is a function.
      const leave = this.enter(sizeBytes, () => void Promise.resolve().then(() => resolve(leave)));
    });
  }

  private letIn(): void {
    for (const entry of this.waiting) {
      if (this.inBytes > 0 && this.inBytes + entry.sizeBytes > this.maxBytes) return;
      this.waiting.delete(entry);
      entry.isIn = true;
      this.inBytes += entry.sizeBytes;
      entry.onRoom();
    }
  }
}
