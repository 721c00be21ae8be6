// The file of `snapshot save`: a bbolt file, then the SHA-256 of its bytes.
// Go: etcdutl/snapshot/v3_snapshot.go (hasChecksum, copyAndVerifyDB)
//
//   0 … n-1    the db file; n is a multiple of 512
//   n … n+31   SHA-256, present when the file's size is 32 more than a multiple of 512. A db file copied from a data dir has
//              none: its size is a multiple of 512. Any other size means that the file was truncated or extended.
import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { CliError, ExitCode } from "../errors";
import { checkBbolt } from "./bbolt/check";
import { BboltFile } from "./bbolt/reader";
import { osErrorReason } from "../go/os";
import { FormatError } from "./errors";

export const hashSizeBytes = 32;
const sectorSizeBytes = 512;
const readSizeBytes = 1024 * 1024;

export function hasHash(sizeBytes: number): boolean {
  return sizeBytes % sectorSizeBytes === hashSizeBytes;
}

/** Checks the hash if the file has one. Throws FormatError with the damage and its place, CliError for an unreadable file. */
export async function verifySnapshotFile(
  path: string,
  options: { signal?: AbortSignal; name?: string } = {},
): Promise<{ hashed: boolean; databaseSizeBytes: number }> {
  const { name = path } = options;
  const file = await open(path, "r").catch((cause: unknown) => {
    throw new CliError(ExitCode.error, `open ${name}: ${osErrorReason(cause)}`, { cause });
  });
  try {
    const { size } = await file.stat();
    if (size % sectorSizeBytes === 0) return { hashed: false, databaseSizeBytes: size };
    if (!hasHash(size)) throw new FormatError(name, size, "altered or truncated: no database has this size");
    const databaseSizeBytes = size - hashSizeBytes;
    const hash = createHash("sha256");
    const buffer = Buffer.allocUnsafe(readSizeBytes);
    for (let offset = 0; offset < databaseSizeBytes;) {
      options.signal?.throwIfAborted();
      const sizeBytes = Math.min(readSizeBytes, databaseSizeBytes - offset);
      const { bytesRead } = await file.read(buffer, 0, sizeBytes, offset);
      if (bytesRead === 0)
        throw new FormatError(name, offset, "the file has become shorter while it was read");
      hash.update(buffer.subarray(0, bytesRead));
      offset += bytesRead;
    }
    const trailer = Buffer.alloc(hashSizeBytes);
    await file.read(trailer, 0, hashSizeBytes, databaseSizeBytes);
    const computed = hash.digest();
    if (!computed.equals(trailer))
      throw new HashMismatch({ path, name }, databaseSizeBytes, computed, trailer);
    return { hashed: true, databaseSizeBytes };
  } finally {
    await file.close();
  }
}

export class HashMismatch extends FormatError {
  override name = "HashMismatch";

  constructor(
    { path, name }: { path: string; name: string },
    offset: number,
    readonly computed: Buffer,
    readonly expected: Buffer,
  ) {
    const problem = `altered or truncated: the SHA-256 of its ${offset} bytes of database is ${computed.toString("hex")}, but the file ends in ${expected.toString("hex")}`;
    // The hash does not show the place of the damage. The structure may.
    const place =
      firstDamage(path, name) ?? "the structure of the database is intact: a value or the hash was altered";
    super(name, offset, problem, { hints: [place] });
  }
}

function firstDamage(path: string, name: string): string | undefined {
  try {
    const db = BboltFile.open(path, name);
    try {
      for (const damage of checkBbolt(db)) return `first damage found: ${damage.message}`;
    } finally {
      db.close();
    }
  } catch (error) {
    if (error instanceof FormatError) return `first damage found: ${error.message}`;
    throw error;
  }
  return undefined;
}
