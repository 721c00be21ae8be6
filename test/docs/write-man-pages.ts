// `npm run man`: writes the manual pages to man/, and their list to package.json. When the package is installed globally, npm puts
// the pages of the list where `man` finds them; it does not look into the directory.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { manPages } from "./man-pages";

void manPages().then((pages) => {
  rmSync("man", { recursive: true, force: true });
  mkdirSync("man");
  for (const [name, text] of pages) writeFileSync(path.join("man", name), text);
  const manifest = JSON.parse(readFileSync("package.json", "utf8")) as object;
  const man = [...pages.keys()].map((name) => `man/${name}`);
  writeFileSync("package.json", `${JSON.stringify({ ...manifest, man }, null, 2)}\n`);
});
