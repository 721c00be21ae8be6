// Arguments as the bytes that go into requests.
// A word is text from the command line, or bytes where the input may be no UTF-8 (lines of txn).
import { rawBytes } from "../goformat/raw-text";

export type Word = string | Uint8Array;

export function bytesOf(word: Word): Uint8Array {
  return typeof word === "string" ? rawBytes(word) : word;
}
