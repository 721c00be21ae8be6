// The single-file executables: what only they have, and that those for other machines start and put. The other suites run with
// the executable of this machine when ETCDCTL_UNDER_TEST is set (.ci/run).
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { startEmbeddedServer, type EmbeddedServer } from "../../src/server/server";
import { Child, run } from "../support/child";
import { testUnless } from "../support/skip";
import { sharedFolder, workFolder } from "../support/work-folder";

const machine = process.arch === "arm64" ? "linux-arm64" : "linux-x64";
const folder = workFolder();
let server: EmbeddedServer;

function build(...targets: string[]): string {
  execFileSync(process.execPath, ["scripts/build-executable.mjs", ...targets], { stdio: "pipe" });
  return path.resolve("executables", targets[0] ?? machine, "etcdctl");
}

beforeAll(async () => {
  build();
  server = await startEmbeddedServer();
});
afterAll(() => server.stop());

const executable = path.resolve("executables", machine, "etcdctl");

/** Runs a command of the executable with this name. */
async function runAs(name: string, words: readonly string[], env: Record<string, string> = {}) {
  const file = path.join(folder(), name);
  if (!existsSync(file)) symlinkSync(executable, file);
  const { exit, stdout, stderr } = await run([file, ...words], { cwd: folder(), env });
  return { exit, stdout: stdout.toString(), stderr: stderr.toString() };
}

test("its name selects the program", async () => {
  expect((await runAs("etcdctl", ["version"])).stdout).toMatch(/^etcdctl version/);
  expect((await runAs("etcdctl-3.7", ["version"])).stdout).toMatch(/^etcdctl version/);
  expect((await runAs("etcdutl", ["version"])).stdout).toMatch(/^etcdutl version/);
});

test("with the name etcd it is the server", async () => {
  const file = path.join(folder(), "etcd");
  symlinkSync(executable, file);
  const served = new Child([file, "--listen-client-urls", "http://127.0.0.1:0"], { cwd: folder(), env: {} });
  await served.printed("stdout", "serving on ");
  const [, endpoint = ""] = /^serving on (\S+)/.exec(served.stdout.toString()) ?? [];
  expect((await runAs("etcdctl", ["put", "a", "1", "--endpoints", endpoint])).stdout).toBe("OK\n");
  served.signal("SIGTERM");
  expect((await served.finish()).exit).toBe(0);
});

test("it writes and reads backups in gzip and zstd", async () => {
  const env = { ETCDCTL_ENDPOINTS: server.endpoint };
  for (const name of ["backup.db.gz", "backup.db.zst"]) {
    expect(await runAs("etcdctl", ["snapshot", "save", name], env)).toMatchObject({ exit: 0 });
    expect((await runAs("etcdctl", ["snapshot", "verify", name])).stdout).toContain(
      `${name}: whole, hash right`,
    );
  }
});

test("files of the working directory that configure the compiler's runtime have no effect", async () => {
  writeFileSync(path.join(folder(), ".env"), "ETCDCTL_ENDPOINTS=nowhere.invalid:1\n");
  writeFileSync(path.join(folder(), "bunfig.toml"), 'preload = ["./preload.js"]\n');
  writeFileSync(path.join(folder(), "preload.js"), 'console.log("preloaded");\n');
  const put = await runAs("etcdctl", ["put", "a", "1"], { ETCDCTL_ENDPOINTS: server.endpoint });
  expect(put).toEqual({ exit: 0, stdout: "OK\n", stderr: "" });
});

const emulator = "/usr/bin/qemu-aarch64-static";
const armRoot = "/usr/aarch64-linux-gnu";
const noEmulator =
  existsSync(emulator) && existsSync(armRoot) ? undefined : `${emulator} or ${armRoot} is missing`;

testUnless(noEmulator, "the executable for arm64 puts and gets", async () => {
  const words = [emulator, "-L", armRoot, build("linux-arm64")];
  const env = { ETCDCTL_ENDPOINTS: server.endpoint };
  expect((await run([...words, "put", "arm64", "1"], { env })).stdout.toString()).toBe("OK\n");
  expect((await run([...words, "get", "arm64"], { env })).stdout.toString()).toBe("arm64\n1\n");
});

const musl = "/lib/ld-musl-x86_64.so.1";
const noMusl = existsSync(musl) ? undefined : `${musl} is missing`;
const libraries = sharedFolder();

testUnless(noMusl, "the executable for musl puts and gets", async () => {
  copyFileSync(musl, path.join(libraries, "libc.musl-x86_64.so.1"));
  for (const name of ["libstdc++.so.6", "libgcc_s.so.1"]) {
    const [found = ""] = ["/usr/lib/x86_64-linux-gnu", "/lib/x86_64-linux-gnu"]
      .map((dir) => path.join(dir, name))
      .filter((file) => existsSync(file));
    copyFileSync(found, path.join(libraries, name));
  }
  const shim = path.join(libraries, "ld-linux-x86-64.so.2");
  const flags = ["-shared", "-fPIC", "-nostdlib", "-fno-builtin", "-w"];
  execFileSync("cc", [...flags, "-o", shim, "test/executable/musl-shim.c"]);
  const file = build("linux-x64-musl");
  const env = { ETCDCTL_ENDPOINTS: server.endpoint, LD_LIBRARY_PATH: libraries };
  expect((await run([file, "put", "musl", "1"], { env })).stdout.toString()).toBe("OK\n");
  expect((await run([file, "get", "musl"], { env })).stdout.toString()).toBe("musl\n1\n");
});

test("an unknown target is refused with the list", () => {
  expect(() => build("linux-mips")).toThrow(/unknown target linux-mips: choose from all, linux-x64, /);
});
