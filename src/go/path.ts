// Paths of URLs and of version 2's keys. Go: path/path.go (Clean, Join), net/http/server.go (cleanPath)

/** The shortest path with the same meaning: without `//`, `.`, `..` and a slash at the end. Takes paths that begin with a slash. */
export function cleanPath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}

/** The path that Go's HTTP server redirects to: clean, but a slash at the end stays. */
export function cleanUrlPath(path: string): string {
  const clean = cleanPath(path);
  return path.endsWith("/") && clean !== "/" ? `${clean}/` : clean;
}

/** A decoded path as Go's URL prints it. Go: net/url/url.go (shouldEscape) */
export function escapeUrlPath(path: string): string {
  return path.replace(/[^\w.~$&+,/:;=@-]+/gu, (text) =>
    Array.from(Buffer.from(text), (byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`).join(""),
  );
}

/** What follows the last slash. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
