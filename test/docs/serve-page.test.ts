// docs/SERVE.md lists the flags of the code.
import { readFileSync } from "node:fs";
import { servePage } from "./serve-page";

test("docs/SERVE.md lists every flag with what serve does with it; `npm run docs` updates it", () => {
  const page = readFileSync("docs/SERVE.md", "utf8");
  // prettier wraps the lists.
  const words = (text: string) => text.split(/\s+/).join(" ");
  expect(words(page)).toBe(words(servePage(page)));
});
