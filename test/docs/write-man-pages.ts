// `npm run man`: writes the manual pages to man/, which npm puts where `man` finds them when the package is installed globally.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { manPages } from "./man-pages";

void manPages().then((pages) => {
  rmSync("man", { recursive: true, force: true });
  mkdirSync("man");
  for (const [name, text] of pages) writeFileSync(path.join("man", name), text);
});
