// A snapshot as it streams from a member: every blob is handed on before the next one is asked for, so that memory stays
// flat, and the SHA-256 at its end, which stays in the stream, is checked against all before it.
// Answers to clientv3's SnapshotWithVersion and to the sender in etcd's v3rpc/maintenance.go.
import { createHash } from "node:crypto";
import type { CallOptions } from "../transport/transport";
import type { EtcdClient } from "./client";

export interface SnapshotSummary {
  /** Of the server's storage; empty before etcd 3.6. */
  readonly version: string;
  readonly sizeBytes: number;
}

/** The stream has ended as if all were well, but what came is not a whole snapshot. */
export class DamagedSnapshot extends Error {
  override name = "DamagedSnapshot";
}

/** `write` may return nothing when it is done at once. */
export async function copySnapshot(
  maintenance: EtcdClient["maintenance"],
  options: CallOptions,
  write: (blob: Uint8Array, remainingBytes: bigint) => Promise<void> | void,
): Promise<SnapshotSummary> {
  const check = new TrailerCheck();
  let version = "";
  for await (const message of maintenance.snapshot({}, options)) {
    version ||= message.version;
    check.add(message.blob);
    const written = write(message.blob, message.remainingBytes);
    if (written) await written;
  }
  check.finish();
  return { version, sizeBytes: check.sizeBytes };
}

const hashBytes = 32;
const sectorBytes = 512;

/** Hashes everything but the last 32 bytes seen so far, which may turn out to be the hash. */
class TrailerCheck {
  sizeBytes = 0;
  private readonly hash = createHash("sha256");
  private tail = Buffer.alloc(0);

  add(blob: Uint8Array): void {
    this.sizeBytes += blob.length;
    if (blob.length >= hashBytes) {
      this.hash.update(this.tail).update(blob.subarray(0, -hashBytes));
      this.tail = Buffer.from(blob.subarray(-hashBytes));
    } else {
      const end = Buffer.concat([this.tail, blob]);
      const firstOfTail = Math.max(0, end.length - hashBytes);
      this.hash.update(end.subarray(0, firstOfTail));
      this.tail = end.subarray(firstOfTail);
    }
  }

  /** A database is a whole number of sectors. */
  finish(): void {
    if (this.sizeBytes % sectorBytes !== hashBytes) {
      throw new DamagedSnapshot(`sha256 checksum not found [bytes: ${this.sizeBytes}]`);
    }
    const computed = this.hash.digest();
    if (!computed.equals(this.tail)) {
      throw new DamagedSnapshot(
        `sha256 checksum mismatch: expected ${this.tail.toString("hex")}, got ${computed.toString("hex")}`,
      );
    }
  }
}
