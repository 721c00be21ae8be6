import { firstJson, lineAndColumn, parseJson, type JsonNode } from "../../src/go/parse-json";

const plain = (node: JsonNode): unknown => {
  if (node.kind === "null") return null;
  if (node.kind === "number") return Number(node.text);
  if (node.kind === "array") return node.items.map(plain);
  if (node.kind === "object")
    return Object.fromEntries(node.fields.map(({ name, value }) => [name, plain(value)]));
  return node.value;
};

const parse = (json: string) => parseJson(Buffer.from(json));

test("parseJson gives the same value as JSON.parse", () => {
  const json = String.raw` {"a": [1, -0.5e+3, 18446744073709551615, true, false, null, {}, []], "ü\n": "\u00e9\ud83d\ude00\/\"" } `;
  expect(plain(parse(json))).toEqual(JSON.parse(json));
});

test("integers stay text, and every value has its position", () => {
  expect(parse(' {"é": 18446744073709551615}')).toEqual({
    at: 1,
    end: 29,
    kind: "object",
    fields: [{ name: "é", at: 2, value: { at: 8, end: 28, kind: "number", text: "18446744073709551615" } }],
  });
});

test("firstJson parses the first of several values, and marks truncated input", () => {
  expect(firstJson(Buffer.from(' {"a":1} {'))).toMatchObject({ at: 1, end: 8 });
  expect(firstJson(Buffer.from(" \n"))).toBeUndefined();
  const errorOf = (json: string): unknown => {
    try {
      return firstJson(Buffer.from(json));
    } catch (error) {
      return error;
    }
  };
  expect(errorOf('{"a":')).toMatchObject({ isCut: true, at: 5 });
  expect(errorOf('{"a" 1')).toMatchObject({ isCut: false, at: 5 });
});

test("lines and columns count from 1, columns in characters", () => {
  expect(lineAndColumn(Buffer.from('{\n "é😀": x'), 12)).toBe("2:7");
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
  ["é", "invalid character 'Ã' looking for beginning of value"],
])("%j: %s", (json, message) => {
  expect(() => parse(json)).toThrow(message);
});

test("nesting too deep is an error, not a stack overflow", () => {
  for (const open of ["[", '{"a":']) {
    expect(() => parse(open.repeat(1_000_000))).toThrow("exceeded max depth");
  }
});
