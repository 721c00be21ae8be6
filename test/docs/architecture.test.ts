// The tables of docs/ARCHITECTURE.md are true: the functions are in their files, and the imports are those that
// .dependency-cruiser.cjs allows.
import { readFileSync } from "node:fs";
import path from "node:path";

interface Rule {
  readonly name: string;
  readonly from: { readonly path?: string; readonly pathNot?: string };
  readonly to: { readonly path?: string; readonly pathNot?: readonly string[] };
}

const page = readFileSync("docs/ARCHITECTURE.md", "utf8");
const rows = page
  .split("\n")
  .filter((line) => line.startsWith("| "))
  .map((line) => line.split("|").map((cell) => cell.trim()));
// eslint-disable-next-line @typescript-eslint/no-require-imports
const { forbidden } = require(path.resolve(".dependency-cruiser.cjs")) as { forbidden: readonly Rule[] };

const walks = rows.flatMap(([, file = "", name = ""]) => {
  const isStep = /^`(?:src|bin)\/.*`$/.test(file) && /^`\w+`$/.test(name);
  return isStep ? [[file.replaceAll("`", ""), name.replaceAll("`", "")] as const] : [];
});

test.each(walks)("%s has %s", (file, name) => {
  const definitions = readFileSync(file, "utf8").matchAll(
    /(?:function\*?|class|const) (\w+)|^ +(?:(?:override|protected|readonly|async) )*(\w+)[<(:]/gm,
  );
  expect(Array.from(definitions, ([, top, member]) => top ?? member)).toContain(name);
});

test("the walks have steps", () => {
  expect(walks.length).toBeGreaterThan(30);
});

describe("the list of folders has the imports of", () => {
  const importRules = forbidden.filter(({ to }) => to.pathNot !== undefined);

  test.each(importRules.map((rule) => [rule.name, rule] as const))("%s", (name, rule) => {
    const item = page.split(/^- /m).find((text) => text.includes(`Rule: \`${name}\``)) ?? "";
    const [, folders = "", imports = ""] = /^\*\*(.*?)\*\*.*May import (.*) Rule:/s.exec(item) ?? [];
    const own = namesIn(folders);
    expect(own).toEqual(expanded(rule.from.path));
    const others = (names: readonly string[]) => names.filter((each) => !own.includes(each)).sort();
    expect(others(namesIn(imports))).toEqual(others((rule.to.pathNot ?? []).flatMap(expanded)));
  });
});

test.each(
  forbidden.filter(({ from }) => from.pathNot !== undefined).map((rule) => [rule.name, rule] as const),
)("the table of packages has the importer of %s", (name, rule) => {
  const [, , importer = ""] = rows.find((row) => row.includes(`\`${name}\``)) ?? [];
  expect([importer.replaceAll("`", "").replace("src/", "")]).toEqual(expanded(rule.from.pathNot));
});

const ground = ["errors.ts", "io.ts", "clock.ts", "hints.ts", "go/", "proto/", "etcd/"];

/** The paths in a text, sorted. */
function namesIn(text: string): string[] {
  const names = Array.from(text.matchAll(/`([^`]+)`/g), ([, name = ""]) => name);
  return [...names, ...(/\bground\b/.test(text) ? ground : [])].sort();
}

/** The paths that a rule's pattern stands for, sorted: `^src/cli/(flags|password)\.ts$` is two files. */
function expanded(pattern = ""): string[] {
  const plain = pattern.replace("^src/", "").replaceAll("\\.", ".").replace("$", "");
  const [all, choices] = /\(([^)]*)\)/.exec(plain) ?? [];
  if (all === undefined || choices === undefined) return [plain];
  return choices
    .split("|")
    .map((choice) => plain.replace(all, choice))
    .map((each) => (/\/$|\.ts$/.test(each) ? each : `${each}.ts`))
    .sort();
}
