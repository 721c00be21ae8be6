// Carries any bytes in a string. Each byte that is not part of valid UTF-8 becomes one half of a surrogate pair,
// U+DC80…U+DCFF, which valid text never contains (like Python's surrogateescape, PEP 383). Command line arguments have this
// form.

const rawByte = /([\udc80-\udcff])/u;

/** Bytes to text. */
export function rawText(bytes: Uint8Array): string {
  const decoded = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
  if (!decoded.includes("\ufffd")) return decoded; // there was nothing to replace
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

/** Text to bytes. Bytes stay unchanged. */
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

/**
 * The size of the UTF-8 sequence at `pos`, in bytes. 0 when it is not valid: overlong forms and surrogates are not.
 * Go: unicode/utf8/utf8.go (DecodeRune)
 */
export function utf8Size(bytes: Uint8Array, pos: number): number {
  const first = bytes[pos] as number;
  if (first < 0x80) return 1;
  const sizeBytes = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  if (sizeBytes === 0 || pos + sizeBytes > bytes.length) return 0;
  const second = bytes[pos + 1] as number;
  const least = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const most = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  if (second < least || second > most) return 0;
  for (let i = pos + 2; i < pos + sizeBytes; i++) {
    if (((bytes[i] as number) & 0xc0) !== 0x80) return 0;
  }
  return sizeBytes;
}

/**
 * One line of text that no terminal obeys, for what we print beside Go's output and may come from a server: control
 * characters, those of C1 too, and marks of the writing direction are escaped.
 */
export function oneSafeLine(text: string): string {
  return text.replace(unsafe, (character) => {
    const code = character.charCodeAt(0).toString(16);
    return code.length > 2 ? `\\u${code.padStart(4, "0")}` : `\\x${code.padStart(2, "0")}`;
  });
}

// eslint-disable-next-line no-control-regex -- it matches control characters
const unsafe = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;
