// A snapshot of a member's database: as a stream of bytes, in memory, or in a file. Its hash is checked.
import { randomBytes } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import type { CallOptions, Transport } from "../../transport/transport";
import { copySnapshot, snapshotBlobs, type SnapshotSummary } from "../snapshot";
import { checkValue } from "./options";
import { diagnosed, withDiagnosis } from "./errors";

/**
 * A snapshot that is not requested yet. The loop over it, `bytes()` and `toFile()` each request one. They throw a
 * DamagedSnapshot if the stream is not a whole snapshot.
 */
export class SnapshotStream implements AsyncIterable<Buffer> {
  /** @internal */
  constructor(
    private readonly transport: Transport,
    private readonly options: CallOptions,
  ) {}

  /** Yields the parts of the snapshot. Only a loop that ends without an error has seen all of it. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    try {
      for await (const blob of snapshotBlobs(this.transport, this.options)) yield bufferOf(blob);
    } catch (error) {
      throw withDiagnosis(error);
    }
  }

  /** The whole snapshot in memory. */
  async bytes(): Promise<Buffer> {
    const parts: Buffer[] = [];
    for await (const part of this) parts.push(part);
    return Buffer.concat(parts);
  }

  /** Writes the snapshot to a file, which appears when it is complete and replaces one of that name. */
  async toFile(path: string): Promise<SnapshotSummary> {
    checkValue("the path of toFile", "string", path);
    if (path === "") throw new TypeError("the path of toFile must not be empty");
    const temporary = `${path}.part-${randomBytes(6).toString("hex")}`;
    const file = await open(temporary, "wx", 0o600);
    try {
      const summary = await diagnosed(() =>
        copySnapshot(this.transport, this.options, async (blobs) => {
          for (const blob of blobs) await file.appendFile(blob);
        }),
      );
      await file.sync();
      await file.close();
      await rename(temporary, path);
      return summary;
    } catch (error) {
      await file.close().catch(() => undefined);
      await rm(temporary, { force: true });
      throw error;
    }
  }
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
