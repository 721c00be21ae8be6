// What counts as text in the yaml and jsonl formats: UTF-8 without control characters other than tab and line ends.
// Everything else is shown in base64, so that both formats, and whatever reads them, give back the same bytes.
import { isUtf8 } from "node:buffer";

/** Undefined for bytes that are no text. */
export function readableText(bytes: Uint8Array): string | undefined {
  if (!isUtf8(bytes)) return undefined;
  const text = base(bytes).toString();
  return unreadable.test(text) ? undefined : text;
}

export function base64(bytes: Uint8Array): string {
  return base(bytes).toString("base64");
}

function base(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** Control characters, and the two that YAML forbids. */
const unreadable = /[^\P{Cc}\t\n\r]|[\ufffe\uffff]/u;

/** Characters of a line that some reader takes for its end, for a byte order mark or for nothing. */
export const needsEscape = /[\p{Cc}\u2028\u2029\ufeff\ufffe\uffff]/u;

/** In double quotes, on one line: the same in JSON and in both versions of YAML. */
export function quotedText(text: string): string {
  return JSON.stringify(text).replace(everyEscape, escape);
}

/** Of those that need it, what JSON leaves as it is. */
const everyEscape = /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g;

function escape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
