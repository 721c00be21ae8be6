// CRC-32C (Castagnoli), eight bytes a step with eight tables; the tables are made on first use. A leaf: hashes of the
// engine, the write-ahead log and .snap files use it.
// Answers to Go's hash/crc32 with crc32.Castagnoli: update(0, …) of the whole input is the checksum.

const polynomial = 0x82f63b78;

let tables: readonly Uint32Array[] | undefined;

/** Continues the checksum `crc` (0 at the start) over `bytes`. */
export function crc32c(crc: number, bytes: Uint8Array, sizeBytes = bytes.length): number {
  tables ??= makeTables();
  const [t0, t1, t2, t3, t4, t5, t6, t7] = tables as readonly [
    Uint32Array,
    Uint32Array,
    Uint32Array,
    Uint32Array,
    Uint32Array,
    Uint32Array,
    Uint32Array,
    Uint32Array,
  ];
  let c = ~crc;
  let i = 0;
  for (const end = sizeBytes - 7; i < end; i += 8) {
    c ^=
      (bytes[i] as number) |
      ((bytes[i + 1] as number) << 8) |
      ((bytes[i + 2] as number) << 16) |
      ((bytes[i + 3] as number) << 24);
    c =
      (t7[c & 255] as number) ^
      (t6[(c >>> 8) & 255] as number) ^
      (t5[(c >>> 16) & 255] as number) ^
      (t4[c >>> 24] as number) ^
      (t3[bytes[i + 4] as number] as number) ^
      (t2[bytes[i + 5] as number] as number) ^
      (t1[bytes[i + 6] as number] as number) ^
      (t0[bytes[i + 7] as number] as number);
  }
  for (; i < sizeBytes; i++) c = (t0[(c ^ (bytes[i] as number)) & 255] as number) ^ (c >>> 8);
  return ~c >>> 0;
}

function makeTables(): Uint32Array[] {
  const made = Array.from({ length: 8 }, () => new Uint32Array(256));
  for (let byte = 0; byte < 256; byte++) {
    let c = byte;
    for (let bit = 0; bit < 8; bit++) c = c & 1 ? (c >>> 1) ^ polynomial : c >>> 1;
    (made[0] as Uint32Array)[byte] = c;
  }
  for (let byte = 0; byte < 256; byte++) {
    for (let step = 1; step < 8; step++) {
      const before = (made[step - 1] as Uint32Array)[byte] as number;
      (made[step] as Uint32Array)[byte] = ((made[0] as Uint32Array)[before & 255] as number) ^ (before >>> 8);
    }
  }
  return made;
}
