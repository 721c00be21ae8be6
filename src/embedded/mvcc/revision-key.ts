// The key of a record in the `key` bucket of a db file; hashes are computed over it.
//
//   bytes 0-7   main revision, big endian
//   byte  8     '_'
//   bytes 9-16  sub revision, big endian
//   byte  17    't', only for a tombstone
//
// Answers to etcd's mvcc/revision.go.

export const REVISION_KEY_BYTES = 17;

export function writeRevisionKey(into: Buffer, main: number, sub: number, tombstone: boolean): number {
  writeUint64(into, main, 0);
  into[8] = 0x5f;
  writeUint64(into, sub, 9);
  if (!tombstone) return REVISION_KEY_BYTES;
  into[REVISION_KEY_BYTES] = 0x74;
  return REVISION_KEY_BYTES + 1;
}

function writeUint64(into: Buffer, value: number, offset: number): void {
  into.writeUInt32BE(Math.floor(value / 2 ** 32), offset);
  into.writeUInt32BE(value % 2 ** 32, offset + 4);
}
