// What the library accepts in place of complete messages and complete options, and what it refuses.
import vm from "node:vm";
import {
  connect,
  createClient,
  openTransport,
  PutRequest,
  RangeRequest,
  startEmbeddedServer,
  TxnRequest,
  WatchRequest,
  type EmbeddedServer,
  type EtcdClient,
} from "../../src/index";

let server: EmbeddedServer;
beforeAll(async () => {
  server = await startEmbeddedServer({ keys: { häß: "grün", raw: Buffer.from([0xff]) } });
});
afterAll(() => server.stop());

const clients: [string, () => Promise<EtcdClient>][] = [
  ["in process", () => Promise.resolve(server.client())],
  ["over gRPC", () => connect({ endpoints: [server.endpoint] })],
];

/** For what the types refuse: programs in JavaScript do it all the same. */
const untyped = (value: unknown) => value as never;
const text = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString();

test("create takes a string as UTF-8 and gives every other field its zero value", () => {
  expect(PutRequest.create({ key: "häß", lease: 7, value: undefined })).toEqual({
    key: Buffer.from("häß"),
    value: expect.objectContaining({ length: 0 }) as unknown,
    lease: 7n,
    prevKv: false,
    ignoreValue: false,
    ignoreLease: false,
  });
});

test("bytes may be any view, an ArrayBuffer, or an array of another realm", () => {
  const foreign = vm.runInNewContext("new Uint8Array([1, 2, 3]).subarray(1)") as Uint8Array;
  const values = [
    foreign,
    new Uint8Array([2, 3]),
    new DataView(new Uint8Array([2, 3]).buffer),
    Buffer.from([2, 3]),
  ];
  for (const key of values) expect([...PutRequest.create({ key }).key]).toEqual([2, 3]);
  expect([...PutRequest.create({ key: new Uint8Array([2, 3]).buffer }).key]).toEqual([2, 3]);
});

test.each(clients)("plain objects are requests: %s", async (_name, open) => {
  const client = await open();
  try {
    await client.kv.put({ key: "a", value: "1" });
    const { kvs } = await client.kv.range({ key: "a" });
    expect(kvs.map(({ value }) => text(value))).toEqual(["1"]);
    const { succeeded, responses } = await client.kv.txn({
      compare: [{ target: 3, key: "a", targetUnion: { case: "value", value: "1" } }],
      success: [{ request: { case: "requestRange", value: { key: "häß", limit: 1 } } }],
    });
    expect(succeeded).toBe(true);
    const [first] = responses;
    expect(first?.response?.case === "responseRange" && text(first.response.value.kvs[0]?.value)).toBe(
      "grün",
    );
    const { TTL } = await client.lease.leaseGrant({ TTL: 60 });
    expect(TTL).toBe(60n);
    const { members } = await client.cluster.memberList();
    expect(members).toHaveLength(1);
  } finally {
    await client.close();
  }
});

test("the requests of a stream are completed one by one", async () => {
  const client = server.client();
  const requests = [
    { requestUnion: { case: "createRequest", value: { key: "raw", startRevision: 1 } } },
  ] as const;
  for await (const { created, events } of client.watch.watch(requests)) {
    if (created) continue;
    expect(text(events[0]?.kv?.key)).toBe("raw");
    break;
  }
});

test.each(clients)("a wrong request in a stream ends it with a TypeError: %s", async (_name, open) => {
  const client = await open();
  const read = async () => {
    for await (const response of client.lease.leaseKeepAlive([untyped({ id: 1 })]))
      expect(response).toBeNull();
  };
  await expect(read()).rejects.toThrow(
    new TypeError("unknown field id of etcdserverpb.LeaseKeepAliveRequest; did you mean ID?"),
  );
  await client.close();
});

test.each(clients)(
  "leaving a stream closes the iterator of its requests, also while it waits: %s",
  async (_name, open) => {
    const client = await open();
    const request = { requestUnion: { case: "createRequest", value: { key: "raw" } } } as const;
    let closed!: () => void;
    const closing = new Promise<void>((resolve) => (closed = resolve));
    const left = [request];
    const next = () => {
      const value = left.shift();
      return value === undefined
        ? new Promise<never>(() => undefined)
        : Promise.resolve({ done: false as const, value });
    };
    const close = () => Promise.resolve(closed()).then(() => ({ done: true as const, value: undefined }));
    const requests = { [Symbol.asyncIterator]: () => ({ next, return: close }) };
    for await (const { created } of client.watch.watch(requests)) if (created) break;
    await closing;
    await client.close();
  },
);

test("a single request in place of a stream's requests is refused", () => {
  expect(() => server.client().watch.watch(untyped({ requestUnion: undefined }))).toThrow(
    "the requests of watch.watch must be an AsyncIterable or an array, not an object",
  );
});

