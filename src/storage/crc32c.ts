// CRC-32C (Castagnoli). Go: hash/crc32
import { buf } from "crc-32/crc32c";
import { FoldingMemory, minFoldedBytes } from "./crc32c-folding";

/** Continues the checksum `crc`, 0 at the start, over the first `sizeBytes` of `bytes`. */
export function crc32c(crc: number, bytes: Uint8Array, sizeBytes = bytes.length): number {
  if (sizeBytes < minFoldedBytes)
    return buf(sizeBytes === bytes.length ? bytes : bytes.subarray(0, sizeBytes), crc) >>> 0;
  common ??= new Crc32c();
  common.restart(crc);
  common.add(bytes, 0, sizeBytes);
  return common.value();
}

/** The checksum of pieces that follow each other. Small ones are put together, so that they take no longer than large ones. */
export class Crc32c {
  private crc = 0;
  private pending = 0;
  private readonly memory = FoldingMemory.create();

  restart(crc: number): void {
    this.crc = crc;
    this.pending = 0;
  }

  /** The piece is the bytes from `start` to `end`. */
  add(bytes: Uint8Array, start = 0, end = bytes.length): void {
    const { memory } = this;
    if (memory === undefined) {
      this.crc = buf(bytes.subarray(start, end), this.crc);
      return;
    }
    for (let at = start; at < end;) {
      const next = Math.min(end, at + memory.bytes.length - this.pending);
      memory.bytes.set(bytes.subarray(at, next), this.pending);
      this.pending += next - at;
      if (next < end) this.value();
      at = next;
    }
  }

  /** Of all pieces up to here. */
  value(): number {
    this.crc = this.memory?.crc(this.crc, this.pending) ?? this.crc;
    this.pending = 0;
    return this.crc >>> 0;
  }
}

let common: Crc32c | undefined;
