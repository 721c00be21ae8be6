// The records of a range as places, not as objects: the places of 500,000 keys are found in a few turns of the event loop, and
// their records are sorted, read and encoded in later ones.
// Must stay true: after detach(), writes and compactions do not change the list.
import { KeyValue } from "../../proto/gen/mvccpb";
import { emptyBytes, Writer } from "../../proto/wire";
import { sortInSteps, toEnd, type Steps } from "../../storage/steps";
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
    } else if (order?.target === "value") {
      this.ids = yield* this.sortedByValue(order.descending);
    } else if (order !== undefined) {
      const compare = this.comparator(order.target);
      const inOrder: typeof compare = order.descending ? (a, b) => compare(b, a) : compare;
      this.ids = yield* sortInSteps(this.ids, inOrder, this.limit);
    }
    if (this.ids.length > this.limit) this.ids.length = this.limit;
  }

  private comparator(target: Exclude<SortTarget, "key" | "value">): (a: number, b: number) => number {
    const { records } = this;
    switch (target) {
      case "version":
        return (a, b) => records.version(a) - records.version(b);
      case "create":
        return (a, b) => records.createRevision(a) - records.createRevision(b);
      case "mod":
        return (a, b) => records.main(a) - records.main(b);
    }
  }

  /** Reads each value once. */
  private *sortedByValue(descending: boolean): Steps<number[]> {
    const values: Uint8Array[] = [];
    for (const id of this.ids) {
      values.push(this.records.value(id));
      yield 1;
    }
    const compare = (a: number, b: number) =>
      Buffer.compare(values[a] as Uint8Array, values[b] as Uint8Array);
    const places = Array.from(values.keys());
    const sorted = yield* sortInSteps(places, descending ? (a, b) => compare(b, a) : compare, this.limit);
    return sorted.map((place) => this.ids[place] as number);
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
