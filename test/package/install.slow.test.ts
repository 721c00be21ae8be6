// Packs the package and installs it globally, as the README shows. It needs dist/, which `npm run test:slow` builds.
import { readdirSync } from "node:fs";
import path from "node:path";
import { startEmbeddedServer } from "../../src/server/server";
import { run } from "../support/child";
import { workFolder } from "../support/work-folder";

const folder = workFolder();

/** Runs npm without network, audit and cache, and returns stdout. */
async function npm(...words: readonly string[]): Promise<string> {
  const quiet = ["--offline", "--no-audit", "--no-fund", "--no-update-notifier", `--cache=${folder()}/cache`];
  const { exit, stdout, stderr } = await run(["npm", ...words, ...quiet]);
  expect({ exit, stderr: stderr.toString() }).toEqual({ exit: 0, stderr: "" });
  return stdout.toString();
}

test("the packed file installs globally without a warning, and its programs run", async () => {
  await npm("run", "--silent", "man");
  // --ignore-scripts: a build here would change dist/ while other tests run it.
  const packed = await npm("pack", "--ignore-scripts", "--json", `--pack-destination=${folder()}`);
  const [file] = JSON.parse(packed) as { filename: string }[];
  const prefix = path.join(folder(), "prefix");
  await npm("install", "--global", path.join(folder(), file?.filename ?? ""), `--prefix=${prefix}`);

  await using server = await startEmbeddedServer();
  const program = async (name: string, ...words: string[]) => {
    const env = { PATH: process.env["PATH"], HOME: folder(), ETCDCTL_ENDPOINTS: server.endpoint };
    const { exit, stdout, stderr } = await run([path.join(prefix, "bin", name), ...words], { env });
    expect({ exit, stderr: stderr.toString() }).toEqual({ exit: 0, stderr: "" });
    return stdout.toString();
  };
  expect(await program("etcdctl", "put", "key1", "value1")).toBe("OK\n");
  expect(await program("etcdctl", "get", "key1")).toBe("key1\nvalue1\n");
  // The name by which `npx etcdctl-node` finds the program.
  expect(await program("etcdctl-node", "version")).toMatch(/^etcdctl version: /);
  expect(await program("etcdutl", "version")).toMatch(/^etcdutl version: /);
  const manuals = readdirSync(path.join(prefix, "share/man/man1"));
  expect(manuals).toEqual(expect.arrayContaining(["etcdctl.1", "etcdctl-get.1", "etcdutl-defrag.1"]));
});

test("the package has no script that npm runs or warns about when it is installed", async () => {
  const { scripts } = (await import("../../package.json")) as { scripts: Record<string, string> };
  const installScripts = [
    "preinstall",
    "install",
    "postinstall",
    "prepublish",
    "preprepare",
    "prepare",
    "postprepare",
  ];
  expect(Object.keys(scripts).filter((name) => installScripts.includes(name))).toEqual([]);
});
