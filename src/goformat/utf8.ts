// UTF-8 in bytes that may hold anything. Knows nobody.
// Answers to Go's unicode/utf8: what it calls invalid is taken byte by byte.

/** Bytes of the UTF-8 sequence at `pos`; 0 when there is no valid one (Go's rules: no overlongs, no surrogates). */
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
