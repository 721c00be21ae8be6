// V8's code cache of the library: in a copy of the package, as an installation has none. Needs `npm run build`, which `npm test`
// runs first.
import { cpSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { run } from "../support/child";
import { workFolder } from "../support/work-folder";

const folder = workFolder();
const installed = () => path.join(folder(), "node_modules", "etcdctl-node");
const caches = () => readdirSync(path.join(installed(), "dist")).filter((file) => file.includes(".cache"));

/** Without the cache that the build has made. */
function install(files: readonly RegExp[] = [/^bin$/, /^bin.etcdctl\.js$/]): void {
  mkdirSync(installed(), { recursive: true });
  const isInstalled = (file: string) =>
    /^(package\.json|dist|dist.index.*\.js)$/.test(file) || files.some((each) => each.test(file));
  for (const name of ["package.json", "dist", "bin"]) {
    const from = path.resolve(name);
    const filter = (file: string) => isInstalled(path.relative(process.cwd(), file));
    cpSync(from, path.join(installed(), name), { recursive: true, filter });
  }
}

async function runProgram(text: string, env: Readonly<Record<string, string>> = {}) {
  writeFileSync(path.join(folder(), "program.cjs"), text);
  const options = { cwd: folder(), env: { ...process.env, XDG_CACHE_HOME: folder(), ...env } };
  const { exit, stdout, stderr } = await run([process.execPath, "program.cjs"], options);
  return { exit, stdout: stdout.toString(), stderr: stderr.toString() };
}

const program = `const { startEmbeddedServer } = require("etcdctl-node");
  (async () => {
    const server = await startEmbeddedServer();
    await server.client().put("a", "1");
    console.log((await server.client().get("a")).string());
    await server.stop();
    await (await startEmbeddedServer()).stop();
  })();`;
const one = { exit: 0, stdout: "1\n", stderr: "" };

test("the first stop() of a server writes it, and the next process uses it", async () => {
  install();
  expect(await runProgram(program)).toEqual(one);
  const [file = "", ...others] = caches();
  expect({ file, others }).toEqual({
    file: expect.stringMatching(/^index-start\.js\.v/) as string,
    others: [],
  });
  const { ino } = statSync(path.join(installed(), "dist", file));
  expect(await runProgram(program)).toEqual(one);
  expect(statSync(path.join(installed(), "dist", file)).ino).toBe(ino); // it was good
});

test("one that is damaged is replaced", async () => {
  install();
  await runProgram(program);
  const file = path.join(installed(), "dist", caches()[0] ?? "");
  writeFileSync(file, "damaged");
  expect(await runProgram(program)).toEqual(one);
  expect(statSync(file).size).toBeGreaterThan(1000);
});

test("NODE_DISABLE_COMPILE_CACHE turns it off", async () => {
  install();
  expect(await runProgram(program, { NODE_DISABLE_COMPILE_CACHE: "1" })).toEqual(one);
  expect(caches()).toEqual([]);
});

test("the library works without it where its files were moved", async () => {
  install([]);
  expect(await runProgram(program)).toEqual(one);
  expect(caches()).toEqual([]);
});

test("in a context that is not the process's, as in jest, the errors of the library are that context's", async () => {
  install();
  const inContext = `const { readFileSync } = require("node:fs");
    const { createRequire, wrap } = require("node:module");
    const { dirname } = require("node:path");
    const { createContext, Script } = require("node:vm");
    const globals = { process, Buffer, URL, AbortController, AbortSignal, setTimeout, clearTimeout };
    const context = createContext({ ...globals, performance, Uint8Array, TextEncoder, TextDecoder });
    const loaded = {};
    const load = (file) => {
      if (loaded[file]) return loaded[file].exports;
      const module = (loaded[file] = { exports: {} });
      const require = createRequire(file);
      const inner = (name) => (name.startsWith(".") ? load(require.resolve(name)) : require(name));
      const run = new Script(wrap(readFileSync(file, "utf8").replace(/^#!/, "//"))).runInContext(context);
      run(module.exports, inner, module, file, dirname(file));
      return module.exports;
    };
    const { startEmbeddedServer } = load(require.resolve("etcdctl-node"));
    const theirs = new Script("TypeError").runInContext(context);
    startEmbeddedServer({ nane: "x" }).catch((error) => console.log(error instanceof theirs, error.message));`;
  const { stdout, stderr } = await runProgram(inContext);
  expect(stderr).toBe("");
  expect(stdout).toMatch(/^true .*nane/);
});
