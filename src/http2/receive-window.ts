// How much the peer may still send, on one stream or on the connection. RFC 9113, sections 5.2 and 6.9.

export class ReceiveWindow {
  private leftBytes: number;
  private returnedBytes = 0;

  constructor(private readonly sizeBytes: number) {
    this.leftBytes = sizeBytes;
  }

  /** False means that the peer has sent more than it may. */
  receive(sizeBytes: number): boolean {
    this.leftBytes -= sizeBytes;
    return this.leftBytes >= 0;
  }

  /** The peer may send that much more. */
  widen(sizeBytes: number): void {
    this.leftBytes += sizeBytes;
  }

  /** Bytes that are no longer held. Returns the increment of a WINDOW_UPDATE, or 0 while it would be small. */
  give(sizeBytes: number): number {
    this.returnedBytes += sizeBytes;
    if (this.returnedBytes * 4 < this.sizeBytes) return 0;
    const increment = this.returnedBytes;
    this.leftBytes += increment;
    this.returnedBytes = 0;
    return increment;
  }
}
