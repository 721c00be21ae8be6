// Cases without recorded responses: health, errors on stderr, sizes of 0, large ranges in chunks.
import { CliError } from "../../src/errors";
import { loadPrinter } from "../../src/output/load-printer";
import type { EndpointHealth, Printer } from "../../src/output/printer";
import { RangeResponse, ResponseOp, StatusResponse, TxnResponse } from "../../src/proto/gen/etcdserverpb";
import { KeyValue } from "../../src/proto/gen/mvccpb";
import { encode } from "../../src/proto/message";
import { printRange } from "./prints";
import { header } from "./responses";

const formats = ["simple", "fields", "json", "protobuf", "table", "yaml", "jsonl"] as const;

const rows: readonly EndpointHealth[] = [
  { endpoint: "127.0.0.1:2379", healthy: true, tookNs: 1_234_567n, error: "" },
  { endpoint: "127.0.0.1:2381", healthy: false, tookNs: 5_000_000_000n, error: "context deadline exceeded" },
];

async function printed(format: string, print: (p: Printer) => Uint8Array): Promise<string> {
  return Buffer.from(print(await loadPrinter(format, { hex: false }))).toString();
}

test("an endpoint without a request has no duration", async () => {
  const refused = { endpoint: "127.0.0.1:2379", healthy: false, tookNs: undefined, error: "refused" };
  expect(await printed("json", (p) => p.endpointHealth([refused]))).toBe(
    '[{"endpoint":"127.0.0.1:2379","health":false,"took":"","error":"refused"}]\n',
  );
});

test("of no endpoint, etcdctl 3.5 prints a table with two rules below the head, and an empty list", async () => {
  const table = await loadPrinter("table", { hex: false, compat: "3.5" });
  const rule = "+----------+------+";
  expect(Buffer.from(table.endpointHashKV([])).toString()).toBe(
    [rule, "| ENDPOINT | HASH |", rule, rule, ""].join("\n"),
  );
  const json = await loadPrinter("json", { hex: false, compat: "3.5" });
  expect(Buffer.from(json.endpointStatus([])).toString()).toBe("[]\n");
  expect(Buffer.from(json.endpointHashKV([])).toString()).toBe("[]\n");
});

test("loadPrinter refuses an unknown format with exit code 4", async () => {
  await expect(loadPrinter("xml", { hex: false })).rejects.toEqual(
    new CliError(4, "unsupported output format"),
  );
  await expect(loadPrinter("constructor", { hex: false })).rejects.toThrow(CliError);
});

test("the simple format prints healthy endpoints on stdout and the others on stderr", async () => {
  expect(await printed("simple", (p) => p.endpointHealth(rows))).toBe(
    "127.0.0.1:2379 is healthy: successfully committed proposal: took = 1.234567ms\n",
  );
  expect(await printed("simple", (p) => p.endpointHealthErrors(rows))).toBe(
    "127.0.0.1:2381 is unhealthy: failed to commit proposal: context deadline exceeded\n",
  );
});

test("fields, json and table print all endpoints on stdout and nothing on stderr", async () => {
  expect(await printed("fields", (p) => p.endpointHealth(rows))).toBe(
    '"Endpoint" : "127.0.0.1:2379"\n"Health" : true\n"Took" : 1.234567ms\n"Error" : \n\n' +
      '"Endpoint" : "127.0.0.1:2381"\n"Health" : false\n"Took" : 5s\n"Error" : context deadline exceeded\n\n',
  );
  expect(await printed("json", (p) => p.endpointHealth(rows))).toBe(
    '[{"endpoint":"127.0.0.1:2379","health":true,"took":"1.234567ms"},' +
      '{"endpoint":"127.0.0.1:2381","health":false,"took":"5s","error":"context deadline exceeded"}]\n',
  );
  expect(await printed("table", (p) => p.endpointHealth(rows))).toBe(
    [
      "┌────────────────┬────────┬────────────┬───────────────────────────┐",
      "│    ENDPOINT    │ HEALTH │    TOOK    │           ERROR           │",
      "├────────────────┼────────┼────────────┼───────────────────────────┤",
      "│ 127.0.0.1:2379 │   true │ 1.234567ms │                           │",
      "│ 127.0.0.1:2381 │  false │         5s │ context deadline exceeded │",
      "└────────────────┴────────┴────────────┴───────────────────────────┘",
      "",
    ].join("\n"),
  );
  for (const format of formats.slice(1)) {
    expect(await printed(format, (p) => p.endpointHealthErrors(rows))).toBe("");
  }
});

test("without endpoints json prints null, table prints a head, and the other formats print nothing", async () => {
  expect(await printed("json", (p) => p.endpointStatus([]))).toBe("null\n");
  expect(await printed("simple", (p) => p.endpointStatus([]))).toBe("");
  expect(await printed("fields", (p) => p.endpointStatus([]))).toBe("");
  expect(await printed("table", (p) => p.endpointHashKV([]))).toBe(
    [
      "┌──────────┬──────┬───────────────┐",
      "│ ENDPOINT │ HASH │ HASH REVISION │",
      "└──────────┴──────┴───────────────┘",
      "",
    ].join("\n"),
  );
});

