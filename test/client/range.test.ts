import { readRange } from "../../src/client/range";
import { EtcdError, StatusCode } from "../../src/errors";
import { serverError } from "../../src/etcd/error-table";
import { RangeRequest, RangeRequest_SortOrder, RangeResponse } from "../../src/proto/gen/etcdserverpb";
import { KeyValue } from "../../src/proto/gen/mvccpb";
import { fakeTransport, silence, type Answers } from "../support/fake-transport";
import { ManualClock } from "../support/manual-clock";

const stored = Array.from({ length: 3000 }, (_, i) => ({
  key: Buffer.from(`k${String(i).padStart(5, "0")}`),
  value: Buffer.alloc(i % 7 === 0 ? 5000 : 10, "v"),
  ...{ createRevision: BigInt(i + 2), modRevision: BigInt(i + 2), version: 1n, lease: 0n },
}));
const revision = 3001n;

function rangeOf({ key, limit }: RangeRequest): Partial<RangeResponse> {
  const found = stored.filter((kv) => kv.key.compare(key) >= 0);
  const kvs: KeyValue[] = limit > 0n ? found.slice(0, Number(limit)) : found;
  const header = { clusterId: 1n, memberId: 2n, revision, raftTerm: 3n };
  return { header, kvs, count: BigInt(found.length), more: kvs.length < found.length };
}

function* streamOf(request: RangeRequest) {
  const { header, kvs, more, count } = RangeResponse.create(rangeOf(request));
  const chunk = (part: Partial<RangeResponse>) => ({ rangeResponse: RangeResponse.create(part) });
  for (let at = 0; at + 100 < kvs.length; at += 100) yield chunk({ kvs: kvs.slice(at, at + 100) });
  yield chunk({ header, kvs: kvs.slice(kvs.length - (kvs.length % 100 || 100)), more, count });
}

const unimplemented = (): never => {
  throw new EtcdError(StatusCode.Unimplemented, "unknown method RangeStream", false);
};
const all = RangeRequest.create({ key: Buffer.from("k"), rangeEnd: Buffer.from("l") });

async function read(request: RangeRequest, answers: Answers, requireStream = false) {
  const transport = fakeTransport(answers);
  const parts: RangeResponse[] = [];
  const clock = new ManualClock();
  const reading = { transport, callOptions: () => ({}), streamOptions: () => ({}), clock, requireStream };
  for await (const part of readRange(request, reading)) parts.push(part);
  const keys = parts.flatMap(({ kvs }) => kvs.map(({ key }) => Buffer.from(key).toString()));
  return {
    parts,
    keys,
    first: parts[0] as RangeResponse,
    methods: transport.calls.map(({ method }) => method),
    transport,
  };
}

const names = (count: number) => stored.slice(0, count).map(({ key }) => key.toString());

test("a range that fits in the first page takes one call", async () => {
  const { keys, methods } = await read({ ...all, limit: 10n }, { Range: rangeOf });
  expect(keys).toEqual(names(10));
  expect(methods).toEqual(["Range"]);
});

test("a large range continues as a stream at the revision of the first page", async () => {
  const { keys, first, methods, transport } = await read(all, { Range: rangeOf, RangeStream: streamOf });
  expect(keys).toEqual(names(3000));
  expect(first).toMatchObject({ more: false, count: 3000n, header: { revision } });
  expect(methods).toEqual(["Range", "RangeStream"]);
  expect(transport.calls[1]?.request).toMatchObject({ revision });
});

test("without RangeStream a large range continues in growing pages of the same revision", async () => {
  const { keys, first, transport } = await read(all, { Range: rangeOf, RangeStream: unimplemented });
  expect(keys).toEqual(names(3000));
  expect(first).toMatchObject({ more: false, count: 3000n });
  const pages = transport.calls.filter(({ method }) => method === "Range");
  const limits = pages.map(({ request }) => Number((request as RangeRequest).limit));
  expect(limits).toEqual([...limits].sort((a, b) => a - b));
  expect(limits.length).toBeLessThan(6);
  for (const { request } of pages.slice(1)) expect(request).toMatchObject({ revision });
});

