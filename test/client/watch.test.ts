// A watch across broken streams: where it resumes, what its reader sees, and what ends it.
import { createClient } from "../../src/client/client";
import { Watch, WatchCanceled } from "../../src/client/watch";
import { EtcdError, StatusCode } from "../../src/errors";
import { serverError } from "../../src/etcd/error-table";
import { ResponseHeader, type WatchCreateRequest, type WatchRequest } from "../../src/proto/gen/etcdserverpb";
import { Event, KeyValue } from "../../src/proto/gen/mvccpb";
import type { CallOptions } from "../../src/transport/transport";
import { fakeTransport, silence } from "../support/fake-transport";
import { ManualClock } from "../support/manual-clock";

type Requests = AsyncIterable<WatchRequest>;
/* eslint-disable @typescript-eslint/no-explicit-any, require-yield -- answers are partial messages, or a failure */
type Script = (
  create: WatchCreateRequest,
  rest: AsyncIterator<WatchRequest>,
  options: CallOptions,
) => AsyncIterable<any>;

const unavailable = () => new EtcdError(StatusCode.Unavailable, "error reading from server: EOF", false);
const header = (revision: number) => ResponseHeader.create({ revision: BigInt(revision) });
const created = (revision: number) => ({ header: header(revision), created: true });
const event = (revision: number) =>
  Event.create({ kv: KeyValue.create({ key: Buffer.from("k"), modRevision: BigInt(revision) }) });
const events = (...revisions: number[]) => ({
  header: header(revisions.at(-1) ?? 0),
  events: revisions.map(event),
});

/** Each stream is answered by the next script; the last one also by all that follow. */
function watching(scripts: readonly Script[], request: Partial<WatchCreateRequest> = {}) {
  const creates: WatchCreateRequest[] = [];
  const seenOptions: CallOptions[] = [];
  const breaks: string[] = [];
  const seen: string[] = [];
  const clock = new ManualClock();
  const stop = new AbortController();
  async function* answer(requests: Requests, options: CallOptions) {
    const rest = requests[Symbol.asyncIterator]();
    const first = (await rest.next()).value as WatchRequest;
    if (first.requestUnion?.case !== "createRequest") throw new Error("no create request");
    const script = scripts[Math.min(creates.length, scripts.length - 1)] as Script;
    creates.push(first.requestUnion.value);
    seenOptions.push(options);
    yield* script(first.requestUnion.value, rest, options);
  }
  const client = createClient(fakeTransport({ Watch: answer }));
  const watch = new Watch(client.watch, request, {
    streamOptions: { signal: stop.signal },
    clock,
    onStreamBroken: (error, revision) => void breaks.push(`${error.message} at ${revision}`),
  });
  let over: unknown;
  const reading = (async () => {
    for await (const { events: list, header: at } of watch) {
      seen.push(
        list.length > 0
          ? list.map(({ kv }) => String(kv?.modRevision)).join("+")
          : `progress ${at?.revision}`,
      );
    }
  })().catch((error: unknown) => (over = error));
  return {
    watch,
    creates,
    seenOptions,
    breaks,
    seen,
    clock,
    end: async (condition: () => boolean = () => over !== undefined) => {
      await clock.runUntil(() => condition() || over !== undefined);
      stop.abort();
      await clock.runUntil(() => over !== undefined);
      await reading;
      return over as EtcdError;
    },
  };
}

test("a watch requires a leader, never asks for fragments, and does not yield the created response", async () => {
  const w = watching([
    async function* (_create, _rest, options) {
      yield created(7);
      yield events(8);
      await silence(options);
    },
  ]);
  expect((await w.end(() => w.seen.length > 0)).code).toBe(StatusCode.Canceled);
  expect(w.seen).toEqual(["8"]);
  expect(w.creates[0]?.fragment).toBe(false);
  expect(w.seenOptions[0]?.requireLeader).toBe(true);
  expect(w.breaks).toEqual([]);
});

test("a watch resumes after the last event, or after the revision at which it was created", async () => {
  const w = watching([
    async function* () {
      yield created(7);
      throw unavailable();
    },
    async function* () {
      yield created(9);
      yield events(8, 9, 9);
      throw unavailable();
    },
    async function* (_create, _rest, options) {
      yield created(9);
      yield events(10);
      await silence(options);
    },
  ]);
  await w.end(() => w.seen.length === 2);
  expect(w.creates.map(({ startRevision }) => startRevision)).toEqual([0n, 8n, 10n]);
  expect(w.seen).toEqual(["8+9+9", "10"]);
  expect(w.breaks).toHaveLength(2);
});

