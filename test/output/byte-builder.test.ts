// The encodings of ByteBuilder at the lengths where the algorithm changes.
import { ByteBuilder } from "../../src/output/byte-builder";

const lengths = [0, 1, 2, 3, 4, 47, 48, 49, 127, 128, 129, 130, 1000];
const bytes = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 7 + length) & 255);

test.each(lengths)("base64() encodes %i bytes as Buffer does", (length) => {
  const expected = Buffer.from(bytes(length)).toString("base64");
  expect(Buffer.from(new ByteBuilder(1).base64(bytes(length)).take()).toString()).toBe(expected);
});

test.each(lengths)("ascii() and text() append %i characters", (length) => {
  const ascii = "x".repeat(length);
  expect(Buffer.from(new ByteBuilder(1).ascii(ascii).text("é日🙂").take()).toString()).toBe(`${ascii}é日🙂`);
});

test.each([
  0n,
  9n,
  10n,
  99n,
  100n,
  1073741823n,
  1073741824n,
  4294967296n,
  2n ** 53n + 1n,
  2n ** 64n - 1n,
  -1n,
])("int() writes %s in decimal", (value) => {
  expect(Buffer.from(new ByteBuilder(1).int(value).take()).toString()).toBe(value.toString());
});

test("hexEscapes() writes bytes as \\x escapes", () => {
  const out = new ByteBuilder(1).hexEscapes(Uint8Array.of(0, 0x61, 0xff)).byte(0x0a);
  expect(Buffer.from(out.take()).toString()).toBe("\\x00\\x61\\xff\n");
});

test("the next bytes after take() start a new buffer", () => {
  const out = new ByteBuilder();
  expect(out.ascii("one").take()).toHaveLength(3);
  expect(out.take()).toHaveLength(0);
  expect(Buffer.from(out.ascii("two").take()).toString()).toBe("two");
});
