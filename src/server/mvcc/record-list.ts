// The records of a range as places, not as objects: the places of 500,000 keys are found in a few turns of the event loop, and
// their records are sorted, read and encoded in later ones.
// Must stay true: after detach(), writes and compactions do not change the list.
import { KeyValue } from "../../proto/gen/mvccpb";
import { emptyBytes, Writer } from "../../proto/wire";
import { stepUnits, toEnd, type Steps } from "../../storage/steps";
import { goSort } from "./go-sort";
import { PartList } from "./part-list";
import { fieldBytes } from "./record-head";
import type { Records } from "./records";

/** `index`: keys and revisions, without values and leases, as etcd's key index has them. */
export type Content = "whole" | "without value" | "index";

export type SortTarget = "key" | "version" | "create" | "mod" | "value";

export interface RecordOrder {
  readonly target: SortTarget;
  readonly descending: boolean;
}

/** Compares places in the list. */
type IsLess = (a: number, b: number) => boolean;

/** Up to here, the sizes of the records do not matter. */
const fewRecords = 4;
const recordsAtOnce = 1024;
const bytesAtOnce = 4 * 1024 * 1024;

/** The most bytes of the length of a field. */
const maxLengthBytes = 5;

export class RecordList extends PartList<KeyValue> {
  private order: RecordOrder | undefined;
  private limit = Infinity;

  /** `ids` in the order of the keys. */
  constructor(
    private records: Records,
    private ids: number[],
    private readonly content: Content = "whole",
  ) {
    super();
  }

  /** Whether sorting, reading and encoding the records should be spread over turns of the event loop. */
  get isLarge(): boolean {
    if (this.ids.length <= fewRecords || this.ids.length > recordsAtOnce) return this.ids.length > fewRecords;
    return this.partEnd(0, Infinity, bytesAtOnce) < this.length;
  }

  get length(): number {
    return Math.min(this.ids.length, this.limit);
  }

  /** Records to keep after sorting. prepare() does both. */
  arrange(order: RecordOrder | undefined, limit: number): void {
    this.order = order;
    this.limit = limit;
  }

  detach(): this {
    this.records = this.records.copy();
    return this;
  }

  /** Sorts the list. Without it, the first iteration does. */
  override *prepare(): Steps<void> {
    const { order } = this;
    this.order = undefined;
    if (order?.target === "key") {
      if (order.descending) this.ids.reverse();
    } else if (order !== undefined) {
      this.ids = yield* this.sorted(order.target, order.descending);
    }
    if (this.ids.length > this.limit) this.ids.length = this.limit;
  }

  /** Reads what it compares once for each record. */
  private *sorted(target: Exclude<SortTarget, "key">, descending: boolean): Steps<number[]> {
    const { ids } = this;
    const places = Array.from(ids.keys());
    const isLess = target === "value" ? yield* this.byValue() : yield* this.byNumber(target);
    yield* goSort(places, descending ? (a, b) => isLess(b, a) : isLess, this.limit);
    return places.slice(0, this.limit).map((place) => ids[place] as number);
  }

  private *byValue(): Steps<IsLess> {
    const values: Uint8Array[] = [];
    for (const id of this.ids) {
      values.push(this.records.value(id));
      yield 1;
    }
    return (a, b) => Buffer.compare(values[a] as Uint8Array, values[b] as Uint8Array) < 0;
  }

  private *byNumber(target: "version" | "create" | "mod"): Steps<IsLess> {
    const { ids, records } = this;
    const numbers = new Float64Array(ids.length);
    for (const [place, id] of ids.entries()) {
      numbers[place] =
        target === "version"
          ? records.version(id)
          : target === "create"
            ? records.createRevision(id)
            : records.main(id);
      if (place % stepUnits === 0) yield stepUnits / 4;
    }
    return (a, b) => (numbers[a] as number) < (numbers[b] as number);
  }

  all(): KeyValue[] {
    toEnd(this.prepare());
    return this.slice(0, this.length);
  }

  override [Symbol.iterator](): Iterator<KeyValue> {
    toEnd(this.prepare());
    return super[Symbol.iterator]();
  }

  /** Of a list that is prepared. */
  slice(from: number, to: number): KeyValue[] {
    const kvs: KeyValue[] = [];
    for (let at = from; at < to; at++) kvs.push(this.at(at));
    return kvs;
  }

  private at(at: number): KeyValue {
    const id = this.ids[at] as number;
    if (this.content === "whole") return this.records.decode(id);
    if (this.content === "without value") return { ...this.records.decode(id), value: emptyBytes };
    const { records } = this;
    return {
      key: records.key(id),
      createRevision: BigInt(records.createRevision(id)),
      modRevision: BigInt(records.main(id)),
      version: BigInt(records.version(id)),
      value: emptyBytes,
      lease: 0n,
    };
  }

  partEnd(from: number, maxRecords: number, maxBytes: number): number {
    let sizeBytes = 0;
    let to = from;
    const end = Math.min(this.length, from + maxRecords);
    while (to < end && sizeBytes < maxBytes) sizeBytes += this.records.sizeBytes(this.ids[to++] as number);
    return to;
  }

  encode(tag: number, from: number, to: number): Buffer {
    const { records, ids } = this;
    if (this.content !== "whole") {
      const writer = new Writer();
      for (let at = from; at < to; at++) writer.message(tag, KeyValue, this.at(at));
      return writer.finish();
    }
    // A record is an encoded KeyValue. The buffer has the right size, as all parts of a response are held together.
    let sizeBytes = maxLengthBytes;
    for (let at = from; at < to; at++) sizeBytes += fieldBytes(records.sizeBytes(ids[at] as number));
    const writer = new Writer(sizeBytes);
    for (let at = from; at < to; at++) writer.bytes(tag, records.bytes(ids[at] as number));
    return writer.finish();
  }
}
