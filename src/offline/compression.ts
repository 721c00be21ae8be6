// Compressed backups: gzip, and zstd where the runtime has it (Node 22.15, and the executable). A database needs random reads, so
// a compressed file is unpacked to a temporary file first. What a file is shows in its first bytes, not in its name.
import { once } from "node:events";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import * as zlib from "node:zlib";
import { CliError, ExitCode } from "../errors";
import { errorCode } from "../go/os";
import { PathError, withPath } from "../storage/files";

export type Compression = "gzip" | "zstd";

const signatures: Readonly<Record<Compression, Buffer>> = {
  gzip: Buffer.of(0x1f, 0x8b),
  zstd: Buffer.of(0x28, 0xb5, 0x2f, 0xfd),
};

/** The compression that the name of a new file asks for. */
export function compressionOfName(name: string): Compression | undefined {
  if (/\.gz$/i.test(name)) return "gzip";
  return /\.zst$/i.test(name) ? "zstd" : undefined;
}

/** Node 20, whose types we use, has no zstd. */
interface Zstd {
  createZstdCompress?(): Transform;
  createZstdDecompress?(): Transform;
}

const zstd: Zstd = zlib as Zstd;

/** Throws CliError where the runtime has no zstd. */
export function compressor(kind: Compression): Transform {
  if (kind === "gzip") return zlib.createGzip();
  if (zstd.createZstdCompress === undefined) {
    throw noZstd("write", ["use gzip (a name that ends in .gz), or: etcdctl snapshot save - | zstd > FILE"]);
  }
  return zstd.createZstdCompress();
}

function decompressor(kind: Compression, name: string): Transform {
  if (kind === "gzip") return zlib.createGunzip();
  if (zstd.createZstdDecompress === undefined) {
    throw noZstd("read", [`unpack it first: zstd -d ${name}`]);
  }
  return zstd.createZstdDecompress();
}

function noZstd(verb: string, hints: readonly string[]): CliError {
  return new CliError(ExitCode.error, `this Node cannot ${verb} zstd: it needs Node 22.15 or newer`, {
    hints,
  });
}

/** Undefined for a file that is not compressed, or cannot be read: who opens it reports why. */
async function compressionOf(path: string): Promise<Compression | undefined> {
  const file = await open(path, "r").catch(() => undefined);
  if (file === undefined) return undefined;
  try {
    if (!(await file.stat()).isFile()) return undefined;
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
    const start = buffer.subarray(0, bytesRead);
    return (Object.keys(signatures) as Compression[]).find((kind) =>
      start.subarray(0, signatures[kind].length).equals(signatures[kind]),
    );
  } finally {
    await file.close();
  }
}

/** A file that can be read at any place. */
export interface PlainFile {
  readonly path: string;
  /** Removes the temporary file, if there is one. */
  remove(): Promise<void>;
}

export interface UnpackOptions {
  /** The path for messages. */
  readonly name?: string;
  readonly signal?: AbortSignal;
}

/** The file itself, or the unpacked content of a compressed one. Throws CliError for damaged compressed data. */
export async function plainFile(
  path: string,
  { name = path, signal }: UnpackOptions = {},
): Promise<PlainFile> {
  const kind = await compressionOf(path);
  if (kind === undefined) return { path, remove: () => Promise.resolve() };
  const unpack = decompressor(kind, name);
  const folder = await withPath("mkdir", tmpdir(), mkdtemp(join(tmpdir(), "etcdctl-")));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const unpacked = join(folder, "backup.db");
    const target = createWriteStream(unpacked, { flags: "wx", mode: 0o600 });
    await pipeline(createReadStream(path), unpack, target, { ...(signal && { signal }) });
    // Node's zstd does not report a file that is cut in its first block.
    if (target.bytesWritten === 0) throw new Error("unexpected end of file");
    return { path: unpacked, remove };
  } catch (error) {
    await remove();
    signal?.throwIfAborted();
    if (/^E[A-Z0-9]+$/.test(String(errorCode(error)))) throw new PathError("write", folder, error);
    throw new CliError(ExitCode.error, `${name}: damaged ${kind} data (${(error as Error).message})`, {
      cause: error,
    });
  }
}

/** Takes blobs and passes them on compressed. */
export class CompressedOutput {
  private readonly stream: Transform;
  private readonly done: Promise<void>;

  constructor(kind: Compression, write: (chunk: Uint8Array) => Promise<void> | void) {
    this.stream = compressor(kind);
    this.done = this.passOn(write);
    this.done.catch(() => undefined); // `write` and `end` report it
  }

  async write(blob: Uint8Array): Promise<void> {
    if (this.stream.write(blob)) return;
    await Promise.race([once(this.stream, "drain"), this.done]);
  }

  /** Resolves when the last bytes have been passed on. */
  async end(): Promise<void> {
    this.stream.end();
    await this.done;
  }

  destroy(): void {
    this.stream.destroy();
  }

  private async passOn(write: (chunk: Uint8Array) => Promise<void> | void): Promise<void> {
    for await (const chunk of this.stream as AsyncIterable<Uint8Array>) await write(chunk);
  }
}
