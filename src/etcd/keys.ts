// Arithmetic on keys and ranges of keys. Keys are byte strings in the order of their bytes.
//
// A range in etcd's API is the half-open interval [key, rangeEnd):
//
//   rangeEnd empty        only `key`
//   rangeEnd one 0 byte   every key from `key` on
//   rangeEnd other        every key from `key` on that is less than `rangeEnd`
//
// Go: client/v3/op.go

/** The least possible key. (etcd rejects an empty key.) */
export const firstKey: Uint8Array = Uint8Array.of(0);

/** The range end that means "up to the last key". */
export const openRangeEnd: Uint8Array = Uint8Array.of(0);

export function isOpenRangeEnd(rangeEnd: Uint8Array): boolean {
  return rangeEnd.length === 1 && rangeEnd[0] === 0;
}

/**
 * The range end for all keys that begin with `prefix`: "ab" → "ac", "a\xff" → "b". A prefix of 0xff bytes only, or an
 * empty one, gives the open range end. Go: GetPrefixRangeEnd
 */
export function prefixEnd(prefix: Uint8Array): Uint8Array {
  for (let at = prefix.length - 1; at >= 0; at--) {
    const byte = prefix[at] as number;
    if (byte < 0xff) return Uint8Array.of(...prefix.subarray(0, at), byte + 1);
  }
  return openRangeEnd;
}

/** The least key that is greater than `key`. */
export function nextKey(key: Uint8Array): Uint8Array {
  return Buffer.concat([key, Uint8Array.of(0)]);
}

export function startsWith(key: Uint8Array, prefix: Uint8Array): boolean {
  return Buffer.compare(key.subarray(0, prefix.length), prefix) === 0;
}
