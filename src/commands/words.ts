// Arguments as the bytes that go into requests. Knows nobody.
// A word is text from the command line, or bytes where the input may be no UTF-8 (lines of txn).

export type Word = string | Uint8Array;

export function bytesOf(word: Word): Uint8Array {
  return typeof word === "string" ? Buffer.from(word) : word;
}
