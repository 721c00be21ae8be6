// Queries and forms as Go parses them.
import { decodePath, parseForm } from "../../src/go/form";

const urlEncoded = "application/x-www-form-urlencoded";
const form = (query: string, text?: string, contentType = urlEncoded) =>
  Object.fromEntries(
    parseForm(query, text === undefined ? undefined : { contentType, bytes: Buffer.from(text) }),
  );

test("values of the body come before those of the query", () => {
  expect(form("a=query&b=1", "a=body")).toEqual({ a: ["body", "query"], b: ["1"] });
});

test.each([
  ["a=1+2%203&b&=x&&%C3%BC=%c3%bc", { a: ["1 2 3"], b: [""], "": ["x"], ü: ["ü"] }],
  ["a=b=c", { a: ["b=c"] }],
  ["", {}],
])("the query %s", (query, values) => {
  expect(form(query)).toEqual(values);
});

test("a body that is no form is ignored", () => {
  expect([form("", "a=1", "application/json"), form("", "a=1", "")]).toEqual([{}, {}]);
  expect(form("", "a=ü", `${urlEncoded}; charset=utf-8`)).toEqual({ a: ["ü"] });
});

test.each([
  ["a=%zz", 'invalid URL escape "%zz"'],
  ["a=%", 'invalid URL escape "%"'],
  ["a;b=1", "invalid semicolon separator in query"],
])("the query %s is refused", (query, message) => {
  expect(() => form(query)).toThrow(message);
});

test.each([
  ["x;;", "mime: invalid media parameter"],
  [`${urlEncoded};;`, "mime: invalid media parameter"],
  [`${urlEncoded}; charset`, "mime: invalid media parameter"],
  [`${urlEncoded}; a="b`, "mime: invalid media parameter"],
  [" ; ", "mime: no media type"],
  ["a b", "mime: expected slash after first token"],
  ["a/", "mime: expected token after slash"],
  ["a/b c", "mime: unexpected content after media subtype"],
  ["a/b;c=d;C=e", "mime: duplicate parameter name"],
])("a body of the type %j is refused", (contentType, message) => {
  expect(() => form("", "a=1", contentType)).toThrow(message);
});

test.each([";", ` ; a="b;\\"c" ; d=e`, ";a=b;a=b", "; a*0=b; a*1=c", '; a=""'])(
  "a form may have the parameters %s",
  (parameters) => {
    expect(form("", "a=1", `Application/X-WWW-form-urlencoded${parameters}`)).toEqual({ a: ["1"] });
  },
);

test("a form of more than 10 MiB is refused", () => {
  expect(() => form("", "x".repeat((10 << 20) + 1))).toThrow("http: POST too large");
});

test("a path has escapes, but its plus is no blank", () => {
  expect([decodePath("/a+b%2Fc%20d"), decodePath("/%z")]).toEqual(["/a+b/c d", undefined]);
});
