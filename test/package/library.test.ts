// The library in a project that has the package installed: from ESM and CommonJS, with types, and without keeping the process
// alive.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { startEmbeddedServer } from "../../src/server/server";
import { run } from "../support/child";
import { workFolder } from "../support/work-folder";

const folder = workFolder();
const root = process.cwd();

/** Writes a program into a project that has the package installed and runs it. */
async function runProgram(name: string, text: string) {
  mkdirSync(path.join(folder(), "node_modules"));
  symlinkSync(root, path.join(folder(), "node_modules", "etcdctl-node"));
  writeFileSync(path.join(folder(), name), text);
  const { exit, stdout, stderr } = await run([process.execPath, name], { cwd: folder() });
  return { exit, stdout: stdout.toString(), stderr: stderr.toString() };
}

const body = `
  const server = await startEmbeddedServer({ keys: { greeting: "hello" } });
  const client = server.client();
  const { kvs } = await client.kv.range(RangeRequest.create({ key: Buffer.from("greeting") }));
  console.log(kvs[0].value.toString());
`;
const hello = { exit: 0, stdout: "hello\n", stderr: "" };

test("an ES module imports single names", async () => {
  const program = `import { startEmbeddedServer, RangeRequest } from "etcdctl-node";\n${body}\nawait server.stop();`;
  expect(await runProgram("program.mjs", program)).toEqual(hello);
});

test("a CommonJS module requires the package", async () => {
  const program = `const { startEmbeddedServer, RangeRequest } = require("etcdctl-node");
    (async () => { ${body} await server.stop(); })();`;
  expect(await runProgram("program.cjs", program)).toEqual(hello);
});

test("after stop() nothing keeps the process alive, even with open watches and leases", async () => {
  const program = `import { startEmbeddedServer, LeaseGrantRequest } from "etcdctl-node";
    const server = await startEmbeddedServer();
    const client = server.client();
    await client.lease.leaseGrant(LeaseGrantRequest.create({ TTL: 600n }));
    const requests = (async function* () { await new Promise(() => {}); })();
    const watch = client.watch.watch(requests)[Symbol.asyncIterator]();
    const pending = watch.next().catch((error) => console.log(error.name));
    await server.stop();
    await pending;`;
  expect(await runProgram("program.mjs", program)).toEqual({ exit: 0, stdout: "EtcdError\n", stderr: "" });
});

test("a program stays alive until its first call is answered, and exits after close()", async () => {
  await using server = await startEmbeddedServer({ keys: { a: "1" } });
  const program = `import { connect, RangeRequest } from "etcdctl-node";
    const client = await connect({ endpoints: ["127.0.0.1:${server.port}"] });
    const { count } = await client.kv.range(RangeRequest.create({ key: Buffer.from("a") }));
    console.log(String(count));
    await client.close();`;
  expect(await runProgram("program.mjs", program)).toEqual({ exit: 0, stdout: "1\n", stderr: "" });
});

test("importing the library opens no handle and prints nothing", async () => {
  const program = `require("etcdctl-node");
    console.log(process.getActiveResourcesInfo().filter((name) => name !== "PipeWrap").join(" "));`;
  expect(await runProgram("program.cjs", program)).toEqual({ exit: 0, stdout: "\n", stderr: "" });
});

test("a server, a client and a put read one file of the library", async () => {
  const program = `const path = require("node:path");
    const { startEmbeddedServer, connect } = require("etcdctl-node");
    (async () => {
      const server = await startEmbeddedServer();
      const client = await connect({ endpoints: [server.endpoint] });
      await client.put("key", "value");
      console.log(Object.keys(require.cache).map((file) => path.basename(file)).join(" "));
      await client.close();
      await server.stop();
    })();`;
  expect(await runProgram("program.cjs", program)).toEqual({
    exit: 0,
    stdout: "program.cjs index.js etcdctl.js\n",
    stderr: "",
  });
});

test("the package has complete types", () => {
  const program = `import { startEmbeddedServer, RangeRequest } from "etcdctl-node";
    export async function first(): Promise<string | undefined> {
      await using server = await startEmbeddedServer({ keys: { a: "1" } });
      const { kvs } = await server.client().kv.range(RangeRequest.create({ key: Buffer.from("a") }));
      const version: bigint | undefined = kvs[0]?.version;
      return version?.toString();
    }`;
  mkdirSync(path.join(folder(), "node_modules", "@types"), { recursive: true });
  symlinkSync(root, path.join(folder(), "node_modules", "etcdctl-node"));
  symlinkSync(path.join(root, "node_modules/@types/node"), path.join(folder(), "node_modules/@types/node"));
  writeFileSync(path.join(folder(), "program.mts"), program);
  const tsc = path.join(root, "node_modules", "typescript", "bin", "tsc");
  const flags = ["--noEmit", "--strict", "--module", "nodenext", "--target", "es2022", "--types", "node"];
  const lib = ["--lib", "es2023,esnext.disposable"];
  execFileSync(process.execPath, [tsc, ...flags, ...lib, "program.mts"], { cwd: folder(), stdio: "pipe" });
  expect(existsSync(path.join(folder(), "program.mts"))).toBe(true);
});

test("jest exits without --forceExit after a suite with the embedded server", async () => {
  const jest = path.join(root, "node_modules", "jest", "bin", "jest.js");
  writeFileSync(path.join(folder(), "package.json"), "{}");
  const suite = `const { startEmbeddedServer, RangeRequest } = require("etcdctl-node");
    let server;
    beforeAll(async () => { server = await startEmbeddedServer({ keys: { a: "1" } }); });
    afterAll(() => server.stop());
    test("reads", async () => {
      const { count } = await server.client().kv.range(RangeRequest.create({ key: Buffer.from("a") }));
      expect(count).toBe(1n);
    });`;
  mkdirSync(path.join(folder(), "node_modules"));
  symlinkSync(root, path.join(folder(), "node_modules", "etcdctl-node"));
  writeFileSync(path.join(folder(), "suite.test.cjs"), suite);
  const words = [
    "--rootDir",
    folder(),
    "--testMatch",
    "**/suite.test.cjs",
    "--detectOpenHandles",
    "--no-cache",
  ];
  const { exit, stderr } = await run([process.execPath, jest, ...words], { cwd: folder() });
  expect(stderr.toString()).toContain("1 passed");
  expect(stderr.toString()).not.toMatch(/open handle|did not exit/i);
  expect(exit).toBe(0);
});
