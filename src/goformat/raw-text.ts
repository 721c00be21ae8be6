// Bytes that may be no UTF-8, carried in a string: each byte that belongs to no character becomes half of a surrogate pair,
// U+DC80…U+DCFF, which no valid text has (Python's PEP 383 does the same). Arguments of the command line come so.
import { utf8Size } from "./utf8";

const rawByte = /([\udc80-\udcff])/u;

export function rawText(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length;) {
    const size = utf8Size(bytes, at);
    text +=
      size === 0
        ? String.fromCharCode(0xdc00 + (bytes[at] as number))
        : Buffer.from(bytes.subarray(at, at + size)).toString();
    at += size || 1;
  }
  return text;
}

/** Bytes stay what they are. */
export function rawBytes(text: string | Uint8Array): Buffer {
  if (Buffer.isBuffer(text)) return text;
  if (typeof text !== "string") return Buffer.from(text.buffer, text.byteOffset, text.byteLength);
  if (!hasRawBytes(text)) return Buffer.from(text);
  const parts = text.split(rawByte);
  return Buffer.concat(
    parts.map((part, at) => (at % 2 === 0 ? Buffer.from(part) : Buffer.of(part.charCodeAt(0) - 0xdc00))),
  );
}

export function hasRawBytes(text: string): boolean {
  return rawByte.test(text);
}