test("a progress notification moves the resume revision, but the response to a progress request does not", async () => {
  const w = watching([
    async function* () {
      yield created(5);
      yield { header: header(20), watchId: 0n };
      yield { header: header(30), watchId: -1n };
      throw unavailable();
    },
    async function* (_create, _rest, options) {
      yield created(30);
      await silence(options);
    },
  ]);
  await w.end(() => w.creates.length === 2);
  expect(w.seen).toEqual(["progress 20", "progress 30"]);
  expect(w.creates[1]?.startRevision).toBe(21n);
});

test("a notification never moves a watch with a future start revision back", async () => {
  const w = watching(
    [
      async function* () {
        yield created(5);
        yield { header: header(6), watchId: 0n };
        throw unavailable();
      },
      async function* (_create, _rest, options) {
        yield created(6);
        await silence(options);
      },
    ],
    { startRevision: 100n },
  );
  await w.end(() => w.creates.length === 2);
  expect(w.creates[1]?.startRevision).toBe(100n);
});

test("repeated events are skipped", async () => {
  const w = watching([
    async function* () {
      yield created(1);
      yield events(2, 3);
      throw unavailable();
    },
    async function* (_create, _rest, options) {
      yield created(4);
      yield events(2, 3);
      yield events(3, 4);
      await silence(options);
    },
  ]);
  await w.end(() => w.seen.length === 2);
  expect(w.seen).toEqual(["2+3", "4"]);
});

test("unrequested fragments are joined, and the reader gets the response only when it is complete", async () => {
  const w = watching([
    async function* () {
      yield created(1);
      yield { ...events(2, 2), fragment: true };
      throw unavailable();
    },
    async function* (_create, _rest, options) {
      yield created(2);
      yield { ...events(2, 2), fragment: true };
      yield events(2, 3);
      await silence(options);
    },
  ]);
  await w.end(() => w.seen.length === 1);
  expect(w.creates[1]?.startRevision).toBe(2n);
  expect(w.seen).toEqual(["2+2+2+3"]);
});

test("a watch resumes when the server ends the stream without an error", async () => {
  const w = watching([
    async function* () {
      yield created(1);
    },
    async function* (_create, _rest, options) {
      yield created(1);
      yield events(2);
      await silence(options);
    },
  ]);
  await w.end(() => w.seen.length === 1);
  expect(w.breaks).toEqual(["the server ended the stream at 2"]);
});

test("compacted history ends the watch, at the start and when it resumes, with the first available revision", async () => {
  const gone = { header: header(9), canceled: true, compactRevision: 7n };
  const w = watching([
    async function* () {
      yield created(1);
      yield events(2);
      throw unavailable();
    },
    async function* () {
      yield created(9);
      yield gone;
    },
  ]);
  const error = (await w.end()) as WatchCanceled;
  expect(error).toBeInstanceOf(WatchCanceled);
  expect(error.message).toBe("etcdserver: mvcc: required revision has been compacted");
  expect(error.code).toBe(StatusCode.OutOfRange);
  expect(error.compactRevision).toBe(7n);
  expect(error.response).toMatchObject({ canceled: true, compactRevision: 7n, header: { revision: 9n } });
});

test("a refusal ends the watch with the server's reason and the response of Go's client", async () => {
  const cancelReason = "rpc error: code = PermissionDenied desc = etcdserver: permission denied";
  const w = watching([
    async function* () {
      yield { header: header(3), watchId: -1n, created: true, canceled: true, cancelReason };
    },
  ]);
  const error = (await w.end()) as WatchCanceled;
  expect(error).toMatchObject({ code: StatusCode.PermissionDenied, message: cancelReason });
  expect(error.hints[0]).toMatch(/^this needs read permission on the key ""; root can grant it: /);
  expect(error.response).toMatchObject({ canceled: true, header: { revision: 0n }, cancelReason: "" });
});

test("a watch that the server cancels without a reason has no response", async () => {
  const w = watching([
    async function* () {
      yield created(3);
      yield { canceled: true, cancelReason: "bye" };
    },
  ]);
  const error = (await w.end()) as WatchCanceled;
  expect(error).toMatchObject({ message: "bye", response: undefined });
});

test("permanent failures end the watch", async () => {
  const w = watching([
    async function* () {
      throw new EtcdError(StatusCode.Unimplemented, "unknown service", false);
    },
  ]);
  const error = (await w.end()) as WatchCanceled;
  expect(error).toBeInstanceOf(WatchCanceled);
  expect(error.message).toBe("rpc error: code = Unimplemented desc = unknown service");
});