test.each([
  [{ ky: "a" }, "unknown field ky of etcdserverpb.RangeRequest; did you mean key?"],
  [{ range_end: "b" }, "unknown field range_end of etcdserverpb.RangeRequest; did you mean rangeEnd?"],
  [
    { key: 1 },
    "etcdserverpb.RangeRequest.key must be a string or bytes (a Uint8Array or Buffer), not a number",
  ],
  [
    { key: [1] },
    "etcdserverpb.RangeRequest.key must be a string or bytes (a Uint8Array or Buffer), not an array",
  ],
  [
    { key: null },
    "etcdserverpb.RangeRequest.key must be a string or bytes (a Uint8Array or Buffer), not null",
  ],
  [
    { key: "\ud800" },
    "etcdserverpb.RangeRequest.key must be a string that UTF-8 can hold: it contains half of a surrogate pair",
  ],
  [{ limit: "1" }, "etcdserverpb.RangeRequest.limit must be an integer or a bigint, not a string"],
  [{ limit: 1.5 }, "etcdserverpb.RangeRequest.limit must be an integer up to 2^53, or a bigint: 1.5"],
  [
    { limit: 2 ** 53 },
    "etcdserverpb.RangeRequest.limit must be an integer up to 2^53, or a bigint: 9007199254740992",
  ],
  [
    { limit: 2n ** 63n },
    "etcdserverpb.RangeRequest.limit must be from -9223372036854775808 to 9223372036854775807: 9223372036854775808",
  ],
  [{ sortOrder: "ASCEND" }, "etcdserverpb.RangeRequest.sortOrder must be an integer, not a string"],
  [{ keysOnly: 1 }, "etcdserverpb.RangeRequest.keysOnly must be a boolean, not a number"],
  [new Map([["key", "a"]]), "etcdserverpb.RangeRequest must be a plain object, not an object (Map)"],
  ["a", "etcdserverpb.RangeRequest must be a plain object, not a string"],
])("a wrong request is refused with its reason: %p", async (request, reason) => {
  expect(() => RangeRequest.create(untyped(request))).toThrow(reason);
  await expect(server.client().kv.range(untyped(request))).rejects.toThrow(reason);
  expect(() => server.client().kv.rangeStream(untyped(request))).toThrow(reason);
});

test("errors in nested messages and oneofs say where", () => {
  const nested = { compare: [{ key: "a" }, { kee: "b" }] };
  expect(() => TxnRequest.create(untyped(nested))).toThrow(
    /^unknown field kee of etcdserverpb\.Compare; did you mean key\?$/,
  );
  expect(() => TxnRequest.create(untyped({ compare: [{ version: 1 }] }))).toThrow(
    'unknown field version of etcdserverpb.Compare; did you mean targetUnion: { case: "version", value: … }?',
  );
  expect(() => TxnRequest.create(untyped({ compare: { key: "a" } }))).toThrow(
    "etcdserverpb.TxnRequest.compare must be an array, not an object",
  );
  expect(() => WatchRequest.create(untyped({ requestUnion: { case: "create", value: {} } }))).toThrow(
    "etcdserverpb.WatchRequest.requestUnion.case must be one of createRequest, cancelRequest, progressRequest, not a string",
  );
  expect(WatchRequest.create(untyped({ requestUnion: { case: "progressRequest" } }))).toEqual({
    requestUnion: { case: "progressRequest", value: {} },
  });
});

test.each([
  [{ endpoint: "a:1" }, "unknown option endpoint of connect; did you mean endpoints?"],
  [{ endpoints: "a:1" }, "option endpoints of connect must be an array, not a string"],
  [
    { endpoints: ["a:1"], tls: { caCert: "ca.pem" } },
    "unknown option tls.caCert of connect; did you mean tls.cacert?",
  ],
  [
    { endpoints: ["a:1"], credentials: { name: "root", password: "" } },
    /^unknown option credentials.name of connect; /,
  ],
  [{ endpoints: ["a:1"], timeout: 1 }, "unknown option timeout of connect; did you mean timeoutMs?"],
  [
    { endpoints: ["a:1"], timeoutMs: 0 },
    "option timeoutMs of connect must be more than 0 milliseconds (Infinity means no limit): 0",
  ],
  [
    { endpoints: ["a:1"], dialTimeoutMs: "2s" },
    "option dialTimeoutMs of connect must be a number of milliseconds, not a string",
  ],
  [
    undefined,
    'the options of connect must be an object, such as { endpoints: ["127.0.0.1:2379"] }, not undefined',
  ],
  [{}, "option endpoints of connect is missing"],
  [{ endpoints: ["a:1", 2379] }, "option endpoints of connect must have strings, not a number"],
  [
    { endpoints: ["a:1"], clock: { now: Date.now } },
    "option clock of connect must be a clock with now, monotonicNs and setTimeout, not an object",
  ],
])("connect refuses wrong options: %j", async (options, reason) => {
  await expect(connect(untyped(options))).rejects.toThrow(reason);
});

