// The large requests of one connection that have come in part. Each may come as a whole when there is room for it; the others wait
// with their first bytes. So a client may send any number of them at once, and the server holds few.
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

  /** Calls `onRoom` once, when the request may come: now or later. Call the returned function when it has come, or will not. */
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
