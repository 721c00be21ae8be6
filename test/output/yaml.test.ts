// YAML as text: a readable form for each kind of string, and both versions of YAML read every string back.
import { parseAllDocuments, type ParsedNode } from "yaml";
import { ByteBuilder } from "../../src/output/byte-builder";
import type { JsonObject } from "../../src/output/json-value";
import { writeYaml } from "../../src/output/readable/yaml";
import { seededRandom } from "../proto/random-message";

function yaml(document: JsonObject): string {
  const out = new ByteBuilder();
  writeYaml(out, document);
  return Buffer.from(out.take()).toString();
}

function read(text: string, version: "1.1" | "1.2"): unknown {
  const [document, ...more] = parseAllDocuments<ParsedNode>(text, { version }) as {
    errors: unknown[];
    toJS(): unknown;
  }[];
  expect(more).toEqual([]);
  expect(document?.errors).toEqual([]);
  return document?.toJS();
}

test.each([
  ["/registry/pods", "/registry/pods"],
  ["http://127.0.0.1:2379", "http://127.0.0.1:2379"],
  ["two words", "two words"],
  ["", '""'],
  ["yes", '"yes"'],
  ["Null", '"Null"'],
  ["1e3", '"1e3"'],
  ["e1", '"e1"'],
  ["0x1f", '"0x1f"'],
  ["12:30:45", '"12:30:45"'],
  ["2020-01-01", '"2020-01-01"'],
  ["~", '"~"'],
  ["- a", '"- a"'],
  ["a: b", '"a: b"'],
  ["a #b", '"a #b"'],
  [" a", '" a"'],
  ['{"a":"it\'s"}', `'{"a":"it''s"}'`],
  ["a\tb\r", '"a\\tb\\r"'],
  ["a\nb", "|-\n  a\n  b"],
  ["a\nb\n", "|\n  a\n  b"],
  ["a\n\n", "|+\n  a\n"],
  ["\n  a\nb\n", "|2\n\n    a\n  b"],
  ["\n", '"\\n"'],
  ["a \nb", '"a \\nb"'],
])("writeYaml writes %j as %s", (text, written) => {
  expect(yaml({ value: text })).toBe(`---\nvalue: ${written}\n`);
});

test("writeYaml writes lists, objects in lists, and empty ones", () => {
  const inner = { a: "x\ny", b: ["1", 2n, true], c: {}, d: { e: [] } };
  expect(yaml({ list: [inner, {}, "z"] })).toBe(
    [
      "---",
      "list:",
      "  - a: |-",
      "      x",
      "      y",
      "    b:",
      '      - "1"',
      "      - 2",
      "      - true",
      "    c: {}",
      "    d:",
      "      e: []",
      "  - {}",
      "  - z",
      "",
    ].join("\n"),
  );
  expect(yaml({})).toBe("---\n{}\n");
});

test("both versions of YAML read back text of any characters", () => {
  const random = seededRandom(1);
  const below = (n: number) => Math.floor(random() * n);
  const pieces = [
    ..."\n\n\n \t\rab-:#'\"\\1e.~=%@`|>?!&*{}[],é日\u200b\u2028\u0085\ufeff/+_<",
    "no",
    "😀",
    ": ",
    " #",
    "---",
  ];
  const text = () => Array.from({ length: below(9) }, () => pieces[below(pieces.length)]).join("");
  for (let i = 0; i < 400; i++) {
    const document = { key: text(), inner: { value: text(), list: [text(), { a: text() }] }, last: text() };
    const written = yaml(document);
    expect(read(written, "1.1")).toEqual(document);
    expect(read(written, "1.2")).toEqual(document);
  }
});
