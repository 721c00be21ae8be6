// Walks the bucket `key` of a db file in the order of its revisions and shows the head of each record: its key, and where
// its value begins. Large values are not read, and no object is made for a record, so a million records take well under a
// second. Nothing in the file is trusted: see bbolt/reader.ts.
import { KeyValue } from "../proto/gen/mvccpb";
import { encode } from "../proto/message";
import { Reader } from "../proto/wire";
import { maxDepth, pageHeaderSize, elementSize, maxKeySize } from "./bbolt/layout";
import type { Page } from "./bbolt/page-reader";
import { PageSet, type BboltFile } from "./bbolt/reader";
import type { RecordSource, StoredRecord } from "./contents";
import type { Steps } from "./steps";
import { bucketName, decodeEntry, revisionKeyBytes, tombstoneMark } from "./schema";

/**
 * The record that a walk has reached. The same object each time: its bytes are valid only until the next record.
 * A record without a key comes from a restore with `--bump-revision`.
 */
export class WalkedRecord {
  main = 0;
  sub = 0;
  tombstone = false;
  bytes: Buffer = Buffer.alloc(0);
  /** Of the encoded KeyValue in `bytes`, which may have only its beginning. */
  start = 0;
  keyStart = 0;
  keyEnd = 0;
  /** Of the value in `bytes`, which may have only its beginning. */
  valueStart = 0;
  valueSizeBytes = 0;
  /** What the record takes in the file: its revision, key, value and numbers. */
  sizeBytes = 0;
  /** Where the encoded KeyValue is, for `read` of the same records, and its size. */
  place = 0;
  encodedSizeBytes = 0;

  /** One character for each byte. */
  get keyText(): string {
    return this.bytes.toString("latin1", this.keyStart, this.keyEnd);
  }

  /** Whether the record has a key, and that begins with `prefix`. */
  isBelow(prefix: Uint8Array): boolean {
    const { bytes, keyStart, keyEnd } = this;
    if (keyEnd === keyStart || keyEnd - keyStart < prefix.length) return false;
    for (let at = 0; at < prefix.length; at++) if (bytes[keyStart + at] !== prefix[at]) return false;
    return true;
  }

  /** What follows the value: the lease, if the record has one. */
  get restBytes(): number {
    return this.start + this.encodedSizeBytes - this.valueStart - this.valueSizeBytes;
  }

  /** The beginning of the value, as far as it was read: all of it, or at least 64 bytes. */
  get valueHead(): Buffer {
    return this.bytes.subarray(this.valueStart, this.valueStart + this.valueSizeBytes);
  }
}

export type VisitRecord = (record: WalkedRecord) => void;

/** Records that can be walked more than once, and read one by one. */
export interface RecordWalk {
  walk(visit: VisitRecord): Steps<void>;
  /** The encoded KeyValue at a `place` of the walk. Valid until the next read. */
  read(place: number, sizeBytes: number): Buffer;
  /** Whether the bytes at a `place` of this walk are the encoded KeyValue that another walk has reached. */
  holds(place: number, record: WalkedRecord): boolean;
}

export function recordsOfFile(db: BboltFile): RecordWalk {
  return {
    walk: (visit) => walkRecords(db, visit),
    read: (place, sizeBytes) => db.file.view(place, sizeBytes),
    holds: (place, { bytes, start, encodedSizeBytes }) =>
      start + encodedSizeBytes <= bytes.length && db.file.holds(place, bytes, start, encodedSizeBytes),
  };
}

/** Calls `visit` for each record, and yields after each leaf page the number of its records. */
export function* walkRecords(db: BboltFile, visit: VisitRecord): Steps<void> {
  for (const bucket of db.buckets()) {
    if (bucket.name.toString() !== bucketName.key) continue;
    const walk = new Walk(db, visit);
    for (const page of leafPages(db, db.pages.rootPage(bucket.root))) yield walk.leaf(page);
  }
}

/** The same for records that are not in a file alone, such as those of a data dir with its log. */
export class StoredRecordWalk implements RecordWalk {
  private readonly sources: RecordSource[] = [];
  private readonly numbers = new Map<RecordSource, number>();

  constructor(private readonly records: () => Iterable<StoredRecord>) {}

  *walk(visit: VisitRecord): Steps<void> {
    const walked = new WalkedRecord();
    let count = 0;
    for (const { main, sub, tombstone, source, offset, sizeBytes } of this.records()) {
      walked.main = main;
      walked.sub = sub;
      walked.tombstone = tombstone;
      walked.place = this.numberOf(source) * sourceSpace + offset;
      walked.encodedSizeBytes = sizeBytes;
      walked.sizeBytes = revisionKeyBytes + (tombstone ? 1 : 0) + sizeBytes;
      readHead(walked, source.view(offset, sizeBytes), 0, sizeBytes);
      visit(walked);
      if (++count % recordsPerStep === 0) yield recordsPerStep;
    }
  }

