// Receives a snapshot from a member. Messages of 32 KiB are handled some together, and written before the next ones are taken, so
// memory stays flat. The stream ends with the SHA-256 of the database, which is checked and also written.
// Go: client/v3/maintenance.go (SnapshotWithVersion), server/etcdserver/api/v3rpc/maintenance.go (Snapshot)
import { createHash } from "node:crypto";
import { MaintenanceService, SnapshotResponse, type SnapshotRequest } from "../proto/gen/etcdserverpb";
import type { MessageType, Method } from "../proto/message";
import type { CallOptions, Transport } from "../transport/transport";

export interface SnapshotSummary {
  /** Storage version of the server. Empty before etcd 3.6. */
  readonly version: string;
  readonly sizeBytes: number;
}

/** The stream ended without an error, but the data is not a whole snapshot. */
export class DamagedSnapshot extends Error {
  override name = "DamagedSnapshot";
}

/** Of one message, or of several that came joined. */
interface SnapshotPart {
  readonly blobs: readonly Uint8Array[];
  /** Of all blobs. */
  readonly sizeBytes: number;
  /** After the last blob. */
  readonly remainingBytes: bigint;
  readonly version: string;
}

/** Field number << 3 | wire type. */
const tags = { remainingBytes: 0x10, blob: 0x1a, version: 0x22 };

/** The client only reads this type. */
const SnapshotPart: MessageType<SnapshotPart> = {
  ...(SnapshotResponse as unknown as MessageType<SnapshotPart>),
  read(reader, end) {
    const blobs: Uint8Array[] = [];
    let sizeBytes = 0;
    let remainingBytes = 0n;
    let version = "";
    while (reader.pos < end) {
      const tag = reader.tag();
      if (tag === tags.blob) {
        const blob = reader.bytes();
        sizeBytes += blob.length;
        blobs.push(blob);
      } else if (tag === tags.remainingBytes) remainingBytes = reader.uint64();
      else if (tag === tags.version) version = reader.string();
      else reader.skip(tag);
    }
    return { blobs, sizeBytes, remainingBytes, version };
  },
};

const snapshotInParts: Method<SnapshotRequest, SnapshotPart, "serverStream"> = {
  ...MaintenanceService.snapshot,
  response: SnapshotPart,
};

/**
 * The blobs of a snapshot. Throws DamagedSnapshot at the end, or for a stream that is longer than its first message says: it may
 * have no end.
 */
export async function* snapshotBlobs(transport: Transport, options: CallOptions): AsyncGenerator<Uint8Array> {
  const check = new SnapshotCheck();
  for await (const part of transport.serverStream(snapshotInParts, {}, options)) {
    check.count(part);
    check.hash(part);
    yield* part.blobs;
  }
  check.finish();
}

/**
 * Calls `write` for some blobs at a time and waits for its promise, if it returns one. The blobs are valid until then. Throws
 * DamagedSnapshot.
 */
export async function copySnapshot(
  transport: Transport,
  options: CallOptions,
  write: (blobs: readonly Uint8Array[], progress: SnapshotProgress) => Promise<void> | void,
): Promise<SnapshotSummary> {
  const check = new SnapshotCheck();
  let version = "";
  for await (const part of transport.serverStream(snapshotInParts, {}, { ...options, joinsMessages: true })) {
    version ||= part.version;
    check.count(part);
    const written = write(part.blobs, { sizeBytes: check.sizeBytes, remainingBytes: part.remainingBytes });
    check.hash(part); // while another thread writes
    if (written) await written;
  }
  check.finish();
  return { version, sizeBytes: check.sizeBytes };
}

export interface SnapshotProgress {
  /** Of all blobs so far. */
  readonly sizeBytes: number;
  readonly remainingBytes: bigint;
}

/** The size of the whole by its first part; undefined for a server that does not say it. */
function announced({ sizeBytes, remainingBytes }: SnapshotPart): bigint | undefined {
  return remainingBytes === 0n ? undefined : BigInt(sizeBytes + hashBytes) + remainingBytes;
}

const hashBytes = 32;
const sectorBytes = 512;

class SnapshotCheck {
  sizeBytes = 0;
  private announcedBytes: bigint | undefined;
  private readonly sha256 = createHash("sha256");
  private tail = Buffer.alloc(0);

  count(part: SnapshotPart): void {
    this.sizeBytes += part.sizeBytes;
    this.announcedBytes ??= announced(part);
    if (this.announcedBytes === undefined || BigInt(this.sizeBytes) <= this.announcedBytes) return;
    throw new DamagedSnapshot(
      `the server sends more than the ${this.announcedBytes} bytes that it announced`,
    );
  }

  /** All bytes except the last 32 so far, which may be the hash. */
  hash({ blobs }: SnapshotPart): void {
    const last = blobs.at(-1);
    if (last === undefined) return;
    if (last.length >= hashBytes) {
      this.sha256.update(this.tail);
      for (let at = 0; at < blobs.length - 1; at++) this.sha256.update(blobs[at] as Uint8Array);
      this.sha256.update(last.subarray(0, -hashBytes));
      this.tail = Buffer.from(last.subarray(-hashBytes));
    } else {
      const end = Buffer.concat([this.tail, ...blobs]);
      const firstOfTail = Math.max(0, end.length - hashBytes);
      this.sha256.update(end.subarray(0, firstOfTail));
      this.tail = end.subarray(firstOfTail);
    }
  }

  /** The size of a database is a multiple of 512 bytes, so a remainder of 32 bytes is the hash. */
  finish(): void {
    if (this.sizeBytes % sectorBytes !== hashBytes) {
      throw new DamagedSnapshot(`sha256 checksum not found [bytes: ${this.sizeBytes}]`);
    }
    const computed = this.sha256.digest();
    if (!computed.equals(this.tail)) {
      throw new DamagedSnapshot(
        `sha256 checksum mismatch: expected ${this.tail.toString("hex")}, got ${computed.toString("hex")}`,
      );
    }
  }
}
