// Runs the commands of the README on an embedded server, in a temporary directory, and prints each with its output.
//   node scripts/demo.mjs [--check]    --check fails when the output differs from the README
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const bin = path.join(root, "bin", "etcdctl.js");

/** The console block after the `demo` mark: `$ command` lines, each followed by its output. */
function readmeSteps() {
  const readme = readFileSync(path.join(root, "README.md"), "utf8");
  const block = /<!-- demo -->\s*```console\n([\s\S]*?)```/.exec(readme)?.[1];
  if (!block) throw new Error("README.md has no demo block");
  return block
    .split(/^\$ /m)
    .slice(1)
    .map((step) => {
      const [command, ...output] = step.split("\n");
      return { command, output: output.join("\n") };
    });
}

function run(args, options) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [bin, ...args], {
      stdio: ["ignore", "pipe", "inherit"],
      ...options,
    });
    let output = "";
    child.stdout.on("data", (chunk) => (output += chunk));
    child.on("error", reject);
    child.on("close", () => resolve(output));
  });
}

/** Hides times and ports, which differ in each run. */
const mask = (text) =>
  text.replace(/took = \S+/g, "took = …").replace(/(127\.0\.0\.1|localhost):\d+/g, "$1:…");

const { startEmbeddedServer } = await import(path.join(root, "dist", "index.js"));
const cleanEnv = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.startsWith("ETCDCTL_")),
);
const cwd = mkdtempSync(path.join(os.tmpdir(), "etcdctl-demo-"));
const server = await startEmbeddedServer();
let differences = 0;
try {
  for (const { command, output } of readmeSteps()) {
    const actual = await run(command.split(" ").slice(1), {
      cwd,
      env: { ...cleanEnv, ETCDCTL_ENDPOINTS: `127.0.0.1:${server.port}` },
    });
    process.stdout.write(`$ ${command}\n${actual}`);
    if (process.argv.includes("--check") && mask(actual) !== mask(output)) {
      differences++;
      process.stderr.write(`README.md shows:\n${output}`);
    }
  }
} finally {
  await server.stop();
  rmSync(cwd, { recursive: true, force: true });
}
process.exitCode = differences === 0 ? 0 : 1;
