// Receives a snapshot from a member. Each blob is written before the client takes the next one, so memory stays flat. The
// stream ends with the SHA-256 of the database, which is checked and also written.
// Go: client/v3/maintenance.go (SnapshotWithVersion), server/etcdserver/api/v3rpc/maintenance.go (Snapshot)
import { createHash } from "node:crypto";
import type { SnapshotResponse } from "../proto/gen/etcdserverpb";
import type { CallOptions, StreamOptions } from "../transport/transport";
import type { EtcdClient } from "./client";

export interface SnapshotSummary {
  /** Storage version of the server. Empty before etcd 3.6. */
  readonly version: string;
  readonly sizeBytes: number;
}

/** The stream ended without an error, but the data is not a whole snapshot. */
export class DamagedSnapshot extends Error {
  override name = "DamagedSnapshot";
}

/**
 * The messages of a snapshot. Throws DamagedSnapshot at the end, or for a stream that is longer than its first message
 * says: it may have no end.
 */
export async function* snapshotMessages(
  maintenance: EtcdClient["maintenance"],
  options: StreamOptions,
): AsyncGenerator<SnapshotResponse> {
  const check = new TrailerCheck();
  let announcedBytes: bigint | undefined;
  for await (const message of maintenance.snapshot({}, options)) {
    check.add(message.blob);
    announcedBytes ??= announced(message);
    if (announcedBytes !== undefined && BigInt(check.sizeBytes) > announcedBytes) {
      throw new DamagedSnapshot(`the server sends more than the ${announcedBytes} bytes that it announced`);
    }
    yield message;
  }
  check.finish();
}

/**
 * Calls `write` for each blob and waits for its promise, if it returns one. The blob is valid until then. Throws
 * DamagedSnapshot.
 */
export async function copySnapshot(
  maintenance: EtcdClient["maintenance"],
  options: CallOptions,
  write: (blob: Uint8Array, remainingBytes: bigint) => Promise<void> | void,
): Promise<SnapshotSummary> {
  let version = "";
  let sizeBytes = 0;
  for await (const message of snapshotMessages(maintenance, { ...options, reusesMessages: true })) {
    version ||= message.version;
    sizeBytes += message.blob.length;
    const written = write(message.blob, message.remainingBytes);
    if (written) await written;
  }
  return { version, sizeBytes };
}

/** The size of the whole by its first message; undefined for a server that does not say it. */
function announced({ blob, remainingBytes }: SnapshotResponse): bigint | undefined {
  return remainingBytes === 0n ? undefined : BigInt(blob.length + hashBytes) + remainingBytes;
}

const hashBytes = 32;
const sectorBytes = 512;

/** Hashes all bytes except the last 32 so far, which may be the hash. */
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

  /** The size of a database is a multiple of 512 bytes, so a remainder of 32 bytes is the hash. */
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
