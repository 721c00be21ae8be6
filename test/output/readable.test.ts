// The yaml and jsonl formats: their objects, which are the same in both, and readers that get the written values.
import { parseAllDocuments } from "yaml";
import { loadPrinter } from "../../src/output/load-printer";
import type { Printer } from "../../src/output/printer";
import {
  RangeResponse,
  ResponseHeader,
  StatusResponse,
  WatchResponse,
} from "../../src/proto/gen/etcdserverpb";
import { Event_EventType, KeyValue } from "../../src/proto/gen/mvccpb";
import { printRange, prints } from "./prints";
import * as responses from "./responses";

async function printed(format: string, print: (p: Printer) => Uint8Array): Promise<string> {
  return Buffer.from(print(await loadPrinter(format, { hex: false }))).toString();
}

/** Integers as bigint, since numbers round. */
function read(text: string, version: "1.1" | "1.2"): unknown[] {
  const documents = parseAllDocuments(text, { version, intAsBigInt: true, prettyErrors: false });
  if ("empty" in documents) return [];
  for (const { errors, warnings } of documents) expect([...errors, ...warnings]).toEqual([]);
  return documents.map((document): unknown => document.toJS());
}

function readLines(text: string): unknown[] {
  expect(text.endsWith("\n") || text === "").toBe(true);
  return text
    .split("\n")
    .slice(0, -1)
    .flatMap((line) => read(line, "1.2"));
}

const shown = Object.keys(prints).filter((name) => !name.includes("--print-value-only"));

test.each(shown)("%s: both versions of YAML read the same object from yaml as from jsonl", async (name) => {
  const print = prints[name] as (p: Printer) => Uint8Array;
  const lines = readLines(await printed("jsonl", print));
  const yaml = await printed("yaml", print);
  expect(read(yaml, "1.2")).toEqual(lines);
  expect(read(yaml, "1.1")).toEqual(lines);
  if (!name.startsWith("emptyRange") && name !== "watchCompacted") expect(lines).not.toEqual([]);
});

test("jsonl prints a key as one line with text, exact integers and a hexadecimal lease", async () => {
  expect(await printed("jsonl", (p) => printRange(p, responses.range))).toBe(
    '{"key":"foo","value":"bar","create_revision":2,"mod_revision":3,"version":2}\n' +
      '{"key_base64":"AP8K","value":"say \\"é\u200b\\"","create_revision":9007199254740993,' +
      '"mod_revision":9223372036854775807,"version":1,"lease":"694d5765fc71500b"}\n',
  );
});

test("yaml prints a key as a document and the lines of a value as lines", async () => {
  const value = Buffer.from("server {\n  listen 80;\n\n}\n");
  const kv = KeyValue.create({
    key: Buffer.from("/etc/web.conf"),
    value,
    createRevision: 2n,
    modRevision: 3n,
  });
  expect(
    await printed("yaml", (p) => printRange(p, RangeResponse.create({ kvs: [kv, responses.plainKv] }))),
  ).toBe(
    [
      "---",
      "key: /etc/web.conf",
      "value: |",
      "  server {",
      "    listen 80;",
      "",
      "  }",
      "create_revision: 2",
      "mod_revision: 3",
      "version: 0",
      "---",
      "key: foo",
      "value: bar",
      "create_revision: 2",
      "mod_revision: 3",
      "version: 2",
      "",
    ].join("\n"),
  );
});

test("keys without values have no value field", async () => {
  const kv = KeyValue.create({ key: Buffer.from("a"), version: 1n });
  expect(
    await printed("jsonl", (p) => printRange(p, RangeResponse.create({ kvs: [kv] }), { keysOnly: true })),
  ).toBe('{"key":"a","create_revision":0,"mod_revision":0,"version":1}\n');
});

test("binary bytes and control characters are printed in base64 under another name", async () => {
  const values = ["\0", "\x1b[0m", "\x7f", "\u0085", "\ufffe", "\xff"];
  const kvs = values.map((text, i) =>
    KeyValue.create({ key: Buffer.from("k"), value: Buffer.from(text, i === 5 ? "latin1" : "utf8") }),
  );
  const lines = (await printed("jsonl", (p) => printRange(p, RangeResponse.create({ kvs })))).split("\n");
  lines.slice(0, -1).forEach((line, i) => {
    const { value_base64: base64, ...rest } = JSON.parse(line) as Record<string, unknown>;
    expect(rest).not.toHaveProperty("value");
    expect(Buffer.from(base64 as string, "base64")).toEqual(kvs[i]?.value);
  });
});

