// Keys and counts in what we print beside Go's formats.
import { quote } from "../go/quote";
import { hasRawBytes, oneSafeLine, rawText } from "../go/raw-text";

/** The key as text; quoted as in Go if it has bytes that a terminal obeys or that are no text. */
export function keyText(key: Uint8Array): string {
  const text = rawText(key);
  return text !== "" && oneSafeLine(text) === text && !hasRawBytes(text) ? text : quote(key);
}

/** `1 key`, `2 keys`. */
export function formatCount(count: number | bigint, noun: string): string {
  return `${count} ${noun}${BigInt(count) === 1n ? "" : "s"}`;
}
