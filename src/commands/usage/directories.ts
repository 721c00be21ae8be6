// Remembers the groups of directories, which are keys up to their last slash. Most records of a walk are in a directory that was
// seen shortly before. It looks at bytes, and forgets a directory when another one needs its place.
import type { UsageRecord } from "../../offline/usage";

const slash = 0x2f;
const places = 1024;

interface Directory {
  readonly bytes: Buffer;
  readonly group: number;
}

export class Directories {
  private readonly known: (Directory | undefined)[] = Array.from({ length: places });

  get(record: UsageRecord): number | undefined {
    const end = directoryEnd(record);
    const found = this.known[placeOf(record, end)];
    return found !== undefined && isSame(found.bytes, record, end) ? found.group : undefined;
  }

  /** Returns the group. */
  set(record: UsageRecord, group: number): number {
    const end = directoryEnd(record);
    const bytes = Buffer.from(record.bytes.subarray(record.keyStart, end));
    this.known[placeOf(record, end)] = { bytes, group };
    return group;
  }
}

function directoryEnd({ bytes, keyStart, keyEnd }: UsageRecord): number {
  let end = keyEnd;
  while (end > keyStart && bytes[end - 1] !== slash) end--;
  return end;
}

/** From the length and the last letters, where directories differ most. */
function placeOf({ bytes, keyStart }: UsageRecord, end: number): number {
  let hash = end - keyStart;
  for (let at = Math.max(keyStart, end - 9); at < end; at++)
    hash = Math.imul(hash, 31) + (bytes[at] as number);
  return (hash ^ (hash >>> 10)) & (places - 1);
}

function isSame(directory: Buffer, { bytes, keyStart }: UsageRecord, end: number): boolean {
  const { length } = directory;
  if (length !== end - keyStart) return false;
  for (let at = 0; at < length; at++) if (directory[at] !== bytes[keyStart + at]) return false;
  return true;
}
