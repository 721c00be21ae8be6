// Where the keys that begin with a prefix end. Knows nobody.
// Answers to GetPrefixRangeEnd of clientv3's op.go.

/** The first key behind all that begin with `prefix`: "ab" → "ac", "a\xff" → "b", "\xff" → to the last key. */
export function prefixEnd(prefix: Uint8Array): Uint8Array {
  for (let at = prefix.length - 1; at >= 0; at--) {
    const byte = prefix[at] as number;
    if (byte < 0xff) return Uint8Array.of(...prefix.subarray(0, at), byte + 1);
  }
  return Uint8Array.of(0);
}