test("the other functions with options refuse unknown ones too", async () => {
  await expect(openTransport(untyped({ endpoints: [], endPoints: [] }))).rejects.toThrow(
    "unknown option endPoints of openTransport; did you mean endpoints?",
  );
  expect(() => createClient(server.transport(), untyped({ deadlineMs: 1 }))).toThrow(
    "unknown option deadlineMs of createClient; its options are timeoutMs",
  );
  const call = server.client().kv.range({ key: "a" }, untyped({ time_out_ms: 5 }));
  await expect(call).rejects.toThrow("unknown option time_out_ms of kv.range; did you mean timeoutMs?");
});

test.each([
  [{ datadir: "x" }, "unknown option datadir of startEmbeddedServer; did you mean dataDir?"],
  [
    { limits: { quota: 1n } },
    "unknown option limits.quota of startEmbeddedServer; did you mean limits.quotaBytes?",
  ],
  [
    { limits: { maxTxnOps: "1" } },
    "option limits.maxTxnOps of startEmbeddedServer must be a number, not a string",
  ],
  [{ auth: { tokenTTL: 1 } }, /^unknown option auth.tokenTTL of startEmbeddedServer; /],
  [{ tls: { ca: "x", cert: "", key: "" } }, /^unknown option tls.ca of startEmbeddedServer; /],
  [
    { keys: new Map([["a", "1"]]) },
    "option keys of startEmbeddedServer must be an object, not an object (Map)",
  ],
  [{ load: 5 }, "option load of startEmbeddedServer must be an object, not a number"],
  [{ tls: {} }, /^option tls.cert of startEmbeddedServer is missing; /],
  [
    { listenClientUrls: [1] },
    "option listenClientUrls of startEmbeddedServer must have strings, not a number",
  ],
  [
    { snapshotCount: NaN },
    "option snapshotCount of startEmbeddedServer must be a whole number, 0 or more: NaN",
  ],
  [
    { minLeaseTtlSeconds: 1.5 },
    "option minLeaseTtlSeconds of startEmbeddedServer must be a whole number: 1.5",
  ],
  [{ metrics: "all" }, 'option metrics of startEmbeddedServer must be "basic" or "extensive", not "all"'],
  [null, "the options of startEmbeddedServer must be an object, not null"],
  [
    { keys: { a: 1 } },
    "the value of a in option keys must be a string or bytes (a Uint8Array or Buffer), not a number",
  ],
])("startEmbeddedServer refuses wrong options: %p", async (options, reason) => {
  await expect(startEmbeddedServer(untyped(options))).rejects.toThrow(reason);
});

// Such an object has no properties, so that it would count as no options at all.
test.each([
  ["a promise without await", Promise.resolve({ lease: 1n })],
  ["a Map", new Map([["lease", 1n]])],
  ["a Date", new Date(0)],
])("options are not %s", async (_name, options) => {
  await expect(server.client().put("a", "1", untyped(options))).rejects.toThrow(
    /^the options of put must be an object, not an object \(\w+\)$/,
  );
});

test("an argument too many is refused, as it would be ignored", async () => {
  const client = server.client();
  const getAll = client.getAll as (...args: unknown[]) => Promise<unknown>;
  await expect(getAll({ prefix: "a" }, { limit: 1 })).rejects.toThrow(
    "getAll has too many arguments: its options belong into the object with its range",
  );
  const watch = client.watch as unknown as (...args: unknown[]) => unknown;
  expect(() => watch({ prefix: "a" }, { previous: true })).toThrow("watch has too many arguments");
  const commit = client.txn().then({ get: "a" }).commit as (...args: unknown[]) => unknown;
  expect(() => commit({ timeoutMs: 1 })).toThrow("commit has too many arguments");
});

test("a signal is an AbortSignal, and a path a text", async () => {
  const client = server.client();
  await expect(client.put("a", "1", { signal: untyped(new AbortController()) })).rejects.toThrow(
    "option signal of put must be an AbortSignal, not an object (AbortController)",
  );
  await expect(client.snapshot().toFile(untyped(new URL("file:///a")))).rejects.toThrow(
    "the path of toFile must be a string, not an object (URL)",
  );
  expect(() => server.stop(untyped(1000))).toThrow("the options of stop must be an object, not a number");
});

test("64-bit numbers are numbers or bigints in options too, and undefined is the default", async () => {
  await using small = await startEmbeddedServer({
    limits: { quotaBytes: 64 * 1024, maxTxnOps: undefined },
  });
  const client = small.client();
  await client.put("a", "1");
  await expect(client.put("a", "x".repeat(100_000))).rejects.toThrow(
    "etcdserver: mvcc: database space exceeded",
  );
  expect((await client.txn().then({ get: "a" })).succeeded).toBe(true);
  expect((await client.getAll({ limit: 5n })).size).toBe(1);
});
