// Paths as Go cleans them.
import { baseName, cleanPath, cleanUrlPath } from "../../src/go/path";

test.each([
  ["/", "/", "/"],
  ["/a", "/a", "/a"],
  ["/a/", "/a", "/a/"],
  ["//a//b//", "/a/b", "/a/b/"],
  ["/a/./b/../c", "/a/c", "/a/c"],
  ["/../../a/..", "/", "/"],
])("%s is %s as a key and %s as the path of a URL", (path, key, url) => {
  expect([cleanPath(path), cleanUrlPath(path)]).toEqual([key, url]);
});

test("the base name is what follows the last slash", () => {
  expect(["/a/b", "/a/", "a"].map(baseName)).toEqual(["b", "", "a"]);
});
