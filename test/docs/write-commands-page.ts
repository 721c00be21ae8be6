// `npm run docs`
import { readFileSync, writeFileSync } from "node:fs";
import { commandsPage } from "./commands-page";
import { servePage } from "./serve-page";

void commandsPage().then((page) => writeFileSync("docs/COMMANDS.md", page));

writeFileSync("docs/SERVE.md", servePage(readFileSync("docs/SERVE.md", "utf8")));
