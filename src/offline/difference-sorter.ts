// Sorts differing keys by their bytes. What does not fit into a bounded memory is sorted in runs in a temporary file, which are
// merged at the end. In memory keys are as in the file, since a million objects would take ten times as much.
//
//   a key
//   0  u32 size of the key | 4 u32 size of A's record, 0: none | 16 u32 size of B's record, 0: none | 28 the key
//                          | 8 f64 its place                   | 20 f64 its place                   |
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PathError } from "../storage/files";
import type { DifferentKey, RecordPlace } from "./difference-table";

export interface SortedKey extends DifferentKey {
  readonly key: Buffer;
}

const maxRunKeys = 100_000;
const maxRunBytes = 16 * 1024 * 1024;
const headBytes = 28;
const chunkBytes = 64 * 1024;

interface Run {
  readonly start: number;
  readonly end: number;
}

export class DifferenceSorter {
  /** Keys one after the other, and where each begins. */
  private keys: Buffer = Buffer.alloc(chunkBytes);
  private keyBytes = 0;
  private starts: number[] = [];
  private readonly runs: Run[] = [];
  private file: { readonly folder: string; readonly fd: number } | undefined;
  private end = 0;

  constructor(
    private readonly runKeys = maxRunKeys,
    /** For the temporary file. */
    private readonly parent = tmpdir(),
  ) {}

  add(key: SortedKey): void {
    const end = this.keyBytes + headBytes + key.key.length;
    if (end > this.keys.length) this.grow(end);
    encodeKey(key, this.keys, this.keyBytes);
    this.starts.push(this.keyBytes);
    this.keyBytes = end;
    if (this.starts.length >= this.runKeys || end >= maxRunBytes) this.writeRun();
  }

  /** In order of the keys. Call it once, after the last key. */
  sorted(): Iterable<SortedKey> {
    return mergeAll([...this.runs.map((run) => this.read(run)), this.last()]);
  }

  /** Removes the temporary file. */
  close(): void {
    const { file } = this;
    if (file === undefined) return;
    this.file = undefined;
    closeSync(file.fd);
    rmSync(file.folder, { recursive: true, force: true });
  }

  private *last(): Generator<SortedKey> {
    for (const start of this.sortedStarts()) yield decodeKey(this.keys, start);
  }

  private grow(sizeBytes: number): void {
    const grown = Buffer.allocUnsafeSlow(Math.max(sizeBytes, 2 * this.keys.length));
    this.keys.copy(grown, 0, 0, this.keyBytes);
    this.keys = grown;
  }

  private sortedStarts(): number[] {
    const { keys } = this;
    const keyEnd = (start: number) => start + headBytes + keys.readUInt32LE(start);
    return this.starts.sort((a, b) => keys.compare(keys, b + headBytes, keyEnd(b), a + headBytes, keyEnd(a)));
  }

  private writeRun(): void {
    const start = this.end;
    let pieces: Buffer[] = [];
    let sizeBytes = 0;
    const flush = (): void => {
      this.append(Buffer.concat(pieces));
      [pieces, sizeBytes] = [[], 0];
    };
    for (const start of this.sortedStarts()) {
      const key = this.keys.subarray(start, start + headBytes + this.keys.readUInt32LE(start));
      pieces.push(key);
      sizeBytes += key.length;
      if (sizeBytes >= chunkBytes) flush();
    }
    flush();
    [this.starts, this.keyBytes] = [[], 0];
    this.runs.push({ start, end: this.end });
  }

  private append(bytes: Buffer): void {
    try {
      this.file ??= openTemporary(this.parent);
      for (let done = 0; done < bytes.length;) {
        const written = writeSync(this.file.fd, bytes, done, bytes.length - done, this.end);
        done += written;
        this.end += written;
      }
    } catch (cause) {
      throw new PathError("write", this.file?.folder ?? this.parent, cause);
    }
  }

  private *read({ start, end }: Run): Generator<SortedKey> {
    let rest: Buffer = Buffer.alloc(0);
    for (let at = start; at < end;) {
      const chunk = this.readAt(at, Math.min(chunkBytes, end - at));
      at += chunk.length;
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      let from = 0;
      for (;;) {
        const next = from + headBytes;
        if (next > bytes.length || next + bytes.readUInt32LE(from) > bytes.length) break;
        yield decodeKey(bytes, from);
        from = next + bytes.readUInt32LE(from);
      }
      rest = bytes.subarray(from);
    }
  }

  private readAt(at: number, sizeBytes: number): Buffer {
    const into = Buffer.allocUnsafe(sizeBytes);
    const read = this.file === undefined ? 0 : readSync(this.file.fd, into, 0, sizeBytes, at);
    if (read === 0) throw new Error("the temporary file has become shorter");
    return into.subarray(0, read);
  }
}

function openTemporary(parent: string) {
  const folder = mkdtempSync(join(parent, "etcdctl-"));
  try {
    return { folder, fd: openSync(join(folder, "differences"), "wx+", 0o600) };
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

function encodeKey({ key, a, b }: SortedKey, into: Buffer, at: number): void {
  into.writeUInt32LE(key.length, at);
  into.writeUInt32LE(a?.sizeBytes ?? 0, at + 4);
  into.writeDoubleLE(a?.place ?? 0, at + 8);
  into.writeUInt32LE(b?.sizeBytes ?? 0, at + 16);
  into.writeDoubleLE(b?.place ?? 0, at + 20);
  key.copy(into, at + headBytes);
}

function decodeKey(bytes: Buffer, from: number): SortedKey {
  const placeAt = (at: number): RecordPlace | undefined => {
    const sizeBytes = bytes.readUInt32LE(from + at);
    return sizeBytes === 0 ? undefined : { sizeBytes, place: bytes.readDoubleLE(from + at + 4) };
  };
  const start = from + headBytes;
  const key = bytes.subarray(start, start + bytes.readUInt32LE(from));
  return { key, a: placeAt(4), b: placeAt(16) };
}

/** Merges sorted runs in pairs. */
function mergeAll(runs: readonly Iterable<SortedKey>[]): Iterable<SortedKey> {
  const [only] = runs;
  if (only === undefined) return [];
  if (runs.length === 1) return only;
  const middle = runs.length >>> 1;
  return merge(mergeAll(runs.slice(0, middle)), mergeAll(runs.slice(middle)));
}

function* merge(left: Iterable<SortedKey>, right: Iterable<SortedKey>): Generator<SortedKey> {
  const [a, b] = [left[Symbol.iterator](), right[Symbol.iterator]()];
  let [nextA, nextB] = [a.next(), b.next()];
  while (nextA.done !== true || nextB.done !== true) {
    const takesA =
      nextB.done === true || (nextA.done !== true && Buffer.compare(nextA.value.key, nextB.value.key) <= 0);
    if (takesA) {
      yield nextA.value as SortedKey;
      nextA = a.next();
    } else {
      yield nextB.value as SortedKey;
      nextB = b.next();
    }
  }
}
