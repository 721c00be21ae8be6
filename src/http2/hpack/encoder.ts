// Writes header blocks. RFC 7541, sections 5 and 6. Fields that repeat on a connection go into the dynamic table and cost one
// byte from then on. A list that is passed again, the same array, costs a copy of its bytes.
// Must stay true: secrets are never indexed (RFC 7541, section 7.1).
import { huffmanBytes, huffmanEncode } from "./huffman";
import { DynamicTable, staticTable, type HeaderField } from "./table";

const secretNames = new Set(["authorization", "proxy-authorization", "cookie", "set-cookie", "token"]);
/** Fields whose values differ from call to call: in the table they would only push others out. */
const changingNames = new Set(["grpc-timeout", "grpc-message", "content-length", "date", "etag", "location"]);
/** A longer value would take too much of the table. */
const maxIndexedBytes = 512;

/** Static indices by name, and by name and value. */
const staticNames = new Map<string, number>();
const staticFields = new Map<string, number>();
staticTable.forEach(({ name, value }, i) => {
  if (!staticNames.has(name)) staticNames.set(name, i + 1);
  staticFields.set(`${name}\n${value}`, i + 1);
});

interface CachedBlock {
  readonly generation: number;
  readonly bytes: Buffer;
}

export class HpackEncoder {
  private readonly table: DynamicTable<HeaderField>;
  private readonly cache = new WeakMap<readonly HeaderField[], CachedBlock>();
  /** The smallest and the last size since the last block, which the next block must begin with. RFC 7541, section 4.2 */
  private announce: { smallest: number; last: number } | undefined;
  private out: Buffer = Buffer.allocUnsafe(256);
  private at = 0;

  constructor(private readonly maxTableBytes = 4096) {
    this.table = new DynamicTable(maxTableBytes);
  }

  /** The peer's SETTINGS_HEADER_TABLE_SIZE. */
  limitTable(peerBytes: number): void {
    const sizeBytes = Math.min(peerBytes, this.maxTableBytes);
    if (sizeBytes === this.table.limitBytes && this.announce === undefined) return;
    this.table.resize(sizeBytes);
    const smallest = Math.min(sizeBytes, this.announce?.smallest ?? sizeBytes);
    this.announce = { smallest, last: sizeBytes };
  }

  /** The bytes are valid until the next call. */
  encode(fields: readonly HeaderField[]): Buffer {
    const cached = this.cache.get(fields);
    if (cached?.generation === this.table.generation && this.announce === undefined) return cached.bytes;
    this.at = 0;
    this.announceSize();
    const isStable = this.at === 0;
    const { generation } = this.table;
    for (const field of fields) this.field(field);
    const bytes = this.out.subarray(0, this.at);
    if (isStable && generation === this.table.generation && Object.isFrozen(fields)) {
      this.cache.set(fields, { generation, bytes: Buffer.from(bytes) });
    }
    return bytes;
  }

  private announceSize(): void {
    if (this.announce === undefined) return;
    const { smallest, last } = this.announce;
    this.announce = undefined;
    if (smallest < last) this.integer(0x20, 5, smallest);
    this.integer(0x20, 5, last);
  }

  private field(field: HeaderField): void {
    const { name, value } = field;
    if (field.neverIndexed === true || secretNames.has(name)) return this.literal(0x10, 4, name, value);
    const index = staticFields.get(`${name}\n${value}`) ?? this.dynamicIndex(field);
    if (index !== undefined) return this.integer(0x80, 7, index);
    if (changingNames.has(name) || name.length + value.length > maxIndexedBytes) {
      return this.literal(0x00, 4, name, value);
    }
    this.literal(0x40, 6, name, value);
    this.table.add({ name, value });
  }

  private dynamicIndex({ name, value }: HeaderField): number | undefined {
    for (let i = 0; i < this.table.length; i++) {
      const entry = this.table.at(i);
      if (entry?.name === name && entry.value === value) return staticTable.length + 1 + i;
    }
    return undefined;
  }

  private literal(pattern: number, prefixBits: number, name: string, value: string): void {
    const nameIndex = staticNames.get(name);
    this.integer(pattern, prefixBits, nameIndex ?? 0);
    if (nameIndex === undefined) this.string(name);
    this.string(value);
  }

  private integer(pattern: number, prefixBits: number, value: number): void {
    this.reserve(8);
    const mask = (1 << prefixBits) - 1;
    if (value < mask) {
      this.out[this.at++] = pattern | value;
      return;
    }
    this.out[this.at++] = pattern | mask;
    for (value -= mask; value > 127; value >>>= 7) this.out[this.at++] = (value & 127) | 128;
    this.out[this.at++] = value;
  }

  private string(text: string): void {
    const sizeBytes = huffmanBytes(text);
    if (sizeBytes < text.length) {
      this.integer(0x80, 7, sizeBytes);
      this.reserve(sizeBytes);
      this.at = huffmanEncode(text, this.out, this.at);
    } else {
      this.integer(0, 7, text.length);
      this.reserve(text.length);
      this.at += this.out.write(text, this.at, "latin1");
    }
  }

  private reserve(sizeBytes: number): void {
    if (this.at + sizeBytes <= this.out.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.at + sizeBytes, 2 * this.out.length));
    this.out.copy(larger, 0, 0, this.at);
    this.out = larger;
  }
}
