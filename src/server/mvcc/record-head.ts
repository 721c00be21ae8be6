// Reads the fields that the engine needs from an encoded KeyValue, without decoding the rest: a restore and unsynced watchers
// read millions of records. The generated decoder reads encodings that etcd does not write.
import { KeyValue } from "../../proto/gen/mvccpb";
import { Reader } from "../../proto/wire";
import type { RecordSource } from "../../storage/contents";
import { keyString } from "./keys";

export interface RecordHead {
  /** Can be a view of the record. */
  readonly key: Uint8Array;
  readonly createRevision: number;
  readonly version: number;
  readonly lease: bigint;
}

/** Field number << 3 | wire type. */
const Tag = { key: 10, createRevision: 16, modRevision: 24, version: 32, value: 42, lease: 48 } as const;
const maxLeaseBytes = 11;

/** Throws for bytes that are not a KeyValue, and for numbers that no store can reach. */
export function recordHead(bytes: Buffer): RecordHead {
  return fastHead(bytes) ?? decodedHead(bytes);
}

/** Of a larger record, the head is in its first bytes, and the lease follows the value. */
const largeRecordBytes = 1024;
const firstBytes = [79, largeRecordBytes];

/** Same as recordHead. Of a large record it reads only the first bytes and what follows the value. */
export function recordHeadIn(source: RecordSource, offset: number, sizeBytes: number): RecordHead {
  if (sizeBytes > largeRecordBytes) {
    for (const enough of firstBytes) {
      const head = partialHead(source, { offset, sizeBytes }, enough);
      if (head !== undefined) return head;
    }
  }
  return recordHead(source.view(offset, sizeBytes));
}

/** Undefined if the first `enough` bytes are not enough. */
function partialHead(
  source: RecordSource,
  { offset, sizeBytes }: { readonly offset: number; readonly sizeBytes: number },
  enough: number,
): RecordHead | undefined {
  const found = headUpToValue(source.view(offset, enough), sizeBytes);
  if (found === undefined || found.end === sizeBytes) return found;
  const key = Buffer.from(found.key);
  const tail = source.view(offset + found.end, sizeBytes - found.end);
  const isOneVarint = tail.findIndex((byte, at) => at > 0 && byte < 128) === tail.length - 1;
  if (tail[0] !== Tag.lease || tail.length > maxLeaseBytes || !isOneVarint) return undefined;
  return { ...found, key, lease: KeyValue.read(new Reader(tail), tail.length).lease };
}

/** The key of a record of which only the first bytes are given; undefined if they do not hold it all. */
export function keyAtStart(bytes: Buffer): Buffer | undefined {
  const end = keySizeWithHead(bytes);
  return end > 0 ? bytes.subarray(end - shortVarint(bytes, 1), end) : undefined;
}

/** The value of a record. */
export function valueOf(bytes: Buffer): Uint8Array {
  let pos = keySizeWithHead(bytes);
  while (pos > 0 && pos < bytes.length) {
    const tag = bytes[pos++];
    if (tag === Tag.value) {
      const sizeBytes = shortVarint(bytes, pos);
      const start = pos + varintSize(sizeBytes);
      if (sizeBytes >= 0 && start + sizeBytes <= bytes.length)
        return bytes.subarray(start, start + sizeBytes);
      break;
    }
    if (tag !== Tag.createRevision && tag !== Tag.modRevision && tag !== Tag.version) break;
    while ((bytes[pos++] ?? 0) > 127);
  }
  return KeyValue.read(new Reader(bytes), bytes.length).value;
}

/** Of a record that begins with its key; else 0. */
function keySizeWithHead(bytes: Buffer): number {
  const sizeBytes = shortVarint(bytes, 1);
  const size = 1 + varintSize(sizeBytes) + sizeBytes;
  return bytes[0] === Tag.key && sizeBytes >= 0 && size <= bytes.length ? size : 0;
}

export function keyOf(bytes: Buffer): string {
  const reader = new Reader(bytes);
  if (bytes[0] !== Tag.key) return keyString(decodedHead(bytes).key);
  reader.pos = 1;
  return keyString(reader.bytes());
}

/** For records as etcd writes them, without a lease and with numbers below 2^28. Undefined for all others. */
function fastHead(bytes: Buffer): RecordHead | undefined {
  const head = headUpToValue(bytes, bytes.length);
  return head?.end === bytes.length ? head : undefined;
}

/** `end` is the end of the value. The first bytes of a record suffice, if they have the head of the value. */
function headUpToValue(
  bytes: Buffer,
  sizeBytes: number,
): (RecordHead & { readonly end: number }) | undefined {
  const keySizeBytes = shortVarint(bytes, 1);
  let pos = 1 + varintSize(keySizeBytes) + keySizeBytes;
  if (bytes[0] !== Tag.key || keySizeBytes < 0 || pos > bytes.length) return undefined;
  const key = bytes.subarray(pos - keySizeBytes, pos);
  let createRevision = 0;
  let version = 0;
  while (pos < sizeBytes) {
    const tag = bytes[pos++];
    const number = shortVarint(bytes, pos);
    if (number < 0) return undefined;
    pos += varintSize(number);
    if (tag === Tag.createRevision) createRevision = number;
    else if (tag === Tag.version) version = number;
    else if (tag === Tag.value) {
      pos += number;
      break;
    } else if (tag !== Tag.modRevision) return undefined;
  }
  return pos <= sizeBytes ? { key, createRevision, version, lease: 0n, end: pos } : undefined;
}

/** A varint of one to four bytes in its shortest form; -1 for any other. */
function shortVarint(bytes: Buffer, pos: number): number {
  let value = 0;
  for (let shift = 0; shift < 28; shift += 7) {
    const byte = bytes[pos++];
    if (byte === undefined) return -1;
    value |= (byte & 127) << shift;
    if (byte < 128) return byte === 0 && shift > 0 ? -1 : value;
  }
  return -1;
}

function varintSize(value: number): number {
  return value < 1 << 7 ? 1 : value < 1 << 14 ? 2 : value < 1 << 21 ? 3 : 4;
}

function decodedHead(bytes: Buffer): RecordHead {
  const { key, createRevision, version, lease } = KeyValue.read(new Reader(bytes), bytes.length);
  return {
    key,
    createRevision: count("create revision", createRevision),
    version: count("version", version),
    lease,
  };
}

function count(what: string, value: bigint): number {
  if (value >= 0n && value <= Number.MAX_SAFE_INTEGER) return Number(value);
  throw new Error(`its ${what} is ${value}`);
}

/** Size of a field whose tag is one byte, with its tag and its length. */
export function fieldBytes(sizeBytes: number): number {
  let bytes = 2 + sizeBytes;
  for (let rest = sizeBytes >>> 7; rest > 0; rest >>>= 7) bytes++;
  return bytes;
}

/** Writes tag and length of the key with which a record begins. */
export function writeKeyHead(target: Buffer, at: number, keySizeBytes: number): void {
  target[at++] = Tag.key;
  for (; keySizeBytes > 127; keySizeBytes >>>= 7) target[at++] = (keySizeBytes & 127) | 128;
  target[at] = keySizeBytes;
}
