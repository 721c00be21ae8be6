// No key may be changed twice in one txn: not put twice, nor put and deleted, except in branches that exclude each
// other. Answers to checkIntervals of etcd's v3rpc/key.go. Keys are latin1 strings, whose order is that of their bytes.
import type { DeleteRangeRequest, RequestOp, TxnRequest } from "../../proto/gen/etcdserverpb";
import { serverError } from "../../transport/error-table";

/** Throws duplicateKey. */
export function checkOverlap(request: TxnRequest): void {
  changesOf(request.success);
  changesOf(request.failure);
}

interface Changes {
  readonly puts: Set<string>;
  readonly deletes: KeyRanges;
}

function changesOf(ops: readonly RequestOp[]): Changes {
  const puts = new Set<string>();
  const deletes = new KeyRanges();
  const put = (key: string, alreadyPut: boolean) => {
    if (alreadyPut || deletes.has(key)) throw serverError("duplicateKey");
    puts.add(key);
  };

  for (const { request } of ops) {
    if (request?.case === "requestDeleteRange") deletes.add(rangeOf(request.value));
  }
  for (const { request } of ops) {
    if (request?.case !== "requestTxn") continue;
    const success = changesOf(request.value.success);
    const failure = changesOf(request.value.failure);
    for (const key of success.puts) put(key, puts.has(key));
    // Only one of both branches runs: the same key in both is put once.
    for (const key of failure.puts) put(key, puts.has(key) && !success.puts.has(key));
    deletes.addAll(success.deletes);
    deletes.addAll(failure.deletes);
  }
  for (const { request } of ops) {
    if (request?.case !== "requestPut") continue;
    const key = latin1(request.value.key);
    put(key, puts.has(key));
  }
  return { puts, deletes };
}

/** "Everything from the key on" (an end of one zero byte) is an empty range here, as it is in etcd. */
function rangeOf({ key, rangeEnd }: DeleteRangeRequest): Range {
  const start = latin1(key);
  return { start, end: rangeEnd.length === 0 ? `${start}\0` : latin1(rangeEnd) };
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
}

interface Range {
  readonly start: string;
  readonly end: string;
}

/** Half-open ranges, kept sorted and apart, so that asking stays cheap for a txn of any size. */
class KeyRanges {
  private readonly ranges: Range[] = [];

  add(range: Range): void {
    if (range.end <= range.start) return;
    const first = this.firstEndingFrom(range.start);
    let union = range;
    let after = first;
    for (let next = this.ranges[after]; next !== undefined; next = this.ranges[++after]) {
      if (next.start > union.end) break;
      union = {
        start: next.start < union.start ? next.start : union.start,
        end: next.end > union.end ? next.end : union.end,
      };
    }
    this.ranges.splice(first, after - first, union);
  }

  addAll(others: KeyRanges): void {
    for (const range of others.ranges) this.add(range);
  }

  has(key: string): boolean {
    const range = this.ranges[this.firstEndingFrom(`${key}\0`)];
    return range !== undefined && range.start <= key;
  }

  /** Index of the first range that ends at `key` or after it. */
  private firstEndingFrom(key: string): number {
    let low = 0;
    let high = this.ranges.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const range = this.ranges[middle];
      if (range !== undefined && range.end < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
