// Search for a text in keys: reads the keys below a prefix without their values, page by page, until enough are found or the
// page of the browser has gone.
import { readRange } from "../client/range";
import { RangeRequest } from "../proto/gen/etcdserverpb";
import type { SearchLine } from "./api";
import { base64Of, labelOf, rangeBelow } from "./names";
import { readingOf, type Caller } from "./source";

const maxFound = 500;
const reportEveryKeys = 5000;

/** Letters match without regard to case if the text has no capital. */
export async function* search(prefix: Uint8Array, text: string, caller: Caller): AsyncGenerator<SearchLine> {
  const matches = matcher(text);
  const request = RangeRequest.create({ ...rangeBelow(prefix), keysOnly: true, serializable: true });
  let left = maxFound;
  let scanned = 0;
  let reportAt = reportEveryKeys;
  for await (const { kvs, count } of readRange(request, readingOf(caller))) {
    const found = kvs.filter(({ key }) => matches(key)).slice(0, left);
    left -= found.length;
    scanned += kvs.length;
    if (found.length > 0)
      yield { found: found.map(({ key }) => ({ key: base64Of(key), label: labelOf(key) })) };
    if (left === 0) {
      yield { scanned, total: Number(count) };
      return yield { end: "limit" };
    }
    if (scanned >= reportAt) {
      reportAt = scanned + reportEveryKeys;
      yield { scanned, total: Math.max(scanned, Number(count)) };
    }
  }
  yield { scanned, total: scanned };
  yield { end: "all" };
}

function matcher(text: string): (key: Uint8Array) => boolean {
  if (text !== text.toLowerCase()) {
    const bytes = Buffer.from(text);
    return (key) => Buffer.from(key.buffer, key.byteOffset, key.byteLength).includes(bytes);
  }
  return (key) =>
    Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString().toLowerCase().includes(text);
}
