// The file of `snapshot save`: a bbolt file, then the SHA-256 of its bytes.
// Go: etcdutl/snapshot/v3_snapshot.go (hasChecksum, copyAndVerifyDB)
//
//   0 … n-1    the db file; n is a multiple of 512
//   n … n+31   SHA-256, present when the file's size is 32 more than a multiple of 512. A db file copied from a data dir has
//              none: its size is a multiple of 512. Any other size means that the file was truncated or extended.
import { createHash } from "node:crypto";
import { open, type FileHandle } from "node:fs/promises";
import { CliError, ExitCode } from "../errors";
import { checkBbolt } from "./bbolt/check";
import { BboltFile } from "./bbolt/reader";
import { osErrorReason } from "../go/os";
import { FormatError } from "./errors";
import type { FileChange } from "./files";
import { hashInThread, isWorthThread } from "./hash-thread";

export const hashSizeBytes = 32;
const sectorSizeBytes = 512;
const readSizeBytes = 1024 * 1024;

export function hasHash(sizeBytes: number): boolean {
  return sizeBytes % sectorSizeBytes === hashSizeBytes;
}

export interface VerifyOptions {
  readonly signal?: AbortSignal;
  /** The path for messages. */
  readonly name?: string;
  /** Gets the parts of the database, without the hash, in order and one at a time. A part is valid until the promise resolves. */
  copy?(part: FileChange): Promise<void>;
}

/** Checks the hash if the file has one. Throws FormatError with the damage and its place, CliError for an unreadable file. */
export async function verifySnapshotFile(
  path: string,
  options: VerifyOptions = {},
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
    const computed = await hashOf(file, databaseSizeBytes, { ...options, name });
    const trailer = Buffer.alloc(hashSizeBytes);
    await file.read(trailer, 0, hashSizeBytes, databaseSizeBytes);
    if (!computed.equals(trailer))
      throw new HashMismatch({ path, name }, databaseSizeBytes, computed, trailer);
    return { hashed: true, databaseSizeBytes };
  } finally {
    await file.close();
  }
}

/** Checks the hash while the caller walks over the same file. */
export class HashCheck {
  /** As verifySnapshotFile. It need not be awaited. */
  readonly checked: ReturnType<typeof verifySnapshotFile>;
  private readonly end = new AbortController();

  constructor(path: string, { signal, name }: { readonly signal: AbortSignal; readonly name: string }) {
    this.checked = verifySnapshotFile(path, { signal: AbortSignal.any([signal, this.end.signal]), name });
    this.checked.catch(() => undefined);
  }

  /** Ends what is left of the check. */
  async stop(): Promise<void> {
    this.end.abort();
    await this.checked.catch(() => undefined);
  }
}

/** In a second thread, if nothing is copied: the caller may walk over the file meanwhile. */
async function hashOf(
  file: FileHandle,
  sizeBytes: number,
  { name, copy, signal }: VerifyOptions & { name: string },
): Promise<Buffer> {
  signal?.throwIfAborted();
  const isThreaded = copy === undefined && isWorthThread(sizeBytes);
  const threaded = isThreaded ? hashInThread({ fd: file.fd, sizeBytes }, signal) : undefined;
  if (threaded !== undefined) {
    const result = await threaded;
    if ("shortAt" in result) throw shortened(name, result.shortAt);
    return Buffer.from(result.digest);
  }
  const hash = createHash("sha256");
  for await (const { bytes, offset } of parts(file, sizeBytes, name)) {
    signal?.throwIfAborted();
    const copied = copy?.({ bytes, offset });
    hash.update(bytes);
    await copied;
  }
  return hash.digest();
}

function shortened(name: string, offset: number): FormatError {
  return new FormatError(name, offset, "the file has become shorter while it was read");
}

/** The first `sizeBytes` of the file. The next part is read while the caller works on one; a part is valid until then. */
async function* parts(
  file: FileHandle,
  sizeBytes: number,
  name: string,
): AsyncGenerator<{ bytes: Buffer; offset: number }> {
  const buffers = [Buffer.allocUnsafe(readSizeBytes), Buffer.allocUnsafe(readSizeBytes)] as const;
  const read = (buffer: Buffer, offset: number) => {
    const reading = file.read(buffer, 0, Math.min(readSizeBytes, sizeBytes - offset), offset);
    // It may fail while the caller still works.
    reading.catch(() => undefined);
    return reading;
  };
  let next = read(buffers[0], 0);
  for (let offset = 0, turn = 0; offset < sizeBytes; turn++) {
    const { bytesRead, buffer } = await next;
    if (bytesRead === 0) throw shortened(name, offset);
    const end = offset + bytesRead;
    if (end < sizeBytes) next = read(buffers[turn % 2 === 0 ? 1 : 0], end);
    yield { bytes: buffer.subarray(0, bytesRead), offset };
    offset = end;
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
