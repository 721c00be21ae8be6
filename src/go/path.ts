// Paths of URLs and of version 2's keys. Go: path/path.go (Clean, Join), net/http/server.go (cleanPath)
import { rawBytes } from "./raw-text";

/** The shortest path with the same meaning: without `//`, `.`, `..` and a slash at the end. It begins with a slash. */
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
  return escapeAllBut(/[A-Za-z\d\-_.~$&+,/:;=@]/, path);
}

/** A name or a value of a query. Go: net/url/url.go (QueryEscape) */
export function escapeQuery(value: string | Uint8Array): string {
  return escapeAllBut(/[A-Za-z\d\-_.~ ]/, value).replaceAll(" ", "+");
}

function escapeAllBut(allowed: RegExp, value: string | Uint8Array): string {
  let escaped = "";
  for (const byte of rawBytes(value)) {
    const character = String.fromCharCode(byte);
    const code = byte.toString(16).toUpperCase().padStart(2, "0");
    escaped += allowed.test(character) ? character : `%${code}`;
  }
  return escaped;
}

/** What follows the last slash. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
