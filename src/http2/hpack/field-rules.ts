// Which names and values a field may have. RFC 9113, sections 8.2.1 and 8.2.2.

const namePattern = /^:?[!#$%&'*+\-.^_`|~0-9a-z]+$/;
// Neither NUL, CR nor LF anywhere, and no blank at either end.

const badValuePattern = /[\0\r\n]|^[ \t]|[ \t]$/;

/** Fields of one HTTP/1 connection, which HTTP/2 has no use for. `te` may only say `trailers`. */
const connectionFields = new Set([
  "connection",
  "proxy-connection",
  "keep-alive",
  "transfer-encoding",
  "upgrade",
]);

export function isValidField(name: string, value: string): boolean {
  if (!namePattern.test(name) || badValuePattern.test(value)) return false;
  if (name === "te") return value === "trailers";
  return !connectionFields.has(name);
}
