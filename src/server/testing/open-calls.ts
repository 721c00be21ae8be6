// The calls that a server has not answered yet, so that a fault, a reset or a lost leader can end them. A watch that ends
// can first say that its revisions are compacted.
import type { ResponseHeader, WatchResponse } from "../../proto/gen/etcdserverpb";
import { WatchResponse as WatchResponseType } from "../../proto/gen/etcdserverpb";
import type { ServerCall } from "../rpc/routes";

export interface CallEnd {
  /** What the client receives. */
  readonly error: Error;
  /** Each watch of the stream is first canceled: its history is compacted up to this revision. */
  readonly compacted?: { readonly revision: bigint; readonly header: ResponseHeader } | undefined;
}

export class OpenCalls {
  private readonly calls = new Set<OpenCall>();

  begin(method: string, call: ServerCall): OpenCall {
    const open = new OpenCall(method, call, () => this.calls.delete(open));
    this.calls.add(open);
    return open;
  }

  /** Ends the chosen calls. Returns how many. */
  end(reason: CallEnd, isChosen: (open: OpenCall) => boolean = () => true): number {
    const chosen = [...this.calls].filter(isChosen);
    for (const open of chosen) open.end(reason);
    return chosen.length;
  }
}

export class OpenCall {
  private ended: CallEnd | undefined;
  private wake: (() => void) | undefined;

  constructor(
    readonly method: string,
    readonly call: ServerCall,
    private readonly forget: () => void,
  ) {}

  end(reason: CallEnd): void {
    this.ended ??= reason;
    this.wake?.();
  }

  /** The value, unless the call is ended before. Throws a CallEnd's error then. One wait at a time. */
  private async unlessEnded<T>(value: Promise<T>): Promise<T | CallEnd> {
    if (this.ended !== undefined) return this.ended;
    const ended = new Promise<void>((resolve) => (this.wake = resolve));
    const first = await Promise.race([value.then((result) => ({ result })), ended]);
    this.wake = undefined;
    if (this.ended !== undefined) value.catch(() => undefined);
    return this.ended ?? (first as { result: T }).result;
  }

  async unary<T>(response: Promise<T>): Promise<T> {
    try {
      const result = await this.unlessEnded(response);
      if (this.ended !== undefined) throw this.ended.error;
      return result as T;
    } finally {
      this.forget();
    }
  }

  /** Yields the responses until the call is ended. */
  async *stream<T>(responses: AsyncIterable<T>): AsyncGenerator<T> {
    const iterator = responses[Symbol.asyncIterator]();
    const watches = this.method === "watch.watch" ? new Set<bigint>() : undefined;
    try {
      for (;;) {
        const next = await this.unlessEnded(iterator.next());
        if (this.ended !== undefined) {
          if (watches !== undefined) yield* canceled(watches, this.ended) as Iterable<T>;
          throw this.ended.error;
        }
        const { done, value } = next as IteratorResult<T, unknown>;
        if (done === true) return;
        if (watches !== undefined) follow(watches, value as WatchResponse);
        yield value as T;
      }
    } finally {
      this.forget();
      // The handler ends by the signal of its call.
      void iterator.return?.().catch(() => undefined);
    }
  }
}

/** Keeps the ids of the watches that the client believes to be running. */
function follow(watches: Set<bigint>, { watchId, created, canceled: isOver }: WatchResponse): void {
  if (isOver) watches.delete(watchId);
  else if (created) watches.add(watchId);
}

function* canceled(watches: ReadonlySet<bigint>, { compacted }: CallEnd): Generator<WatchResponse> {
  if (compacted === undefined) return;
  const { header, revision: compactRevision } = compacted;
  for (const watchId of watches)
    yield WatchResponseType.create({ header: { ...header }, watchId, canceled: true, compactRevision });
}
