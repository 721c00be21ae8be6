// `--offline` for version 2: its pages on a store in this process. A read takes no lock; the first change takes it and loads
// the store again, and is in the log before its response.
import { setImmediate } from "node:timers";
import type { Clock } from "../clock";
import { CliError, ExitCode } from "../errors";
import type { Exchange } from "../server/http/gateway";
import { v2Pages, type ServeV2 } from "../server/http/v2/serve";
import { openOfflineStore, type OfflineOptions, type OpenedStore } from "./open-store";

export interface OfflineRequest {
  readonly method: string;
  /** The path with the query. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface OfflineResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export class OfflineV2 {
  private store: OpenedStore | undefined;
  private pages: ServeV2 | undefined;
  private isWritable = false;

  constructor(private readonly options: OfflineOptions & { readonly clock: Clock }) {}

  /** Rejects with CliError for a path that is not etcd's, for a change of a read-only store, and for a watch without an end. */
  async send(request: OfflineRequest, signal: AbortSignal): Promise<OfflineResponse> {
    const changes = request.method !== "GET" && request.method !== "HEAD";
    if (this.pages === undefined || (changes && !this.isWritable)) await this.open(changes, signal);
    return respond(this.pages as ServeV2, request, signal);
  }

  async close(): Promise<void> {
    this.store?.server.close();
    await this.store?.close();
  }

  private async open(forWrite: boolean, signal: AbortSignal): Promise<void> {
    await this.close();
    const store = (this.store = await openOfflineStore(this.options, forWrite, signal));
    this.isWritable = forWrite;
    this.pages = v2Pages(() => store.server);
    await store.server.expireV2();
  }
}

async function respond(
  pages: ServeV2,
  request: OfflineRequest,
  signal: AbortSignal,
): Promise<OfflineResponse> {
  const watch = new AbortController();
  const head = { status: 0, headers: {} as Record<string, string> };
  const parts: Buffer[] = [];
  const exchange: Exchange = {
    method: request.method,
    target: request.target,
    path: request.target.split("?")[0] ?? "",
    headers: lowerCase(request.headers),
    commonName: () => undefined,

    body: (async function* () {
      yield Buffer.from(request.body);
    })(),
    signal: AbortSignal.any([signal, watch.signal]),
    respond(status, headers) {
      Object.assign(head, { status, headers: lowerCase(headers) });
    },
    // A watch waits now. An event of the past comes in this turn; another one never comes.
    flush: () => void setImmediate(() => watch.abort()),
    write(text) {
      parts.push(Buffer.from(text));
      return Promise.resolve();
    },
    end: () => undefined,
  };
  await pages(exchange);
  signal.throwIfAborted();
  if (watch.signal.aborted && parts.length === 0) {
    throw new CliError(
      ExitCode.error,
      "with --offline nothing changes, so a watch without a past index would wait for ever",
    );
  }
  return { ...head, body: Buffer.concat(parts) };
}

function lowerCase(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
