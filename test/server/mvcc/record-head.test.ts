import { KeyValue } from "../../../src/proto/gen/mvccpb";
import { encode } from "../../../src/proto/message";
import { keyOf, recordHead, recordHeadIn } from "../../../src/server/mvcc/record-head";

const record = (fields: Partial<KeyValue>) => encode(KeyValue, KeyValue.create(fields));
const key = Buffer.from("/registry/pods/a");

test.each<[string, Partial<KeyValue>]>([
  ["a small one", { key, createRevision: 2n, modRevision: 3n, version: 2n, value: Buffer.from("v") }],
  ["without a value", { key, createRevision: 2n, modRevision: 2n, version: 1n }],
  ["a tombstone", { key }],
  ["without a key", { createRevision: 2n, version: 1n }],
  ["nothing at all", {}],
  [
    "with a long key and value",
    { key: Buffer.alloc(300, "k"), createRevision: 7n, value: Buffer.alloc(70_000) },
  ],
  ["with numbers of three and four bytes", { key, createRevision: 2_000_000n, version: 200_000_000n }],
  [
    "with numbers of more bytes",
    { key, createRevision: 2n ** 53n - 1n, modRevision: 2n ** 40n, version: 2n ** 33n },
  ],
  ["with a lease", { key, createRevision: 2n, version: 1n, lease: 0x7fff_0000_1234_5678n }],
  ["with a negative lease", { key, createRevision: 2n, version: 1n, lease: -2n }],
])("the head of a record, %s, is what the decoder says", (_name, fields) => {
  const expected = {
    key: fields.key ?? Buffer.alloc(0),
    createRevision: Number(fields.createRevision ?? 0),
    version: Number(fields.version ?? 0),
    lease: fields.lease ?? 0n,
  };
  const head = recordHead(record(fields));
  expect({ ...head, key: Buffer.from(head.key) }).toMatchObject(expected);
  const large = record({ ...fields, value: Buffer.alloc(5000) });
  const file = Buffer.concat([Buffer.from("before"), large, Buffer.from("after")]);
  const view = (offset: number, sizeBytes: number) => Buffer.from(file.subarray(offset, offset + sizeBytes));
  const inFile = recordHeadIn({ read: view, view }, 6, large.length);
  expect({ ...inFile, key: Buffer.from(inFile.key) }).toMatchObject(expected);
  expect(keyOf(record(fields))).toBe(Buffer.from(fields.key ?? []).toString("latin1"));
});

test("Fields in another order and unknown fields are read.", () => {
  expect(recordHead(Buffer.from("2001100a0a016b", "hex"))).toMatchObject({
    key: Buffer.from("k"),
    createRevision: 10,
    version: 1,
    lease: 0n,
  });
  expect(recordHead(Buffer.from("0a016b100a20018001053a0178", "hex"))).toMatchObject({
    createRevision: 10,
    version: 1,
  });
});

test.each(["0a", "0a05", "0a016b2a05", "0a016b10", "0a016b10ff", "0a016b30ff", "0a016b07"])(
  "%s is refused",
  (hex) => {
    expect(() => recordHead(Buffer.from(hex, "hex"))).toThrow("protobuf");
  },
);
