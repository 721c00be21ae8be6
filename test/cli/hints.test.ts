// Every hint is written in one way, so that a person sees it dim on a terminal wherever it comes from.
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { startEmbeddedServer, type EmbeddedServer } from "../../src/index";
import { main } from "../../src/cli/main";
import { testIo, type TestIoOptions } from "../support/test-io";

let server: EmbeddedServer;
beforeAll(async () => (server = await startEmbeddedServer({ keys: { a: "1" } })));
afterAll(() => server.stop());

async function stderrOf(words: readonly string[], options: TestIoOptions = {}): Promise<string> {
  const io = testIo({ terminal: true, ...options });
  await main(["--endpoints", server.endpoint, ...words], io);
  return io.stderr.text;
}

test.each([
  { where: "a command", words: ["del", "a", "--dry-run"] },
  { where: "an error", words: ["put", "a", "1", "--lease=5"] },
  {
    where: "a failure that a command reports",
    words: ["--endpoints", "127.0.0.1:1", "--command-timeout=0s", "endpoint", "status"],
  },
  { where: "the flags", words: ["get", "a", "-keys-only"] },
  { where: "a panic of Go's", words: ["txn"], stdin: 'value("a") ? "1"\n\n\n\n' },
])("a hint of $where is dim on a terminal", async ({ words, stdin = "" }) => {
  const lines = (await stderrOf(words, { stdin })).split("\n").filter((line) => line.includes("hint: "));
  expect(lines).not.toEqual([]);
  for (const line of lines) {
    expect(line.startsWith("\u001b[2mhint: ")).toBe(true);
    expect(line.endsWith("\u001b[22m")).toBe(true);
  }
});

test.each([
  { where: "a pipe", options: { terminal: false } },
  { where: "a terminal with NO_COLOR", options: { env: { NO_COLOR: "1" } } },
  { where: "a dumb terminal", options: { env: { TERM: "dumb" } } },
])("a hint in $where is plain", async ({ options }) => {
  expect(await stderrOf(["del", "a", "--dry-run"], options)).toBe(
    "hint: this was a dry run, nothing has been deleted\n",
  );
});

test("no other file writes a hint", () => {
  const src = path.join(__dirname, "..", "..", "src");
  const files = readdirSync(src, { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith(".ts"),
  );
  const writers = files.filter((file) =>
    /(["'`]|\\n)hint: (?!…)/.test(readFileSync(path.join(src, file), "utf8")),
  );
  expect(writers).toEqual(["hints.ts"]);
});
