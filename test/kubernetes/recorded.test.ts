// Objects that the program in test/kubernetes/go has filled at random and stored:
//   go -C test/kubernetes/go run . 5 Pod Deployment Secret Service Event Lease CustomResourceDefinition APIService EndpointSlice
//     HorizontalPodAutoscaler CertificateSigningRequest ConfigMap Node Ingress PodDisruptionBudget > recorded/objects.jsonl
import { readFileSync } from "node:fs";
import path from "node:path";
import { toYaml } from "../../src/kubernetes/yaml";
import { differences } from "./compare";

const recorded = readFileSync(path.join(__dirname, "recorded", "objects.jsonl"), "utf8")
  .trimEnd()
  .split("\n");

test("recorded objects decode to Go's JSON, and are encoded to Go's bytes from both", () => {
  expect(recorded.length).toBe(29);
  expect(recorded.flatMap(differences)).toEqual([]);
});

/** Pairs made with sigs.k8s.io/yaml 1.6. */
const texts: readonly (readonly [string, string])[] = [
  ["plain words", "plain words"],
  ["yes", '"yes"'],
  ["1e3", '"1e3"'],
  ["0x1F", '"0x1F"'],
  ["12:30", '"12:30"'],
  ["2001-01-01", '"2001-01-01"'],
  ["1.2.3", "1.2.3"],
  ["", '""'],
  [" a", "' a'"],
  ["a: b", "'a: b'"],
  ["a #b", "'a #b'"],
  ["- a", "'- a'"],
  ["it's", "it's"],
  ["'a'", "'''a'''"],
  ["{}", "'{}'"],
  ["a\tb", '"a\\tb"'],
  ["a\u0001b", '"a\\x01b"'],
  ["😀", '"\\U0001F600"'],
  ["a\nb", "|-\n    a\n    b"],
  ["a\n", "|\n    a"],
  ["a\n\n", "|+\n    a\n"],
  [" a\nb", "|2-\n     a\n    b"],
  ["a \nb", '"a \\nb"'],
  ["word ".repeat(20).trimEnd(), `${"word ".repeat(16).trimEnd()}\n    ${"word ".repeat(4).trimEnd()}`],
];

test.each(texts)("the text %j in YAML", (text, yaml) => {
  expect(toYaml({ a: { b: text } })).toBe(`a:\n  b: ${yaml}\n`);
});

test("keys of YAML are in Go's order, and lists as far left as their field", () => {
  expect(toYaml({ b: [[1, {}], { c: [], d: null }], a10: 1, a2: 1.5, A: 1e7 + 0.5, "f:x": true })).toBe(
    "A: 1.00000005e+07\na2: 1.5\na10: 1\nb:\n- - 1\n  - {}\n- c: []\n  d: null\nf:x: true\n",
  );
});
