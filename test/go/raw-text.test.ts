import { oneSafeLine, rawBytes, rawText } from "../../src/go/raw-text";

test.each([
  ["plain ä 😀 \u{1f480}"],
  [""],
  [Buffer.of(0xff)],
  [Buffer.from("a\xffb\xc3", "latin1")],
  [Buffer.from([0xed, 0xb2, 0x80])],
  [Buffer.from("é\xfe😀", "latin1")],
])("bytes stay the same when converted to text and back: %p", (value) => {
  const bytes = Buffer.from(value as string);
  expect(rawBytes(rawText(bytes))).toEqual(bytes);
  expect(rawBytes(bytes)).toEqual(bytes);
});

test("valid text stays unchanged, and other bytes become halves of surrogate pairs", () => {
  expect(rawText(Buffer.from("ä😀"))).toBe("ä😀");
  expect(rawText(Buffer.from("a\xff", "latin1"))).toBe("a\udcff");
});

test("what a terminal would obey is escaped in a line that we print", () => {
  expect(oneSafeLine("a\x1b[2J\nb\r\x07\x7f\x9bc\u202e ä 日 └──")).toBe(
    String.raw`a\x1b[2J\x0ab\x0d\x07\x7f\x9bc\u202e ä 日 └──`,
  );
});
