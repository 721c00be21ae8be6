// A response of a watch in parts, so that a large one is not in memory as objects all at once.
import { watchInParts } from "../../src/client/packed-watch";
import { Watch } from "../../src/client/watch";
import { StatusCode } from "../../src/errors";
import { ResponseHeader, WatchResponse } from "../../src/proto/gen/etcdserverpb";
import { Event, KeyValue } from "../../src/proto/gen/mvccpb";
import { decode, encode, type AnyMethod } from "../../src/proto/message";
import type { Transport } from "../../src/transport/transport";
import { silence } from "../support/fake-transport";
import { ManualClock } from "../support/manual-clock";

const header = ResponseHeader.create({ revision: 700n });

/** `count` events, ten of each revision from 2 on. */
function events(count: number): Event[] {
  return Array.from({ length: count }, (_, i) => {
    const kv = KeyValue.create({ key: Buffer.from(`k${i}`), modRevision: BigInt(2 + Math.floor(i / 10)) });
    return Event.create({ kv });
  });
}

/** A transport whose server sends these messages and then nothing. */
function sending(...messages: Buffer[]): Transport {
  async function* duplex({ response }: AnyMethod, _requests: unknown, { signal }: { signal: AbortSignal }) {
    for (const message of messages) yield decode(response, message);
    await silence({ signal });
  }
  return { duplex } as unknown as Transport;
}

async function read(transport: Transport, count: number): Promise<WatchResponse[]> {
  const stop = new AbortController();
  const watch = new Watch(
    watchInParts(transport),
    { startRevision: 1n },
    { streamOptions: { signal: stop.signal }, clock: new ManualClock(), inParts: true },
  );
  const seen: WatchResponse[] = [];
  for await (const response of watch) {
    seen.push(response);
    if (seen.reduce((sum, each) => sum + each.events.length, 0) >= count) break;
  }
  stop.abort();
  return seen;
}

const created = encode(WatchResponse, WatchResponse.create({ header, created: true }));

test("a large response comes in parts, whose events are all those of the response in its order", async () => {
  const all = events(2505);
  const message = encode(WatchResponse, WatchResponse.create({ header, events: all }));
  const parts = await read(sending(created, message), all.length);
  expect(parts.map((part) => part.events.length)).toEqual([1000, 1000, 505]);
  expect(parts.flatMap((part) => part.events)).toEqual(all);
  expect(parts.map((part) => part.header?.revision)).toEqual([700n, 700n, 700n]);
});

test("a revision that begins in one part and ends in the next is complete", async () => {
  // Events 995 to 1004 have one revision.
  const all = events(1010).slice(5);
  const message = encode(WatchResponse, WatchResponse.create({ header, events: all }));
  const parts = await read(sending(created, message), all.length);
  expect(parts.map((part) => part.events.length)).toEqual([1000, 5]);
});

test("small responses, and those whose fields have an unusual order, come whole", async () => {
  const few = encode(WatchResponse, WatchResponse.create({ header, events: events(10) }));
  const many = encode(WatchResponse, WatchResponse.create({ events: events(1500).slice(20) }));
  const unusual = Buffer.concat([many, encode(WatchResponse, WatchResponse.create({ header }))]);
  const parts = await read(sending(created, few, unusual), 1490);
  expect(parts.map((part) => part.events.length)).toEqual([10, 1480]);
  expect(parts[1]?.header?.revision).toBe(700n);
});

test("an event that is no event is the error of a message that is none", async () => {
  const message = encode(WatchResponse, WatchResponse.create({ header, events: events(1500) }));
  message.fill(0xff, message.length - 5);
  const seen: number[] = [];
  const reading = (async () => {
    const signal = AbortSignal.abort();
    for await (const part of watchInParts(sending(message)).watch(noRequests(), { signal }))
      seen.push(part.events.length);
  })();
  await expect(reading).rejects.toMatchObject({
    code: StatusCode.Internal,
    message: expect.stringContaining("failed to unmarshal the received message") as unknown,
  });
  expect(seen).toEqual([1000]);
});

async function* noRequests(): AsyncGenerator<never> {
  yield* [];
}
