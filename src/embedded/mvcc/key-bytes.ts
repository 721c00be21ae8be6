// Keys as the engine holds them: strings of one character per byte (latin1), whose order is the order of the bytes.
// Leaf of mvcc/, used by everything that compares or stores keys.

export function keyString(key: Uint8Array): string {
  return asBuffer(key).toString("latin1");
}

export function keyBytes(key: string): Buffer {
  return Buffer.from(key, "latin1");
}

/** `range_end` of etcd's API as kv.ts wants it: none: one key; "\0": everything from the key on. */
export function endOf(rangeEnd: Uint8Array): Uint8Array | undefined {
  if (rangeEnd.length === 0) return undefined;
  return rangeEnd.length === 1 && rangeEnd[0] === 0 ? rangeEnd.subarray(0, 0) : rangeEnd;
}

/** The smallest key above. */
export function after(key: Uint8Array): Uint8Array {
  return Buffer.concat([key, Buffer.alloc(1)]);
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
