// The large requests that wait for their answers. A client that sends more of them than the server can apply would fill the queue
// of the write-ahead log, in which the requests of all other clients wait, too. So a connection with many is not read further, and
// those of all connections are applied a few at a time.
// Must stay true: small requests neither count nor wait.
import { LargeRequests } from "./large-requests";

const largeBytes = 16 * 1024;
const maxOpenBytes = 1024 * 1024;

/** Those of all connections that are being applied, also those of the JSON gateway: some writes to a disk. All servers of a process have one event loop. */
export const appliedRequests = new LargeRequests(8 * 1024 * 1024);

/** The connection stops reading with `holdBack` and continues with `goOn`. */
export interface Reading {
  holdBack(reason: string): void;
  goOn(reason: string): void;
}

const tooMany = "too many large requests wait";

/** Whether the request waits for others of its size. The calls of other services may never end: a lock waits for its unlock. */
export function isLargeRequest(path: string, sizeBytes: number): boolean {
  return sizeBytes >= largeBytes && path.startsWith("/etcdserverpb.");
}

/** Those of one connection. */
export class OpenRequests {
  private openBytes = 0;

  constructor(
    private readonly reading: () => Reading,
    private readonly applied = appliedRequests,
  ) {}

  /** Calls `start` when there is room for a large request, now or later. It returns the answer. */
  run(sizeBytes: number, start: () => unknown): void {
    this.openBytes += sizeBytes;
    if (this.openBytes > maxOpenBytes) this.reading().holdBack(tooMany);
    const leave = this.applied.enter(sizeBytes, () => {
      const answered = () => {
        leave();
        this.openBytes -= sizeBytes;
        if (this.openBytes <= maxOpenBytes) this.reading().goOn(tooMany);
      };
      Promise.resolve(start()).then(answered, answered);
    });
  }
}