test("a line of jsonl has no character that some reader takes for a line end", async () => {
  const kv = KeyValue.create({ key: Buffer.from("k"), value: Buffer.from("a\u2028b\u2029c\r\nd\ufeff") });
  const line = await printed("jsonl", (p) => printRange(p, RangeResponse.create({ kvs: [kv] })));
  expect(line).toContain('"value":"a\\u2028b\\u2029c\\r\\nd\\ufeff"');
});

test("an event is an object, and a deletion has only the key and the previous value", async () => {
  const { PUT, DELETE } = Event_EventType;
  const deleted = KeyValue.create({ key: responses.plainKv.key, modRevision: 4n });
  const watch = WatchResponse.create({
    header: responses.header,
    events: [
      { type: PUT, kv: responses.plainKv },
      { type: DELETE, kv: deleted, prevKv: responses.plainKv },
    ],
  });
  const plain = '"key":"foo","value":"bar","create_revision":2,"mod_revision":3,"version":2';
  expect(await printed("jsonl", (p) => p.watch(watch))).toBe(
    `{"type":"PUT",${plain}}\n{"type":"DELETE","key":"foo","mod_revision":4,"prev_kv":{${plain}}}\n`,
  );
});

test("a progress notification is an object, and a cancelled watch prints nothing", async () => {
  expect(await printed("jsonl", (p) => p.watchProgress(4n))).toBe('{"type":"PROGRESS","revision":4}\n');
  expect(await printed("yaml", (p) => p.watchProgress(4n))).toBe("---\ntype: PROGRESS\nrevision: 4\n");
  expect(await printed("jsonl", (p) => p.watch(responses.watchCompacted))).toBe("");
});

test("member IDs are hexadecimal text", async () => {
  expect(await printed("yaml", (p) => p.memberList(responses.members))).toBe(
    `---
header:
  cluster_id: cdf818194e3a8c32
  member_id: "8e9e05c52164694d"
  revision: 0
  raft_term: 2
members:
  - id: abc
    name: m0
    peer_urls:
      - http://127.0.0.1:2380
    client_urls:
      - http://127.0.0.1:2379
      - unix:///tmp/etcd.sock
    is_learner: false
  - id: "8e9e05c52164694d"
    name: ""
    peer_urls:
      - http://10.0.0.1:2380
    client_urls: []
    is_learner: true
`,
  );
});

test("an endpoint is an object with names for enums and without a field for no leader", async () => {
  const status = StatusResponse.create({ header: ResponseHeader.create(), version: "3.5.0" });
  const lines = await printed("jsonl", (p) =>
    p.endpointStatus([{ endpoint: "a:1", status }, responses.status]),
  );
  const [first, second] = lines.split("\n").map((line) => (line === "" ? {} : JSON.parse(line)) as object);
  expect(first).toMatchObject({ endpoint: "a:1", version: "3.5.0", header: { revision: 0 } });
  expect(first).not.toHaveProperty("leader");
  expect(second).toMatchObject({ leader: "8e9e05c52164694d", db_size_in_use: 16384 });
  expect(await printed("jsonl", (p) => p.alarm(responses.alarm))).toContain(
    '"alarms":[{"member_id":"8e9e05c52164694d","alarm":"NOSPACE"},{"member_id":"abc","alarm":"CORRUPT"},' +
      '{"alarm":"NONE"},{"member_id":"1","alarm":"9"}]',
  );
});

test("plain text next to responses is left out, and its names are in the objects", async () => {
  for (const format of ["yaml", "jsonl"])
    expect(await printed(format, (p) => p.plainText("User: alice\n"))).toBe("");
  for (const format of ["simple", "fields", "json", "protobuf", "table"]) {
    expect(await printed(format, (p) => p.plainText("User: alice\n"))).toBe("User: alice\n");
  }
  expect(await printed("jsonl", (p) => p.userGet("alice", responses.userGet))).toMatch(
    /^\{"user":"alice","header":.*"roles":\["r1","r 2"\]\}\n$/,
  );
  expect(await printed("jsonl", (p) => p.roleGet("r", responses.roleGet))).toMatch(
    /^\{"role":"r",.*"perm":\[\{"perm_type":"READ","key":"a","range_end":""\},\{"perm_type":"WRITE","key_base64":/,
  );
});
