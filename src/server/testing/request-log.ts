// What clients have asked the server, for the assertions of tests. The list is bounded: a test that runs for long keeps the
// last requests.
import { selectMethods, type MethodName, type MethodSelector } from "./method-names";

/** One request that a client has sent. */
export interface LoggedRequest {
  /** The method as the client names it, such as `kv.put`. */
  readonly method: MethodName;
  /** The decoded message. A stream has one entry for each of its messages. */
  readonly request: Readonly<Record<string, unknown>>;
  /** When the server received it, in milliseconds since the Unix epoch on the server's clock. */
  readonly at: number;
  /** What the client sent besides the message, by name in lower case, such as `hasleader`. */
  readonly metadata: ReadonlyMap<string, string>;
}

const minRequests = 1000;
const maxBytes = 16 * 1024 * 1024;

/**
 * The requests that clients have sent, oldest first. It keeps the last 1000 or more, and at most 16 MiB.
 *
 * @example
 * expect(server.requests.of("kv.put")).toHaveLength(1);
 */
export class RequestLog implements Iterable<LoggedRequest> {
  private entries: { readonly entry: LoggedRequest; readonly sizeBytes: number }[] = [];
  private sizeBytes = 0;
  private droppedCount = 0;

  /** How many requests the list has. */
  get length(): number {
    return this.entries.length;
  }

  /** How many older requests the list has lost because it is full. */
  get dropped(): number {
    return this.droppedCount;
  }

  /** The requests of one method (`kv.put`) or one service (`kv`). Throws a TypeError for an unknown name. */
  of(methods: MethodSelector | readonly MethodSelector[]): LoggedRequest[] {
    const selected = selectMethods("requests.of", methods);
    return [...this].filter(({ method }) => selected?.has(method) === true);
  }

  /** Empties the list. */
  clear(): void {
    this.entries = [];
    this.sizeBytes = 0;
    this.droppedCount = 0;
  }

  *[Symbol.iterator](): IterableIterator<LoggedRequest> {
    for (const { entry } of this.entries) yield entry;
  }

  /** The server calls this. */
  add(entry: LoggedRequest, sizeBytes: number): void {
    this.entries.push({ entry, sizeBytes });
    this.sizeBytes += sizeBytes;
    // Half of a full list at once: removing the first entry of a long array each time would cost too much.
    if (this.entries.length > 2 * minRequests) this.drop(minRequests);
    while (this.sizeBytes > maxBytes && this.entries.length > 1) this.drop(1);
  }

  private drop(count: number): void {
    for (const { sizeBytes } of this.entries.splice(0, count)) this.sizeBytes -= sizeBytes;
    this.droppedCount += count;
  }
}
