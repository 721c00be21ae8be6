// How many bytes each name below a prefix has. No call of etcd sums sizes, so this reads the values, in flat memory: only when
// the user asks for it.
import { readRange } from "../client/range";
import { RangeRequest } from "../proto/gen/etcdserverpb";
import type { FolderSize, SizesLine } from "./api";
import { base64Of, labelOf, nameBelow, rangeBelow } from "./names";
import { readingOf, type Caller } from "./source";

const maxNames = 100;
/** When this many names are known, the smallest ones are joined. */
const maxKept = 4 * maxNames;
const reportEveryKeys = 2000;

interface Sum {
  readonly name: Uint8Array;
  readonly kind: FolderSize["kind"];
  keys: number;
  keyBytes: number;
  valueBytes: number;
}

const bytesOfSum = ({ keyBytes, valueBytes }: Sum): number => keyBytes + valueBytes;

export async function* measure(prefix: Uint8Array, caller: Caller): AsyncGenerator<SizesLine> {
  const request = RangeRequest.create({ ...rangeBelow(prefix), serializable: true });
  const others = { names: 0, keys: 0, bytes: 0 };
  let sums: Sum[] = [];
  let current: Sum | undefined;
  let [scanned, total, bytes, reportAt] = [0, 0, 0, reportEveryKeys];
  const joinSmallest = (most: number): void => {
    sums.sort((a, b) => bytesOfSum(b) - bytesOfSum(a));
    for (const sum of sums.slice(most)) {
      others.names += 1;
      others.keys += sum.keys;
      others.bytes += bytesOfSum(sum);
    }
    sums = sums.slice(0, most);
  };
  for await (const { kvs, count } of readRange(request, readingOf(caller))) {
    total = Math.max(total, Number(count));
    for (const { key, value } of kvs) {
      const { end, isFolder } = nameBelow(key, prefix.length);
      // Keys come in order, so those of one folder follow each other.
      if (
        current?.kind !== "folder" ||
        !isFolder ||
        Buffer.compare(current.name, key.subarray(0, end)) !== 0
      ) {
        if (sums.length === maxKept) joinSmallest(maxNames);
        current = {
          name: key.slice(0, end),
          kind: isFolder ? "folder" : "key",
          keys: 0,
          keyBytes: 0,
          valueBytes: 0,
        };
        sums.push(current);
      }
      current.keys++;
      current.keyBytes += key.length;
      current.valueBytes += value.length;
      bytes += key.length + value.length;
    }
    scanned += kvs.length;
    if (scanned < reportAt) continue;
    reportAt = scanned + reportEveryKeys;
    yield { scanned, total, bytes };
  }
  joinSmallest(maxNames);
  const sizes = sums.map(({ name, kind, ...sum }) => {
    return { kind, key: base64Of(name), label: labelOf(name.subarray(prefix.length)), ...sum };
  });
  yield { scanned, total: scanned, bytes, sizes, others };
}
