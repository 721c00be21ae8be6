// The large requests of one connection that wait for their answers. A client that sends more of them than the server can apply
// would fill the queue of the write-ahead log, in which the requests of all other clients wait, too.
// Must stay true: small requests never count, as some of them wait for others: a lock for its unlock.

const largeBytes = 16 * 1024;
const maxOpenBytes = 1024 * 1024;

/** The connection stops reading with `holdBack` and continues with `goOn`. */
export interface Reading {
  holdBack(reason: string): void;
  goOn(reason: string): void;
}

const tooMany = "too many large requests wait";

export class OpenRequests {
  private openBytes = 0;

  constructor(private readonly reading: () => Reading) {}

  /** A request waits for `answer`. */
  add(sizeBytes: number, answer: Promise<unknown>): void {
    if (sizeBytes < largeBytes) return;
    this.openBytes += sizeBytes;
    if (this.openBytes > maxOpenBytes) this.reading().holdBack(tooMany);
    const answered = () => {
      this.openBytes -= sizeBytes;
      if (this.openBytes <= maxOpenBytes) this.reading().goOn(tooMany);
    };
    answer.then(answered, answered);
  }
}