test("a database of size 0 has 0 % not in use, where Go divides by zero", async () => {
  const status = StatusResponse.create({ header });
  expect(await printed("simple", (p) => p.endpointStatus([{ endpoint: "a", status }]))).toContain(
    ", 0 B, 0 B, 0%, 0 B,",
  );
});

test("only the simple format prints a line for an expired lease", async () => {
  expect(await printed("simple", (p) => p.leaseExpired(0x1234n))).toBe(
    "lease 0000000000001234 expired or revoked.\n",
  );
  for (const format of formats.slice(1)) {
    expect(await printed(format, (p) => p.leaseExpired(0x1234n))).toBe("");
  }
});

test("the sign of a negative lease ID is one of its 16 characters", async () => {
  expect(await printed("simple", (p) => p.leaseRevoke(-5n, {}))).toBe("lease -000000000000005 revoked\n");
});

test("an operation without a response is printed as in Go", async () => {
  const r = TxnResponse.create({ responses: [ResponseOp.create()] });
  expect(await printed("simple", (p) => p.txn(r))).toBe("FAILURE\n\nunexpected response \n");
  expect(await printed("fields", (p) => p.txn(r))).toContain('"Unknown" : "<nil>"\n');
  expect(await printed("json", (p) => p.txn(r))).toBe('{"responses":[{"Response":{}}]}\n');
});

test("every format prints the count of keys", async () => {
  const count = (format: string) =>
    printed(format, (p) => printRange(p, RangeResponse.create({ count: 7n }), { countOnly: true }));
  expect(await count("simple")).toBe("7\n");
  expect(await count("fields")).toMatch(/"More" : false\n"Count" : 7\n$/);
  expect(await count("json")).toMatch(/"raft_term":2\},"count":7\}\n$/);
  expect(await count("yaml")).toBe("---\ncount: 7\n");
  expect(await count("jsonl")).toBe('{"count":7}\n');
  expect(await count("table")).toBe("┌───────┐\n│ COUNT │\n├───────┤\n│     7 │\n└───────┘\n");
  const message = RangeResponse.create({ header, count: 7n });
  expect(await count("protobuf")).toBe(Buffer.from(encode(RangeResponse, message)).toString());
});

test.each(formats.slice(1))("%s refuses the options of the simple format", async (format) => {
  await expect(
    printed(format, (p) => printRange(p, RangeResponse.create(), { valueOnly: true })),
  ).rejects.toEqual(new CliError(128, "print-value-only is only for `--write-out=simple`"));
  await expect(
    printed(format, (p) => printRange(p, RangeResponse.create(), { tree: { depth: 1 } })),
  ).rejects.toEqual(new CliError(128, "--tree is only for `--write-out=simple`"));
});

describe("a range in chunks", () => {
  const kvs = Array.from({ length: 300 }, (_, i) =>
    KeyValue.create({
      key: Buffer.from(`/registry/pods/default/${"p".repeat(i)}`),
      value: Buffer.alloc((i * 37) % 500, i),
      createRevision: 2n ** BigInt(i % 63),
      modRevision: BigInt(i) * 10n ** BigInt(i % 16),
      version: BigInt(i),
      lease: i % 3 === 0 ? BigInt(i) : 0n,
    }),
  );
  const whole = RangeResponse.create({ header, kvs, count: 300n });

  test.each(formats.slice(0, 4))(
    "the chunks of a range have the same bytes as the whole in %s",
    async (format) => {
      const printer = await loadPrinter(format, { hex: false });
      const inOne = printer.range({ countOnly: false, valueOnly: false });
      const bytes = Buffer.concat([inOne.begin(header), inOne.kvs(kvs), inOne.end(whole)]);
      expect(Buffer.from(printRange(printer, whole)).equals(bytes)).toBe(true);
      if (format === "protobuf") expect(bytes.equals(encode(RangeResponse, whole))).toBe(true);
    },
  );

  test("the json range printer writes the same bytes as messageJson", async () => {
    const printer = await loadPrinter("json", { hex: false });
    const inTxn = TxnResponse.create({ responses: [{ response: { case: "responseRange", value: whole } }] });
    const generic = Buffer.from(printer.txn(inTxn)).toString();
    const streamed = Buffer.from(printRange(printer, whole)).toString().trimEnd();
    expect(generic).toBe(`{"responses":[{"Response":{"response_range":${streamed}}}]}\n`);
  });

  test("a taken chunk stays unchanged while the next one is printed", async () => {
    const range = (await loadPrinter("simple", { hex: false })).range({ countOnly: false, valueOnly: false });
    const first = range.kvs(kvs.slice(0, 10));
    const copy = Buffer.from(first);
    range.kvs(kvs.slice(10, 40));
    expect(copy.equals(first)).toBe(true);
  });
});
