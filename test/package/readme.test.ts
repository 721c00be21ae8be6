// What the README shows is what a new user sees.
import { run } from "../support/child";

test("the README's commands print what it shows", async () => {
  const { exit, stderr } = await run([process.execPath, "scripts/demo.mjs", "--check"]);
  expect({ exit, stderr: stderr.toString() }).toEqual({ exit: 0, stderr: "" });
});
