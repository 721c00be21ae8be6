import { run } from "../support/child";

test("the commands of the README print what it shows", async () => {
  const { exit, stderr } = await run([process.execPath, "scripts/demo.mjs", "--check"]);
  expect({ exit, stderr: stderr.toString() }).toEqual({ exit: 0, stderr: "" });
});
