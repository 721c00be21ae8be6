// Keys on their way to the page and back: base64 for the bytes, a label for the eyes.
import { oneSafeLine, rawText } from "../go/raw-text";
import { firstKey, openRangeEnd, prefixEnd } from "../etcd/keys";
import { BadRequest } from "./bad-request";

export function base64Of(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}

export function bytesOf(value: unknown, field: string): Uint8Array {
  if (typeof value !== "string" || !/^[A-Za-z0-9+/]*={0,2}$/.test(value)) {
    throw new BadRequest(`${field} must be base64`);
  }
  return Buffer.from(value, "base64");
}

export function keyOf(value: unknown): Uint8Array {
  const key = bytesOf(value, "key");
  if (key.length === 0) throw new BadRequest("key must not be empty");
  return key;
}

/** The key as one line of text without control characters. Bytes that are no text are `\xNN`. */
export function labelOf(bytes: Uint8Array): string {
  return oneSafeLine(rawText(bytes)).replace(/[\udc80-\udcff]/gu, (half) => {
    return `\\x${(half.charCodeAt(0) - 0xdc00).toString(16)}`;
  });
}

/** The range of all keys that begin with the prefix; of all keys for an empty one. */
export function rangeBelow(prefix: Uint8Array): { key: Uint8Array; rangeEnd: Uint8Array } {
  if (prefix.length === 0) return { key: firstKey, rangeEnd: openRangeEnd };
  return { key: prefix, rangeEnd: prefixEnd(prefix) };
}

export const slash = 0x2f;

/** The name of a key at the level of its prefix: up to the next slash, which makes it a folder. */
export function nameBelow(key: Uint8Array, prefixLength: number): { end: number; isFolder: boolean } {
  const at = key.indexOf(slash, prefixLength);
  return at < 0 ? { end: key.length, isFolder: false } : { end: at + 1, isFolder: true };
}