test.each([65, 1000, 3000, 4000])("a limit of %d counts for all pages and for a stream", async (limit) => {
  const request = { ...all, limit: BigInt(limit) };
  for (const RangeStream of [unimplemented, streamOf]) {
    const { keys, first } = await read(request, { Range: rangeOf, RangeStream });
    expect(keys).toEqual(names(Math.min(limit, 3000)));
    expect(first).toMatchObject({ more: limit < 3000, count: 3000n });
  }
});

test("a broken stream continues in pages after its last key", async () => {
  const RangeStream = function* (request: RangeRequest) {
    const [first] = streamOf(request);
    yield first;
    throw new EtcdError(StatusCode.Unavailable, "connection lost", false);
  };
  const { keys } = await read(all, { Range: rangeOf, RangeStream });
  expect(keys).toEqual(names(3000));
});

test.each<Partial<RangeRequest>>([
  { sortOrder: RangeRequest_SortOrder.DESCEND },
  { sortTarget: 2 },
  { minModRevision: 3n },
  { maxCreateRevision: 3n },
  { countOnly: true },
  { rangeEnd: Buffer.alloc(0) },
])("a request that cannot be split is one call: %p", async (part) => {
  const { methods, transport } = await read({ ...all, ...part }, { Range: rangeOf });
  expect(methods).toEqual(["Range"]);
  expect(transport.calls[0]?.request).toMatchObject(part);
});

test.each<[string, (request: RangeRequest) => Partial<RangeResponse>]>([
  ["no key, but says that there are more", () => ({ more: true, count: 9n })],
  ["keys that were sent before", () => ({ ...rangeOf({ ...all, limit: 10n }), more: true })],
  [
    "keys outside the range",
    (request) => ({
      kvs: [KeyValue.create({ key: Buffer.from(`z${Buffer.from(request.key).toString()}`) })],
      more: true,
    }),
  ],
])("a server whose pages have %s gets an error, not requests without end", async (what, Range) => {
  await expect(read(all, { Range, RangeStream: unimplemented })).rejects.toThrow(
    `the server's response to a range makes no progress: it has ${what}`,
  );
});

test("a server whose stream repeats keys and breaks gets an error", async () => {
  const RangeStream = function* () {
    yield* streamOf(all);
    throw new EtcdError(StatusCode.Unavailable, "connection lost", false);
  };
  await expect(read(all, { Range: rangeOf, RangeStream })).rejects.toThrow("keys that were sent before");
});

test("--stream uses only RangeStream, and fails when it fails", async () => {
  const { keys, first, methods } = await read(all, { RangeStream: streamOf }, true);
  expect(keys).toEqual(names(3000));
  expect(first).toMatchObject({ more: false, count: 3000n, header: { revision } });
  expect(new Set(methods)).toEqual(new Set(["RangeStream"]));
  await expect(read(all, { Range: rangeOf, RangeStream: unimplemented }, true)).rejects.toThrow(
    "rpc error: code = Unimplemented desc = unknown method RangeStream",
  );
});

test("a serializable page from a lagging member is read again as a linearizable one", async () => {
  const Range = (request: RangeRequest) => {
    if (request.revision > 0n && request.serializable) throw serverError("futureRevision");
    return rangeOf(request);
  };
  const { keys } = await read({ ...all, serializable: true }, { Range, RangeStream: unimplemented });
  expect(keys).toEqual(names(3000));
});

test("a stream that becomes silent ends after the deadline of one call, however long it has run", async () => {
  const clock = new ManualClock();
  const RangeStream = async function* (request: RangeRequest, options: Parameters<typeof silence>[0]) {
    const [first] = streamOf(request);
    yield first;
    await silence(options);
  };
  const transport = fakeTransport({ Range: rangeOf, RangeStream });
  const call = () => ({ deadlineAt: clock.now() + 5000 });
  const reading = { transport, callOptions: call, streamOptions: () => ({}), clock, requireStream: false };
  let outcome: unknown;
  void (async () => {
    for await (const part of readRange(all, reading)) void part;
  })().catch((error: unknown) => (outcome = error));
  await clock.runUntil(() => outcome !== undefined);
  expect(outcome).toMatchObject({ message: "context deadline exceeded", code: StatusCode.DeadlineExceeded });
  expect(clock.pending).toBe(0);
});