  read(place: number, sizeBytes: number): Buffer {
    const source = this.sources[Math.floor(place / sourceSpace)];
    if (source === undefined) throw new Error(`there is no record at ${place}`);
    return source.view(place % sourceSpace, sizeBytes);
  }

  holds(place: number, { bytes, start, encodedSizeBytes }: WalkedRecord): boolean {
    const end = start + encodedSizeBytes;
    return end <= bytes.length && this.read(place, encodedSizeBytes).equals(bytes.subarray(start, end));
  }

  private numberOf(source: RecordSource): number {
    const known = this.numbers.get(source);
    if (known !== undefined) return known;
    this.numbers.set(source, this.sources.length);
    return this.sources.push(source) - 1;
  }
}

/** Two sets of records as one: those of the second are later. */
export function joined(first: RecordWalk, second: RecordWalk): RecordWalk {
  const of = (place: number): [RecordWalk, number] =>
    place < joinedSpace ? [first, place] : [second, place - joinedSpace];
  return {
    *walk(visit) {
      yield* first.walk(visit);
      yield* second.walk((record) => {
        record.place += joinedSpace;
        visit(record);
      });
    },
    read(place, sizeBytes) {
      const [records, at] = of(place);
      return records.read(at, sizeBytes);
    },
    holds(place, record) {
      const [records, at] = of(place);
      return records.holds(at, record);
    },
  };
}

const joinedSpace = 2 ** 48;
const recordsPerStep = 128;
/** A place is the number of a source times this, and the offset in it. No file of etcd is so large. */
const sourceSpace = 2 ** 40;

function* leafPages(db: BboltFile, root: Page): Generator<Page> {
  const seen = new PageSet(db.meta.pageCount);
  const path: { readonly page: Page; next: number }[] = [];
  const enter = (page: Page): boolean => {
    if (page.id !== 0 && !seen.addAll(page)) throw db.pages.fail(page.offset, `page ${page.id}: used twice`);
    if (path.length === maxDepth)
      throw db.pages.fail(page.offset, `page ${page.id}: ${maxDepth} levels deep`);
    if (page.kind === "branch") path.push({ page, next: 0 });
    return page.kind === "leaf";
  };
  if (enter(root)) yield root;
  for (let step = path.at(-1); step !== undefined; step = path.at(-1)) {
    if (step.next === step.page.count) path.pop();
    else {
      const page = db.pages.page(db.pages.child(step.page, step.next++));
      if (enter(page)) yield page;
    }
  }
}

/** The bundle gets another module's constants by a call, which is too slow for each of a million records. */
const [headerSize, stride, longestKey, revisionSize] = [
  pageHeaderSize,
  elementSize,
  maxKeySize,
  revisionKeyBytes,
];
/** More than the longest key of Kubernetes, and the beginning of a value. */
const headBytes = 1024;
const valueHeadBytes = 64;

class Walk {
  private readonly record = new WalkedRecord();
  private lastMain = -1;
  private lastSub = -1;

  constructor(
    private readonly db: BboltFile,
    private readonly visit: VisitRecord,
  ) {}

  leaf(page: Page): number {
    // A page without overflow is read at once. Others have large values, of which only the beginning is read.
    const isSmall = page.sizeBytes <= this.db.meta.pageSize;
    const whole = isSmall ? this.db.file.view(page.offset, page.sizeBytes) : undefined;
    let lowest = headerSize + page.count * stride;
    for (let index = 0; index < page.count; index++) {
      lowest = this.element(page, index, lowest, whole);
    }
    return page.count;
  }

  /** Returns where the data of the element ends: that of the next follows. */
  private element(page: Page, index: number, lowest: number, whole: Buffer | undefined): number {
    const { elements } = page;
    const at = index * stride;
    const keySizeBytes = u32At(elements, at + 8);
    const valueSizeBytes = u32At(elements, at + 12);
    const start = headerSize + at + u32At(elements, at + 4);
    const end = start + keySizeBytes + valueSizeBytes;
    const isInside = start >= lowest && end <= page.sizeBytes;
    if (!isInside || keySizeBytes === 0 || keySizeBytes > longestKey || u32At(elements, at) !== 0) {
      const place = page.offset + headerSize + at;
      throw this.db.pages.fail(place, `page ${page.id}: element ${index} is damaged`);
    }
    const offset = page.offset + start;
    const readBytes = Math.min(keySizeBytes + valueSizeBytes, headBytes);
    const bytes = whole ?? this.db.file.view(offset, readBytes);
    const from = whole === undefined ? 0 : start;
    const to = whole === undefined ? readBytes : end;
    this.revision(bytes, from, keySizeBytes, offset);
    this.head(bytes, from + keySizeBytes, to, offset + keySizeBytes, valueSizeBytes);
    this.record.sizeBytes = keySizeBytes + valueSizeBytes;
    this.record.place = offset + keySizeBytes;
    this.record.encodedSizeBytes = valueSizeBytes;
    this.visit(this.record);
    return end;
  }

