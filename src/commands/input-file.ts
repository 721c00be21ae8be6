// The bytes of a file that a command reads from its beginning to its end, or of standard input.
import { createReadStream } from "node:fs";
import { resolve } from "node:path";
import { CliError, ExitCode } from "../errors";
import { osErrorReason } from "../go/os";
import type { Io } from "../io";

/** Without a file, and for `-`, it is standard input. Throws CliError when the file cannot be read. */
export function inputChunks(file: string | undefined, { stdin, cwd }: Io): AsyncIterable<Uint8Array> {
  return file === undefined || file === "-" ? stdin.chunks() : fileChunks(file, cwd);
}

async function* fileChunks(file: string, cwd: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(resolve(cwd, file)) as AsyncIterable<Uint8Array>;
  } catch (cause) {
    throw new CliError(ExitCode.io, `cannot read ${file}: ${osErrorReason(cause)}`, { cause });
  }
}
