import { firstJson } from "../../../src/go/parse-json";
import { AuthUserAddRequest, RangeRequest } from "../../../src/proto/gen/etcdserverpb";
import { messageFromJson } from "../../../src/server/http/message-json";

function read(type: typeof AuthUserAddRequest | typeof RangeRequest, bytes: Buffer): unknown {
  const node = firstJson(bytes);
  if (node === undefined) throw new Error("no value");
  return messageFromJson(type, node, bytes);
}
const nbsp = "\u00a0";

// The texts are those of etcd 3.7.1, asked with the same bodies.
test.each([
  ['{"name":"a\xff"}', "syntax error (line 1:9): invalid UTF-8 in string"],
  ['{"na\xffme":"a"}', "syntax error (line 1:2): invalid UTF-8 in string"],
  ['{"name":"\xf0\x9f\x98"}', "syntax error (line 1:9): invalid UTF-8 in string"],
  ['{"x":"\xff"}', "syntax error (line 1:6): invalid UTF-8 in string"],
  ['{"x":[{"y":"\xff"}]}', "syntax error (line 1:12): invalid UTF-8 in string"],
  ['{"name":"a\\ud800xxxxxxxx"}', 'syntax error (line 1:9): invalid escape code "xxxxxx" in string'],
  [
    '{"name":"a\\ud800\\u0041xxxxxxxx"}',
    'syntax error (line 1:9): invalid escape code "\\\\u0041" in string',
  ],
  ['{"name":"\\u0041\\ud800xxxxxxxx"}', 'syntax error (line 1:9): invalid escape code "xxxxxx" in string'],
  ['{"name":"\\udc00\\ud800xxxxxxxx"}', 'syntax error (line 1:9): invalid escape code "\\\\ud800" in string'],
  ['{"name":"a\\ud800"}', "unexpected EOF"],
])("%j is refused, not repaired: two names would become one", (body, message) => {
  expect(() => read(AuthUserAddRequest, Buffer.from(body, "latin1"))).toThrow(`proto:${nbsp}${message}`);
});

test("text beyond ASCII, escaped or not, is taken", () => {
  expect(read(AuthUserAddRequest, Buffer.from('{"name":"ä\\u00e4😀\\ud83d\\ude00\\\\ud800"}'))).toMatchObject(
    {
      name: "ää😀😀\\ud800",
    },
  );
});

test.each([
  ["0e3000", 0n],
  ["10000000000000000000000e-21", 10n],
  ["1.50e1", 15n],
  ["-0", 0n],
  [`"${"9223372036854775807"}"`, 2n ** 63n - 1n],
  ["-9223372036854775808", -(2n ** 63n)],
])("the integer %s is %s", (text, limit) => {
  expect(read(RangeRequest, Buffer.from(`{"limit":${text}}`))).toMatchObject({ limit });
});

test.each([
  "1e3000",
  "1e-1",
  "9223372036854775808",
  "1e999999999",
  "1".repeat(1_000_000),
  `1e${"9".repeat(400)}`,
])("a number that fits no integer is refused (%.20s…)", (text) => {
  expect(() => read(RangeRequest, Buffer.from(`{"limit":${text}}`))).toThrow(
    "invalid value for int64 field limit: ",
  );
});

// As etcd 3.7.1 reads them. A key that was cut must not become another key.
test.each([
  ["ab", "69"],
  ["YWI=", "6162"],
  ["YW==", "61"],
  ["-_", "fb"],
  ["YQ-_", "610fbf"],
  ["YQ+/", "610fbf"],
  ...["a", "abcde", "YQ=", "YQ===", "=", "YWI=YQ", "YQ-/", "YQ_+", "Y Q==", "é"].map((text) => [
    text,
    "refused",
  ]),
])("bytes as %s: %s", (text = "", hex) => {
  const bytes = () => read(RangeRequest, Buffer.from(JSON.stringify({ key: text }))) as RangeRequest;
  if (hex !== "refused") return expect(Buffer.from(bytes().key).toString("hex")).toBe(hex);
  expect(bytes).toThrow(`invalid value for bytes field key: ${JSON.stringify(text)}`);
});
