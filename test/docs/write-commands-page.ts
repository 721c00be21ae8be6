// `npm run docs`
import { writeFileSync } from "node:fs";
import { commandsPage } from "./commands-page";

void commandsPage().then((page) => writeFileSync("docs/COMMANDS.md", page));
