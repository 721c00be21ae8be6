// The manual pages: one for each command, without a warning of the program that shows them, and with every flag.
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { globalFlags } from "../../src/cli/global-flags";
import { testUnless } from "../support/skip";
import { sharedFolder } from "../support/work-folder";
import { manPages } from "./man-pages";

interface Manifest {
  readonly files: readonly string[];
  readonly man: readonly string[];
  readonly scripts: Readonly<Record<string, string>>;
}

const folder = sharedFolder();
let files: readonly string[];
let pages: ReadonlyMap<string, string>;

beforeAll(async () => {
  pages = await manPages();
  for (const [name, text] of pages) writeFileSync(path.join(folder, name), text);
  files = [...pages.keys()].map((name) => path.join(folder, name));
});

const isThere = (program: string, flag: string) => spawnSync(program, [flag]).error === undefined;
const noMandoc = isThere("mandoc", "-Tlint") ? undefined : "mandoc is not installed";
const noGroff = isThere("groff", "--version") ? undefined : "groff is not installed";

test("there is a page for each program and each command, with what the command takes", () => {
  expect([...pages.keys()]).toEqual(
    expect.arrayContaining([
      "etcdctl.1",
      "etcdutl.1",
      "etcdctl-get.1",
      "etcdctl-snapshot-save.1",
      "etcdutl-migrate.1",
    ]),
  );
  expect(pages.get("etcdctl-get.1")).toContain(
    "\n.TP\n.B \\-\\-keys\\-only\nprint only keys, without values\n",
  );
  for (const name of Object.keys(globalFlags)) {
    expect(pages.get("etcdctl.1")).toContain(`\\-\\-${name.replaceAll("-", "\\-")}`);
  }
});

test("`npm pack` puts them into the package, with the list that npm installs; `npm run man` writes it", () => {
  const manifest = JSON.parse(readFileSync("package.json", "utf8")) as Manifest;
  expect(manifest.files).toContain("man");
  expect(manifest.scripts["prepack"]).toContain("npm run man");
  expect(manifest.man).toEqual([...pages.keys()].map((name) => `man/${name}`));
});

testUnless(noMandoc, "mandoc finds no mistake in them", async () => {
  const { stdout } = spawnSync("mandoc", ["-Tlint", "-Wwarning", ...files]);
  // The pages have no date, since they are the same whenever they are written.
  expect(stdout.toString().replaceAll(/^.*missing date.*\n/gm, "")).toBe("");
});

testUnless(noGroff, "groff shows them without a warning", async () => {
  const { stderr, status } = spawnSync("groff", ["-man", "-Tutf8", "-ww", "-z", ...files]);
  expect({ status, stderr: stderr.toString() }).toEqual({ status: 0, stderr: "" });
  const [get = ""] = files.filter((file) => file.endsWith("etcdctl-get.1"));
  const shown = execFileSync("groff", ["-man", "-Tascii", "-P-cbou", get]).toString();
  expect(shown).toMatch(/NAME\n +etcdctl-get - get a key or a range of keys\n/);
  expect(shown).toMatch(/ --rev <int>\n +read the keys as they were at this revision\n/);
});
