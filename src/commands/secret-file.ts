// A password from a file, so that it stands neither on the command line nor in the environment. The newline that editors
// put at the end is not part of it. Others being able to read the file is worth a hint, not an error.
import { open } from "node:fs/promises";
import { platform } from "node:os";
import { resolve } from "node:path";
import { CliError, ExitCode } from "../errors";
import { osErrorReason } from "../go/os";
import type { Io } from "../io";

/** More is no password, but a wrong file. */
const limitBytes = 64 * 1024;
const othersMayRead = 0o004;

export async function readSecretFile(path: string, io: Pick<Io, "cwd" | "stderr">): Promise<string> {
  const { bytes, mode } = await contents(path, io.cwd);
  if (platform() !== "win32" && (mode & othersMayRead) !== 0) {
    await io.stderr.write(`hint: every user of this machine can read ${path}; chmod o= ${path}\n`);
  }
  const secret = bytes.toString().replace(/\r?\n$/, "");
  if (secret === "") throw unusable(path, "it is empty");
  return secret;
}

async function contents(path: string, cwd: string): Promise<{ bytes: Buffer; mode: number }> {
  try {
    const file = await open(resolve(cwd, path));
    try {
      const { mode } = await file.stat();
      const chunks: Buffer[] = [];
      let sizeBytes = 0;
      for await (const chunk of file.createReadStream({ autoClose: false }) as AsyncIterable<Buffer>) {
        chunks.push(chunk);
        sizeBytes += chunk.length;
        if (sizeBytes > limitBytes) throw unusable(path, `it is longer than ${limitBytes} bytes`);
      }
      return { bytes: Buffer.concat(chunks), mode };
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw unusable(path, osErrorReason(error), error);
  }
}

function unusable(path: string, reason: string, cause?: unknown): CliError {
  return new CliError(ExitCode.badArgs, `could not take the password from file ${path} (${reason})`, {
    cause,
  });
}
