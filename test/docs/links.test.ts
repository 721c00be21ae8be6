// Links inside the pages lead to files and headings that exist. Links to other sites are not followed.
import { existsSync, readFileSync, readdirSync } from "node:fs";
import path from "node:path";

const pages = [
  ...["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "test/fuzz/README.md"],
  ...readdirSync("docs").map((name) => path.join("docs", name)),
];

test.each(pages)("the links of %s lead somewhere", (page) => {
  const dead = linksOf(page).filter(({ file, anchor }) => {
    return !existsSync(file) || (anchor !== "" && !anchorsOf(file).includes(anchor));
  });
  expect(dead).toEqual([]);
});

function linksOf(page: string): { file: string; anchor: string }[] {
  const targets = Array.from(proseOf(page).matchAll(/\]\(([^)]+)\)/g), ([, target = ""]) => target);
  return targets
    .filter((target) => !target.includes("://"))
    .map((target) => {
      const [file = "", anchor = ""] = target.split("#");
      return { file: file === "" ? page : path.join(path.dirname(page), file), anchor };
    });
}

/** GitHub's anchor of each heading: small letters, blanks as dashes, no other signs. */
function anchorsOf(page: string): string[] {
  const headings = Array.from(proseOf(page).matchAll(/^#+ (.*)$/gm), ([, heading = ""]) => heading);
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w -]/g, "")
      .replaceAll(" ", "-"),
  );
}

/** The page without its code blocks. */
function proseOf(page: string): string {
  return readFileSync(page, "utf8").replaceAll(/^```[^]*?^```/gm, "");
}