test("a cluster without a leader has five seconds to elect one", async () => {
  const noLeader: Script = async function* () {
    throw serverError("noLeader");
  };
  const patient = watching([
    noLeader,
    noLeader,
    async function* (_create, _rest, options) {
      yield created(1);
      yield events(2);
      await silence(options);
    },
  ]);
  await patient.end(() => patient.seen.length === 1);
  expect(patient.seen).toEqual(["2"]);
  const lost = watching([noLeader]);
  expect((await lost.end()).message).toBe("etcdserver: no leader");
  expect(lost.clock.now()).toBeGreaterThanOrEqual(5000);
  expect(lost.clock.now()).toBeLessThan(7000);
});

test("the pause before the next attempt grows to one second while no member responds", async () => {
  const w = watching([
    async function* () {
      throw unavailable();
    },
  ]);
  await w.end(() => w.creates.length === 9);
  expect(w.clock.now()).toBe(25 + 50 + 100 + 200 + 400 + 800 + 1000 + 1000);
});

test("the pause also grows while streams end at once after they began, until one gives events", async () => {
  const endsAtOnce: Script = async function* () {
    yield created(4);
    throw unavailable();
  };
  const w = watching([endsAtOnce]);
  await w.end(() => w.creates.length === 9);
  expect(w.clock.now()).toBe(25 + 50 + 100 + 200 + 400 + 800 + 1000 + 1000);
  const delivers = watching([
    endsAtOnce,
    endsAtOnce,
    async function* () {
      yield created(4);
      yield events(5);
      throw unavailable();
    },
    endsAtOnce,
  ]);
  await delivers.end(() => delivers.creates.length === 4);
  expect(delivers.clock.now()).toBe(25 + 50 + 25);
});

test("a progress request uses the current stream", async () => {
  const w = watching([
    async function* (_create, rest, options) {
      yield created(4);
      const asked = (await rest.next()).value as WatchRequest;
      if (asked.requestUnion?.case === "progressRequest") yield { header: header(4), watchId: -1n };
      await silence(options);
    },
  ]);
  w.watch.requestProgress();
  await w.end(() => w.seen.length === 1);
  expect(w.seen).toEqual(["progress 4"]);
});

test("a slow reader slows the stream down: the client does not read ahead", async () => {
  let sent = 0;
  const client = createClient(
    fakeTransport({
      async *Watch() {
        yield created(1);
        for (;;) {
          sent++;
          yield events(sent + 1);
        }
      },
    }),
  );
  const reader = new Watch(client.watch, {}, { streamOptions: {}, clock: new ManualClock() })[
    Symbol.asyncIterator
  ]();
  await reader.next();
  await reader.next();
  await new Promise((resolve) => setImmediate(resolve));
  expect(sent).toBe(2);
  await reader.return();
});

test("Responses with the id of no watch are ignored, and those of this watch or of all are not.", async () => {
  const w = watching([
    async function* (_create, _rest, options) {
      yield { ...created(5), watchId: -5n };
      yield { ...events(6), watchId: 0n };
      yield { ...events(7), watchId: -5n };
      yield { watchId: 3n, canceled: true, cancelReason: "another watch" };
      yield { ...created(1), watchId: 3n };
      yield { ...events(8), watchId: -1n };
      yield { ...events(9), watchId: -5n };
      await silence(options);
    },
  ]);
  await w.end(() => w.seen.length === 3);
  expect(w.seen).toEqual(["7", "8", "9"]);
});

test("Events that are out of order are left out, and the watch never resumes at an earlier revision.", async () => {
  const w = watching([
    async function* () {
      yield created(5);
      yield events(10, 7, 10, 12, 11);
      yield events(8, 9, 13);
      yield events(3);
      throw unavailable();
    },
    async function* (_create, _rest, options) {
      yield created(20);
      await silence(options);
    },
  ]);
  await w.end(() => w.creates.length === 2);
  expect(w.seen).toEqual(["10+10+12", "13"]);
  expect(w.creates[1]?.startRevision).toBe(14n);
});

test("Unrequested fragments without end stop the watch before they fill the memory.", async () => {
  let sent = 0;
  const kv = KeyValue.create({ key: Buffer.from("k"), value: Buffer.alloc(4 << 20), modRevision: 6n });
  const w = watching([
    async function* () {
      yield created(5);
      for (;;) {
        sent++;
        yield { fragment: true, events: [Event.create({ kv })] };
      }
    },
  ]);
  expect(await w.end()).toMatchObject({
    name: "WatchCanceled",
    message: "the server splits a watch response into fragments without end",
  });
  expect(sent).toBeLessThan(20);
});
