// Reads header blocks. RFC 7541, sections 5 and 6. Must stay true: every block of a connection is decoded, in order, also
// those of refused streams, or the table differs from the peer's.
import { ConnectionError, ErrorCode } from "../protocol";
import { isValidField } from "./field-rules";
import { huffmanDecode } from "./huffman";
import { DynamicTable, fieldBytes, staticTable, type HeaderField } from "./table";

export interface HeaderBlock {
  readonly fields: readonly HeaderField[];
  /** Why a field breaks the rules of RFC 9113, section 8.2.1; the stream is malformed then. */
  readonly hasInvalidField: boolean;
  /** The fields are incomplete, as there are more than `maxListBytes` of them. */
  readonly isTooLarge: boolean;
}

/** Checked once, when it is made: a repeated field costs an array access. */
class Entry implements HeaderField {
  readonly isValid: boolean;

  constructor(
    readonly name: string,
    readonly value: string,
    readonly neverIndexed: boolean,
  ) {
    this.isValid = isValidField(name, value);
  }
}

/** Made when they are first used. */
const staticEntries: (Entry | undefined)[] = [];

function staticEntry(index: number): Entry | undefined {
  const field = staticTable[index];
  return field && (staticEntries[index] ??= new Entry(field.name, field.value, false));
}

/** Longer integers than any length or index that we accept. */
const maxInteger = 2 ** 28;

export class HpackDecoder {
  private readonly table: DynamicTable<Entry>;
  private block: Buffer = Buffer.alloc(0);
  private at = 0;

  constructor(
    /** The size that our SETTINGS allow. */
    private readonly maxTableBytes = 4096,
    private readonly maxListBytes = 65_536,
  ) {
    this.table = new DynamicTable(maxTableBytes);
  }

  /** Throws ConnectionError(COMPRESSION_ERROR). */
  decode(block: Buffer): HeaderBlock {
    this.block = block;
    this.at = 0;
    const fields: Entry[] = [];
    let listBytes = 0;
    let hasInvalidField = false;
    while (this.at < block.length) {
      const entry = this.representation(fields.length === 0 && listBytes === 0);
      if (entry === undefined) continue;
      listBytes += fieldBytes(entry);
      if (!entry.isValid) hasInvalidField = true;
      if (listBytes <= this.maxListBytes) fields.push(entry);
    }
    return { fields, hasInvalidField, isTooLarge: listBytes > this.maxListBytes };
  }

  /** One representation of RFC 7541, section 6; undefined for a change of the table's size. */
  private representation(isFirst: boolean): Entry | undefined {
    const first = this.block[this.at] as number;
    if (first & 0x80) return this.entryAt(this.integer(7));
    if (first & 0x40) {
      const entry = this.literal(6, false);
      this.table.add(entry);
      return entry;
    }
    if (first & 0x20) {
      const sizeBytes = this.integer(5);
      if (!isFirst) fail("a change of the table's size after a field");
      if (sizeBytes > this.maxTableBytes) fail("a table larger than the limit");
      this.table.resize(sizeBytes);
      return undefined;
    }
    return this.literal(4, (first & 0x10) !== 0);
  }

  private literal(prefixBits: number, neverIndexed: boolean): Entry {
    const index = this.integer(prefixBits);
    const name = index === 0 ? this.string() : this.entryAt(index).name;
    return new Entry(name, this.string(), neverIndexed);
  }

  private entryAt(index: number): Entry {
    const entry =
      index <= staticTable.length ? staticEntry(index - 1) : this.table.at(index - staticTable.length - 1);
    return entry ?? fail(`index ${index}, which is in no table`);
  }

  /** RFC 7541, section 5.1 */
  private integer(prefixBits: number): number {
    const mask = (1 << prefixBits) - 1;
    let value = this.byte() & mask;
    if (value < mask) return value;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.byte();
      value += (byte & 127) * scale;
      if (value > maxInteger || scale > maxInteger) fail("an integer that is too large");
      if (byte < 128) return value;
    }
  }

  /** RFC 7541, section 5.2 */
  private string(): string {
    const isHuffman = ((this.block[this.at] ?? 0) & 0x80) !== 0;
    const sizeBytes = this.integer(7);
    const start = this.at;
    const end = start + sizeBytes;
    if (end > this.block.length) fail("a string that runs past the end");
    this.at = end;
    return isHuffman ? huffmanDecode(this.block, start, end) : this.block.toString("latin1", start, end);
  }

  private byte(): number {
    return this.block[this.at++] ?? fail("an unexpected end");
  }
}

function fail(what: string): never {
  throw new ConnectionError(ErrorCode.compressionError, `a header block has ${what}`);
}
