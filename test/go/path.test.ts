// Paths as Go cleans them.
import { baseName, cleanPath, cleanUrlPath, escapeUrlPath, escapeQuery } from "../../src/go/path";

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

test("a path and a query escape different bytes", () => {
  const text = "a b/ü?#%'()*!\"<>[]^`{|}~$&+,:;=@-_.";
  expect(escapeUrlPath(text)).toBe(
    "a%20b/%C3%BC%3F%23%25%27%28%29%2A%21%22%3C%3E%5B%5D%5E%60%7B%7C%7D~$&+,:;=@-_.",
  );
  expect(escapeQuery("a b/ü$~")).toBe("a+b%2F%C3%BC%24~");
});

test("the base name is what follows the last slash", () => {
  expect(["/a/b", "/a/", "a"].map(baseName)).toEqual(["b", "", "a"]);
});
