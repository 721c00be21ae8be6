// One Watch stream for tests that send requests and read responses one by one.
import type { EtcdClient } from "../../src/client/client";
import { WatchCreateRequest, type WatchRequest, type WatchResponse } from "../../src/proto/gen/etcdserverpb";
import { Event_EventType, type Event } from "../../src/proto/gen/mvccpb";
import { PushQueue } from "./push-queue";
import { bytes, show, text } from "./requests";

export class WatchSession {
  private readonly requests = new PushQueue<WatchRequest>();
  private readonly responses: AsyncIterator<WatchResponse>;

  constructor(client: EtcdClient) {
    this.responses = client.watch.watch(this.requests)[Symbol.asyncIterator]();
  }

  send(request: NonNullable<WatchRequest["requestUnion"]>): void {
    this.requests.push({ requestUnion: request });
  }

  /** Returns the server's confirmation. */
  create(key: string, end = "", options: Partial<WatchCreateRequest> = {}): Promise<WatchResponse> {
    const request = WatchCreateRequest.create({ key: bytes(key), rangeEnd: bytes(end), ...options });
    this.send({ case: "createRequest", value: request });
    return this.next();
  }

  async next(): Promise<WatchResponse> {
    const { value, done } = await this.responses.next();
    if (done) throw new Error("the watch stream has ended");
    return value as WatchResponse;
  }

  /** The next `count` events, from as many responses as needed. */
  async events(count: number): Promise<Event[]> {
    const events: Event[] = [];
    while (events.length < count) events.push(...(await this.next()).events);
    return events;
  }

  /** `PUT a=1 c2 m2 v1`, `DELETE a m3`; with the previous key-value `… was a=1 …`. */
  async shown(count: number): Promise<string[]> {
    return (await this.events(count)).map(showEvent);
  }

  async end(): Promise<void> {
    this.requests.end();
    await this.responses.return?.();
  }
}

function showEvent({ type, kv, prevKv }: Event): string {
  const before = prevKv ? ` was ${show(prevKv)}` : "";
  if (type === Event_EventType.PUT) return `PUT ${show(kv)}${before}`;
  return `DELETE ${text(kv?.key ?? bytes(""))} m${kv?.modRevision}${before}`;
}
