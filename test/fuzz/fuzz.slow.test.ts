// Every reader gets 2000 damaged inputs; `npm run fuzz` runs as many as you like. A self-test shows that the fuzzer finds faults.
import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import path from "node:path";
import { run } from "../support/child";
import { sharedFolder } from "../support/work-folder";

const folder = sharedFolder();
const targets = readdirSync(path.resolve("test/fuzz/targets")).map((file) => path.basename(file, ".ts"));

async function fuzz(...words: readonly string[]) {
  const argv = [process.execPath, path.join(folder, "fuzz.cjs"), ...words, "--findings", folder];
  const { exit, stdout, stderr } = await run(argv);
  return { exit, output: stdout.toString() + stderr.toString() };
}

beforeAll(() => {
  const esbuild = path.resolve("node_modules/.bin/esbuild");
  const options = ["--bundle", "--platform=node", "--target=node20", "--log-level=warning"];
  const outfile = `--outfile=${path.join(folder, "fuzz.cjs")}`;
  execFileSync(esbuild, ["test/fuzz/main.ts", ...options, outfile]);
});

test.each(targets.filter((name) => name !== "self-test"))(
  "%s reads or refuses each damaged input",
  async (target) => {
    const { exit, output } = await fuzz(target, "--count", "2000");
    expect({ exit, output }).toEqual({ exit: 0, output: expect.stringMatching(/ 0 findings; /) as string });
    // Some inputs pass the first checks, and some damage is found.
    const [, accepted, refused] = /(\d+) accepted, (\d+) refused/.exec(output) ?? [];
    expect(Number(accepted)).toBeGreaterThan(20);
    expect(Number(refused)).toBeGreaterThan(20);
  },
);

test("the fuzzer finds hangs, wrong errors, promises that never settle and too much memory, and continues after each", async () => {
  const { exit, output } = await fuzz(
    "self-test",
    "--count",
    "60",
    "--time-limit",
    "2",
    "--max-findings",
    "60",
    "--memory-limit",
    "64",
  );
  expect(exit).toBe(1);
  for (const problem of [
    "still running after 2000 ms",
    "TypeError: the wrong error",
    "a promise that is never settled",
    "bytes of memory outside the heap",
    "ended the thread: Error [ERR_WORKER_OUT_OF_MEMORY]",
  ])
    expect(output).toContain(problem);
  expect(output).toMatch(/\d+ accepted, [1-9]\d* refused/);
  const again = /again: npm run fuzz -- (.*)/.exec(output)?.[1]?.split(" ") ?? [];
  expect((await fuzz(...again, "--time-limit", "2")).exit).toBe(1);
});
