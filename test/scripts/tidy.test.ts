// The tidy check finds what it is there to find, and lets pass what only looks like it.
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { run } from "../support/child";
import { workFolder } from "../support/work-folder";

const folder = workFolder();

/** Runs the check over these files; returns its exit code and the lines it prints. */
async function tidy(files: Readonly<Record<string, string>>) {
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(folder(), name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
  const { exit, stdout, stderr } = await run([process.execPath, path.resolve("scripts/tidy.mjs"), folder()]);
  expect(stderr.toString()).toBe("");
  return { exit, lines: stdout.toString().split("\n").slice(0, -1) };
}

const lines = (count: number) => "export {};\n".repeat(count);

test("clean files pass", async () => {
  expect(await tidy({ "src/a.ts": lines(100), "README.md": "# A page\n" })).toEqual({ exit: 0, lines: [] });
});

test("a file past 450 lines is reported with its length", async () => {
  expect(await tidy({ "src/a.ts": lines(450), "test/b.ts": lines(451) })).toEqual({
    exit: 1,
    lines: ["test/b.ts:451: file length: more than 450 lines", "1 file length"],
  });
});

test("too many small files in src are reported by name, small tests are not", async () => {
  const files = { "src/a.ts": lines(39), "src/b.ts": lines(40), "test/c.ts": lines(1) };
  expect(await tidy(files)).toEqual({
    exit: 1,
    lines: ["src:0: small files: 1 of 2 files have less than 40 lines: src/a.ts", "1 small files"],
  });
});

test.each<[string, string, string]>([
  ["a banned word in a comment", "src/a.ts", "// The user is told.\n"],
  ["a banned word in a string", "src/a.ts", 'const title = "tells all";\n'],
  ["a banned word in a page", "docs/A.md", "It goes on.\n"],
  ["a phrase over two lines of a comment", "src/a.ts", "// This answers\n// to etcd's key.go.\n"],
  ["a phrase over two lines of a docstring", "src/a.ts", "/** It runs by\n * itself. */\n"],
  ["a word with a capital", "README.md", "Nobody knows.\n"],
  ["the name of a file that is not there", "src/a.ts", "// As in cli/gone.ts.\n"],
  ["the name of a file in a comment after code", "src/a.ts", "f(); // see gone.mjs\n"],
  ["the name of a file in a page", "docs/A.md", "See `src/gone.ts`.\n"],
  ["a path without an ending", "src/a.ts", "// as src/gone/all does\n"],
  ["the name of a folder that is not there", "src/a.ts", "// All of gone/ knows it.\n"],
  ["it() for test()", "test/a.test.ts", '  it("works", () => undefined);\n'],
  ["a focused test", "test/a.test.ts", 'test.only("works", () => undefined);\n'],
  ["a fixed sleep", "test/a.ts", "await new Promise((resolve) => setTimeout(resolve, 20));\n"],
  ["an asserted duration", "test/a.ts", "expect(performance.now() - start).toBeLessThan(9);\n"],
  ["an assertion that cannot fail", "test/a.ts", "expect(true).toBe(true);\n"],
])("%s is reported", async (_, file, text) => {
  const { exit, lines } = await tidy({ [file]: `\n${text}`, "src/long.ts": "export {};\n".repeat(100) });
  expect(exit).toBe(1);
  expect(lines.filter((line) => line.startsWith(`${file}:2: `))).toHaveLength(1);
});

test("what only looks like a finding passes", async () => {
  const source = [
    "// Go: server/gone/key.go, server/gone/util.ts",
    "// It is written in src/there.ts and in there.ts, run by Node.js from dist/there.js.",
    "// The interrupted run leaves no file behind, as soon as it is over. Retold, foretell.",
    'import { gone } from "./gone.js";',
    "const pattern = /gone.ts/;",
    'const commit = it("works");',
  ];
  const { lines: found } = await tidy({
    "src/there.ts": lines(100),
    "src/a.ts": source.join("\n") + lines(100),
    "docs/A.md": "```ts\n// your-program.ts\n```\n",
    "test/a.ts": "setTimeout(() => send(), 50);\n",
  });
  expect(found).toEqual([]);
});
