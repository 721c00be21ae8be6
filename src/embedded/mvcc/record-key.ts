// Finds the key (and the lease) in an encoded KeyValue without decoding the rest: loading a file and matching history
// to watchers read millions of records for these alone. Leaf of mvcc/; falls back to the generated decoder.
import { KeyValue } from "../../proto/gen/mvccpb";
import { Reader } from "../../proto/wire";
import { keyString } from "./key-bytes";

const KEY_TAG = 10;
const VALUE_TAG = 42;

export function keyAndLease(bytes: Buffer): { key: string; lease: bigint } {
  const reader = new Reader(bytes);
  const key = leadingKey(reader);
  if (key !== undefined && !mayHaveLease(reader)) return { key, lease: 0n };
  const kv = decode(bytes);
  return { key: keyString(kv.key), lease: kv.lease };
}

export function keyOf(bytes: Buffer): string {
  return leadingKey(new Reader(bytes)) ?? keyString(decode(bytes).key);
}

function decode(bytes: Buffer): KeyValue {
  return KeyValue.read(new Reader(bytes), bytes.length);
}

/** The key when it is the first field, as every etcd writes it. */
function leadingKey(reader: Reader): string | undefined {
  if (reader.buf[0] !== KEY_TAG) return undefined;
  reader.pos = 1;
  const sizeBytes = reader.uint32();
  const start = reader.pos;
  reader.pos += sizeBytes;
  return reader.pos <= reader.buf.length ? reader.buf.toString("latin1", start, reader.pos) : undefined;
}

/** False when all that follows is create_revision, mod_revision, version and value in their usual form. */
function mayHaveLease(reader: Reader): boolean {
  const bytes = reader.buf;
  while (reader.pos < bytes.length) {
    const tag = bytes[reader.pos++] as number;
    if (tag === VALUE_TAG) {
      const sizeBytes = reader.uint32();
      reader.pos += sizeBytes;
      if (reader.pos > bytes.length) return true;
    } else if (tag === 16 || tag === 24 || tag === 32) {
      while ((bytes[reader.pos] as number) > 127) reader.pos++;
      reader.pos++;
    } else return true;
  }
  return false;
}
