// The tables of HPACK: the static one, and the dynamic one that each direction of a connection has.
// RFC 7541, sections 2.3 and 4, and appendix A.

/** One header field. Names are in lower case; each character is one octet (latin1). */
export interface HeaderField {
  readonly name: string;
  readonly value: string;
  /** For secrets: no table on the way remembers it. RFC 7541, section 7.1.3 */
  readonly neverIndexed?: boolean;
}

const entryOverheadBytes = 32;

export function fieldBytes({ name, value }: HeaderField): number {
  return name.length + value.length + entryOverheadBytes;
}

/** RFC 7541, appendix A. Index 1 is the first. */
export const staticTable: readonly HeaderField[] = [
  ":authority",
  ":method GET",
  ":method POST",
  ":path /",
  ":path /index.html",
  ":scheme http",
  ":scheme https",
  ":status 200",
  ":status 204",
  ":status 206",
  ":status 304",
  ":status 400",
  ":status 404",
  ":status 500",
  "accept-charset",
  "accept-encoding gzip, deflate",
  ..."accept-language accept-ranges accept access-control-allow-origin age allow authorization".split(" "),
  ..."cache-control content-disposition content-encoding content-language content-length".split(" "),
  ..."content-location content-range content-type cookie date etag expect expires from host".split(" "),
  ..."if-match if-modified-since if-none-match if-range if-unmodified-since last-modified link".split(" "),
  ..."location max-forwards proxy-authenticate proxy-authorization range referer refresh".split(" "),
  ..."retry-after server set-cookie strict-transport-security transfer-encoding user-agent".split(" "),
  ..."vary via www-authenticate".split(" "),
].map((line) => {
  const [name = "", ...value] = line.split(" ");
  return { name, value: value.join(" ") };
});

/** Entries that were sent before, newest first. The oldest leave when the table is larger than it may be. */
export class DynamicTable<Entry extends HeaderField> {
  // Oldest first, so that adding costs nothing; `gone` entries at the front have left.
  private entries: Entry[] = [];
  private gone = 0;
  private usedBytes = 0;
  /** Counts changes: what was made of the table's indices is valid while it stays the same. */
  generation = 0;

  constructor(private maxBytes: number) {}

  get length(): number {
    return this.entries.length - this.gone;
  }

  get limitBytes(): number {
    return this.maxBytes;
  }

  /** 0 is the newest entry. */
  at(index: number): Entry | undefined {
    return index < this.length ? this.entries[this.entries.length - 1 - index] : undefined;
  }

  resize(maxBytes: number): void {
    this.maxBytes = maxBytes;
    this.evict(0);
    this.generation++;
  }

  /** An entry larger than the table empties the table. RFC 7541, section 4.4 */
  add(entry: Entry): void {
    const sizeBytes = fieldBytes(entry);
    this.evict(sizeBytes);
    this.generation++;
    if (sizeBytes > this.maxBytes) return;
    this.entries.push(entry);
    this.usedBytes += sizeBytes;
  }

  private evict(roomBytes: number): void {
    while (this.length > 0 && this.usedBytes + roomBytes > this.maxBytes) {
      this.usedBytes -= fieldBytes(this.entries[this.gone++] as Entry);
    }
    if (this.gone > 64 && this.gone * 2 > this.entries.length) {
      this.entries = this.entries.slice(this.gone);
      this.gone = 0;
    }
  }
}
