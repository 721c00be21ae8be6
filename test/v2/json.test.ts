import {
  decodeJson,
  decodeLoosely,
  int,
  list,
  optional,
  struct,
  text,
  texts,
  uint64,
} from "../../src/v2/json/decode";
import { JsonError, JsonNumber, parseJson } from "../../src/v2/json/parse";
import { seeded } from "../support/seeded";

const parse = (json: string) => parseJson(Buffer.from(json));

test("what JSON.parse makes of a text, this makes of its bytes, integers as written", () => {
  const json = String.raw` {"a": [1, -0.5e+3, 18446744073709551615, true, false, null, {}, []], "ü\n": "\u00e9\ud83d\ude00\/\"" } `;
  const plain = (value: unknown): unknown => {
    if (value instanceof JsonNumber) return Number(value.text);
    if (value instanceof Map) return Object.fromEntries([...value].map(([key, each]) => [key, plain(each)]));
    return Array.isArray(value) ? value.map(plain) : value;
  };
  expect(plain(parse(json))).toEqual(JSON.parse(json));
  expect(((parse(json) as Map<string, unknown>).get("a") as JsonNumber[])[2]?.text).toBe(
    "18446744073709551615",
  );
});

test("half of a surrogate pair becomes the replacement character", () => {
  expect(parse(String.raw`"\ud800x\ud800\u0041\udc00"`)).toBe("\ufffdx\ufffdA\ufffd");
});

test.each([
  ["", "unexpected end of JSON input"],
  ['{"a":', "unexpected end of JSON input"],
  ['"a', "unexpected end of JSON input"],
  ["404 page not found\n", "invalid character 'p' after top-level value"],
  ["<html>", "invalid character '<' looking for beginning of value"],
  ["{a", "invalid character 'a' looking for beginning of object key string"],
  ['{"a" 1}', "invalid character '1' after object key"],
  ['{"a":1 "b"}', "invalid character '\"' after object key:value pair"],
  ["[1 2]", "invalid character '2' after array element"],
  ["[1,]", "invalid character ']' looking for beginning of value"],
  ['"\n"', "invalid character '\\n' in string literal"],
  [String.raw`"\x"`, "invalid character 'x' in string escape code"],
  [String.raw`"\u12'4"`, "invalid character '\\'' in \\u hexadecimal character escape"],
  ["-x", "invalid character 'x' in numeric literal"],
  ["1.x", "invalid character 'x' after decimal point in numeric literal"],
  ["1e+", "unexpected end of JSON input"],
  ["1ex", "invalid character 'x' in exponent of numeric literal"],
  ["trux", "invalid character 'x' in literal true (expecting 'e')"],
  ["\xe9", "invalid character 'Ã' looking for beginning of value"],
])("%j: %s", (json, message) => {
  expect(() => parse(json)).toThrow(new JsonError(message));
});

test("nesting ends with an error, not with the stack", () => {
  for (const open of ["[", '{"a":']) {
    expect(() => parse(open.repeat(1_000_000))).toThrow(new JsonError("exceeded max depth"));
  }
});

const member = struct("Member", { id: text, urls: texts, count: uint64 });
const whole = struct("All", { members: list(member, "[]client.Member"), more: optional(int) });
const read = (json: string, options = {}) => decodeJson(whole, Buffer.from(json), options);

test("what is absent or null has Go's zero value", () => {
  expect(read('{"members":[{"id":"a"},{"urls":null}]}')).toEqual({
    members: [
      { id: "a", urls: null, count: 0n },
      { id: "", urls: null, count: 0n },
    ],
    more: undefined,
  });
  expect(read("null")).toEqual({ members: null, more: undefined });
});

test("names may differ in case, unless they must not", () => {
  const json = '{"MEMBERS":[{"ID":"a"}]}';
  expect(read(json).members?.[0]?.id).toBe("a");
  expect(read(json, { caseSensitive: true }).members).toBeNull();
});

test.each([
  [
    '{"members":[{"id":1}]}',
    "json: cannot unmarshal number into Go struct field Member.members.id of type string",
  ],
  [
    '{"members":{}}',
    "json: cannot unmarshal object into Go struct field All.members of type []client.Member",
  ],
  [
    '{"members":[{"count":-1}]}',
    "json: cannot unmarshal number -1 into Go struct field Member.members.count of type uint64",
  ],
  ['{"more":1e3}', "json: cannot unmarshal number 1e3 into Go struct field All.more of type int"],
  ["[]", "json: cannot unmarshal array into Go value of type client.All"],
])("%s does not fit, in Go's words", (json, message) => {
  expect(() => read(json)).toThrow(message);
});

test("after what does not fit the rest is read", () => {
  const { value, error } = decodeLoosely(whole, Buffer.from('{"members":[{"id":1,"count":2}],"more":3}'));
  expect(value).toEqual({ members: [{ id: "", urls: null, count: 2n }], more: 3n });
  expect(error?.message).toMatch("Member.members.id");
});

test("damaged answers give a value or an error, whatever byte is hit", () => {
  const random = seeded(7);
  const json = Buffer.from(
    '{"members":[{"id":"a\\u00e9","urls":["x","y"],"count":12}],"more":-5.0e1,"x":[true,null]}',
  );
  for (let i = 0; i < 5000; i++) {
    const damaged = Buffer.from(json.subarray(0, random(json.length) + 1));
    for (let changes = random(4); changes >= 0; changes--) damaged[random(damaged.length)] = random(256);
    try {
      decodeJson(whole, damaged);
    } catch (error) {
      expect((error as Error).name).toMatch(/^Json(Type)?Error$/);
    }
  }
});