  private revision(bytes: Buffer, from: number, sizeBytes: number, offset: number): void {
    const tombstone = sizeBytes > revisionSize;
    const isWellFormed = tombstone
      ? sizeBytes === revisionSize + 1 && bytes[from + revisionSize] === tombstoneMark
      : sizeBytes === revisionSize;
    if (!isWellFormed || bytes[from + 8] !== 0x5f || !isSafe(bytes, from) || !isSafe(bytes, from + 9)) {
      throw this.db.pages.fail(offset, `bucket ${bucketName.key}: not a revision`);
    }
    const main = safeAt(bytes, from);
    const sub = safeAt(bytes, from + 9);
    if (main < this.lastMain || (main === this.lastMain && sub <= this.lastSub)) {
      throw this.db.pages.fail(offset, "a revision is not above the one before it");
    }
    this.lastMain = main;
    this.lastSub = sub;
    this.record.main = main;
    this.record.sub = sub;
    this.record.tombstone = tombstone;
  }

  private head(bytes: Buffer, from: number, to: number, offset: number, sizeBytes: number): void {
    const { record } = this;
    if (parseHead(record, bytes, from, to, sizeBytes)) return;
    const whole = this.db.file.view(offset, sizeBytes);
    decodeEntry(this.db, bucketName.key, { key: Buffer.alloc(0), valueOffset: offset }, () =>
      readHead(record, whole, 0, sizeBytes),
    );
  }
}

/** Below 2^53. */
function isSafe(revision: Buffer, at: number): boolean {
  return revision[at] === 0 && (revision[at + 1] as number) < 0x20;
}

/** A revision below 2^53. */
function safeAt(bytes: Buffer, at: number): number {
  const high =
    ((bytes[at + 1] as number) << 16) | ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number);
  const low =
    ((bytes[at + 4] as number) << 24) |
    ((bytes[at + 5] as number) << 16) |
    ((bytes[at + 6] as number) << 8) |
    (bytes[at + 7] as number);
  return high * 2 ** 32 + (low >>> 0);
}

function u32At(bytes: Buffer, at: number): number {
  const signed =
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24);
  return signed >>> 0;
}

/** Field number << 3 | wire type. */
const Tag = { key: 10, createRevision: 16, modRevision: 24, version: 32, value: 42 } as const;

/** Finds key and value of the encoded KeyValue at `from`. Throws for bytes that are not a KeyValue. */
export function readHead(record: WalkedRecord, bytes: Buffer, from: number, sizeBytes: number): void {
  if (parseHead(record, bytes, from, from + sizeBytes, sizeBytes)) return;
  // Not as etcd writes it: decoded, and written again as etcd does.
  const decoded = KeyValue.read(new Reader(bytes.subarray(from, from + sizeBytes)), sizeBytes);
  const again = Buffer.from(encode(KeyValue, decoded));
  if (!parseHead(record, again, 0, again.length, again.length)) throw new Error("not a KeyValue");
}

/**
 * Finds key and value of the encoded KeyValue that begins at `from`. Its bytes are given up to `to`, perhaps not all of its
 * `sizeBytes`. False if what is given is not enough or is not as etcd writes it.
 */
function parseHead(
  record: WalkedRecord,
  bytes: Buffer,
  from: number,
  to: number,
  sizeBytes: number,
): boolean {
  record.bytes = bytes;
  record.start = record.keyStart = record.keyEnd = record.valueStart = from;
  record.valueSizeBytes = 0;
  if (sizeBytes === 0) return true;
  const end = from + sizeBytes;
  let pos = from;
  if (bytes[pos++] !== Tag.key) return false;
  let size = 0;
  let shift = 0;
  for (let byte = 128; byte > 127; shift += 7) {
    if (pos >= to || shift > 21) return false;
    byte = bytes[pos++] as number;
    size += (byte & 127) << shift;
  }
  record.keyStart = pos;
  pos += size;
  record.keyEnd = pos;
  if (pos > to) return false;
  while (pos < end) {
    if (pos >= to) return false;
    const tag = bytes[pos++] as number;
    if (tag === Tag.value) {
      size = shift = 0;
      for (let byte = 128; byte > 127; shift += 7) {
        if (pos >= to || shift > 28) return false;
        byte = bytes[pos++] as number;
        size += (byte & 127) * 2 ** shift;
      }
      record.valueStart = pos;
      record.valueSizeBytes = size;
      return pos + size <= end && pos + Math.min(size, valueHeadBytes) <= to;
    }
    if (tag === leaseTag) {
      record.valueStart = pos;
      return true;
    }
    if (tag !== Tag.createRevision && tag !== Tag.modRevision && tag !== Tag.version) return false;
    while (pos < to && (bytes[pos] as number) > 127) pos++;
    pos++;
  }
  record.valueStart = end;
  return true;
}

/** After the value, if there is one. */
const leaseTag = 48;
