// Input from a newer or a broken peer: unknown fields are skipped, and damage is always a WireError.
import {
  AuthRoleAddRequest,
  PutRequest,
  RangeResponse,
  TxnRequest,
  WatchRequest,
} from "../../src/proto/gen/etcdserverpb";
import { KeyValue } from "../../src/proto/gen/mvccpb";
import { decode, encode, type AnyMessageType } from "../../src/proto/message";
import { WireError, Writer } from "../../src/proto/wire";
import { randomMessage, seededRandom } from "./random-message";

const hex = (text: string) => Buffer.from(text.replaceAll(" ", ""), "hex");

/** Field 1000 of every wire type, and a field of a number that needs all bits. */
function unknownFields(): Buffer {
  const writer = new Writer();
  writer.uint64(8000, 2n ** 64n - 1n);
  writer.bytes(8002, Buffer.from("unknown"));
  const fixed64 = hex("c13e 0102030405060708");
  const fixed32 = hex("c53e 01020304");
  const lastNumber = hex("faffffff0f 00");
  return Buffer.concat([writer.finish(), fixed64, fixed32, lastNumber]);
}

test.each<[string, AnyMessageType]>([
  ["PutRequest", PutRequest],
  ["RangeResponse", RangeResponse],
  ["TxnRequest", TxnRequest],
  ["WatchRequest", WatchRequest],
])("%s: unknown fields before and after are skipped", (_, type) => {
  const message: unknown = randomMessage(type, seededRandom(3));
  const bytes = Buffer.concat([unknownFields(), encode(type, message), unknownFields()]);
  expect(decode(type, bytes)).toEqual(message);
});

test.each([
  ["a tag that ends early", "80"],
  ["a varint that ends early", "18 ff"],
  ["a varint of eleven bytes", "18 ffffffffffffffffffff01"],
  ["a length past the end", "0a 05 6162"],
  ["a length of four gigabytes", "0a ffffffff0f"],
  ["field number 0", "02 00"],
  ["a varint of more than 64 bits", "18 ffffffffffffffffff02"],
  ["a length of 2^32", "0a 8080808010"],
  ["a tag of 2^32 and more", "8a80808010 00"],
  ["a group without its end", "0b"],
  ["the end of another group", "0b 14"],
  ["the end of no group", "0c"],
  ["wire type 7", "0f"],
  ["an unknown field cut short", "c13e 0102"],
  ["an unknown field longer than the rest", "c23e 05 6162"],
])("%s is a WireError", (_, bytes) => {
  expect(() => decode(PutRequest, hex(bytes))).toThrow(WireError);
});

test("groups are skipped, however deep they are", () => {
  const deep = Buffer.concat([Buffer.alloc(20_000, 0x7b), hex("08 01"), Buffer.alloc(20_000, 0x7c)]);
  const message = decode(PutRequest, Buffer.concat([hex("0b 12 01 61 0c"), deep, hex("0a 01 61")]));
  expect(message).toEqual(PutRequest.create({ key: Buffer.from("a") }));
});

test("a text that is not UTF-8 is a WireError only if the caller wants that", () => {
  const bytes = hex("0a 02 c328");
  expect(decode(AuthRoleAddRequest, bytes).name).toBe("\ufffd(");
  expect(() => decode(AuthRoleAddRequest, bytes, true)).toThrow(WireError);
  expect(decode(AuthRoleAddRequest, hex("0a 03 efbfbd"), true).name).toBe("\ufffd");
});

test("an inner message that exceeds its length is a WireError, even when the bytes exist", () => {
  // kvs (field 2) claims three bytes, but the key within claims five.
  expect(() => decode(RangeResponse, hex("12 03 0a 05 61 62 63 64 65"))).toThrow(WireError);
});

test("messages nested too deep are a WireError, not a stack overflow", () => {
  const nested = (depth: number) => {
    let bytes = Buffer.alloc(0);
    for (let i = 0; i < depth; i++) {
      const operation = new Writer();
      operation.bytes(0x22, bytes); // RequestOp.request_txn
      const txn = new Writer();
      txn.bytes(0x12, operation.finish()); // TxnRequest.success
      bytes = Buffer.from(txn.finish());
    }
    return bytes;
  };
  expect(decode(TxnRequest, nested(128)).success).toHaveLength(1);
  expect(() => decode(TxnRequest, nested(20_000))).toThrow(WireError);
});

test("packed values that exceed their field are a WireError", () => {
  expect(() => decode(WatchRequest, hex("0a 05 2a 01 80 01 00"))).toThrow(WireError);
});

test("every prefix of a message is read or refused, and never read past its end", () => {
  const random = seededRandom(11);
  for (let round = 0; round < 40; round++) {
    const bytes = encode<unknown>(RangeResponse, randomMessage(RangeResponse, random));
    for (let length = 0; length < Math.min(bytes.length, 500); length += 7) {
      // The rest of the buffer is there, but not part of the message.
      expect(refusedOrRead(RangeResponse, bytes.subarray(0, length))).toBe(true);
    }
  }
});

test("a message with flipped bytes is read or refused", () => {
  const random = seededRandom(12);
  const original = encode<unknown>(TxnRequest, randomMessage(TxnRequest, random));
  for (let round = 0; round < 3000; round++) {
    const bytes = Buffer.from(original);
    const at = Math.floor(random() * bytes.length);
    bytes[at] = Math.floor(random() * 256);
    expect(refusedOrRead(TxnRequest, bytes)).toBe(true);
  }
});

function refusedOrRead(type: AnyMessageType, bytes: Uint8Array): boolean {
  try {
    decode(type, bytes);
    return true;
  } catch (error) {
    return error instanceof WireError;
  }
}

test("the last value of a repeated singular field counts, as proto3 requires", () => {
  const twice = Buffer.concat([
    encode(KeyValue, KeyValue.create({ version: 1n })),
    encode(KeyValue, KeyValue.create({ version: 2n })),
  ]);
  expect(decode(KeyValue, twice).version).toBe(2n);
});

test("packed and unpacked filters of a watch are both read", () => {
  const packed = hex("0a 04 2a 02 00 01");
  const unpacked = hex("0a 04 28 00 28 01");
  for (const bytes of [packed, unpacked]) {
    const { requestUnion } = decode(WatchRequest, bytes);
    expect(requestUnion?.case).toBe("createRequest");
    expect(requestUnion?.value).toMatchObject({ filters: [0, 1] });
  }
});
