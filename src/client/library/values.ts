// What reads of the library return: a value with its key and its revisions, and the result of a range.
import type { KeyValue } from "../../proto/gen/mvccpb";
import { bytes } from "./input";
import type { Bytes } from "./targets";

/** A stored value, with its key and its revisions. In a template string it is its text. */
export class Value {
  /** @internal */
  constructor(private readonly kv: KeyValue) {}

  /** The key as text. */
  get key(): string {
    return this.keyBytes.toString();
  }

  /** The key as bytes, for keys that are not UTF-8. */
  get keyBytes(): Buffer {
    return asBuffer(this.kv.key);
  }

  get bytes(): Buffer {
    return asBuffer(this.kv.value);
  }

  /** The value as text. Bytes that are not UTF-8 become U+FFFD. */
  string(): string {
    return this.bytes.toString();
  }

  /** The value parsed as JSON. Throws a SyntaxError that names the key. */
  json(): unknown {
    try {
      return JSON.parse(this.string());
    } catch (cause) {
      throw new SyntaxError(`the value of ${this.key} is not JSON: ${(cause as Error).message}`, { cause });
    }
  }

  /** The revision of the last change of the key (mod_revision). */
  get revision(): bigint {
    return this.kv.modRevision;
  }

  get createRevision(): bigint {
    return this.kv.createRevision;
  }

  /** How many times the key has been put since it was created. */
  get version(): bigint {
    return this.kv.version;
  }

  /** The lease that the key is attached to; 0n without a lease. */
  get lease(): bigint {
    return this.kv.lease;
  }

  toString(): string {
    return this.string();
  }

  [Symbol.for("nodejs.util.inspect.custom")](): unknown {
    const { key, revision, version, lease } = this;
    return { key, value: this.string(), revision, version, ...(lease !== 0n && { lease }) };
  }
}

/**
 * The keys of a range with their values, in the order of the keys unless the request says otherwise. Like a Map whose keys
 * are strings; `get` and `has` also take bytes.
 */
export class Entries implements Iterable<[string, Value]> {
  private readonly byKey: Map<string, Value>;

  /** @internal */
  constructor(
    private readonly list: readonly Value[],
    /** The revision of the store that was read. */
    readonly revision: bigint,
    /** Whether the range has more keys than `limit`. */
    readonly more: boolean,
    /** How many keys the range has, also those beyond `limit`. */
    readonly count: number,
  ) {
    this.byKey = new Map(list.map((value) => [latin1(value.keyBytes), value]));
  }

  get size(): number {
    return this.list.length;
  }

  get(key: Bytes): Value | undefined {
    return this.byKey.get(latin1(bytes(key, "the key of get")));
  }

  has(key: Bytes): boolean {
    return this.byKey.has(latin1(bytes(key, "the key of has")));
  }

  *keys(): IterableIterator<string> {
    for (const { key } of this.list) yield key;
  }

  *values(): IterableIterator<Value> {
    yield* this.list;
  }

  *entries(): IterableIterator<[string, Value]> {
    for (const value of this.list) yield [value.key, value];
  }

  [Symbol.iterator](): IterableIterator<[string, Value]> {
    return this.entries();
  }

  forEach(callback: (value: Value, key: string, entries: this) => void): void {
    for (const value of this.list) callback(value, value.key, this);
  }

  [Symbol.for("nodejs.util.inspect.custom")](): unknown {
    return new Map(this.list.map((value) => [value.key, value.string()]));
  }
}

function latin1(key: Uint8Array): string {
  return asBuffer(key).toString("latin1");
}

function asBuffer(value: Uint8Array): Buffer {
  return Buffer.isBuffer(value) ? value : Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}
