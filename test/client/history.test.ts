// The history of keys from an etcd before 3.5.8, which says how far a watch has come before it has sent the events.
import { createClient } from "../../src/client/client";
import { readHistory } from "../../src/client/history";
import { ResponseHeader, type WatchRequest } from "../../src/proto/gen/etcdserverpb";
import { Event, Event_EventType, KeyValue } from "../../src/proto/gen/mvccpb";
import { fakeTransport, type Answer } from "../support/fake-transport";
import { ManualClock } from "../support/manual-clock";

test("a deletion that comes after several answers is part of the history", async () => {
  const header = ResponseHeader.create({ revision: 9n });
  const key = Buffer.from("a");
  const kv = KeyValue.create({ key, modRevision: 4n });
  const deletion = Event.create({ type: Event_EventType.DELETE, kv });
  const Watch: Answer = async function* (requests: AsyncIterable<WatchRequest>) {
    let answers = 0;
    for await (const { requestUnion } of requests) {
      if (requestUnion?.case === "createRequest") yield { header, watchId: 0n, created: true };
      else yield { header, watchId: -1n };
      if (++answers === 5) yield { header, watchId: 0n, events: [deletion] };
    }
  };
  const Status = () => ({ version: "3.4.23" });
  const client = createClient(fakeTransport({ Watch, Status, Range: () => ({ header, kvs: [] }) }));
  const clock = new ManualClock();
  const shown: (bigint | undefined)[] = [];
  let isDone = false;
  const read = async () => {
    const options = () => ({});
    const range = { key, rangeEnd: new Uint8Array() };
    for await (const part of readHistory({
      client,
      ...range,
      clock,
      callOptions: options,
      streamOptions: options,
    }))
      if (part.kind === "events") shown.push(...part.events.map(({ kv }) => kv?.modRevision));
  };
  const reading = read().finally(() => (isDone = true));
  await clock.runUntil(() => isDone);
  await reading;
  expect(shown).toEqual([4n]);
});
