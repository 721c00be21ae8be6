// Makes the page of `etcdctl ui` from src/ui/page/: src/ui/gen/page.ts, a module with the page's three files as texts. A module
// goes into the bundle and into the executable as any other, so the program reads no file when it runs.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const source = path.join(root, "src", "ui", "page");
const target = path.join(root, "src", "ui", "gen", "page.ts");

const { outputFiles } = await build({
  absWorkingDir: root,
  entryPoints: { page: path.join(source, "main.ts"), style: path.join(source, "style.css") },
  outdir: "unused",
  bundle: true,
  minify: true,
  write: false,
  platform: "browser",
  format: "iife",
  target: "es2022",
  charset: "ascii",
  tsconfig: path.join(source, "tsconfig.json"),
  logLevel: "warning",
});
const built = (extension) => outputFiles.find(({ path: file }) => file.endsWith(extension)).text;
const page = {
  html: readFileSync(path.join(source, "index.html"), "utf8"),
  icon: readFileSync(path.join(source, "icon.svg"), "utf8"),
  css: built(".css"),
  script: built(".js"),
};
mkdirSync(path.dirname(target), { recursive: true });
writeFileSync(
  target,
  `// Written by scripts/generate-page.mjs.\nexport const page = ${JSON.stringify(page, null, 2)} as const;\n`,
);
