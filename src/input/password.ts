// Where passwords come from: after the colon of `name:password`, from a prompt, from a file, or from the command of a profile. The
// global flags, the commands and version 2 share it.
import { spawn } from "node:child_process";
import { open } from "node:fs/promises";
import { resolve } from "node:path";
import { platform } from "node:process";
import { CliError, ExitCode } from "../errors";
import { osErrorReason } from "../go/os";
import { writeHints } from "../hints";
import type { Io } from "../io";

/** Splits `name:password` at the first colon. Without a colon, `ask` gets the password. */
export async function splitUser(
  text: string,
  ask: () => Promise<string>,
): Promise<{ user: string; password: string }> {
  const colon = text.indexOf(":");
  if (colon < 0) return { user: text, password: await ask() };
  return { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** A longer file is not a password, but the wrong file. */
const maxFileBytes = 64 * 1024;
const othersMayRead = 0o004;

/**
 * The password in a file, without the newline that editors put at the end. Prints a hint when other users can read the file.
 * Throws CliError for a file that is empty, too long or cannot be read.
 */
export async function readPasswordFile(
  path: string,
  io: Pick<Io, "cwd" | "stderr" | "env">,
): Promise<string> {
  const { bytes, mode } = await readFileAndMode(path, io.cwd);
  if (platform !== "win32" && (mode & othersMayRead) !== 0) {
    await writeHints([`every user of this machine can read ${path}; chmod o= ${path}`], io);
  }
  const password = bytes.toString().replace(/\r?\n$/, "");
  if (password === "") throw unusableFile(path, "it is empty");
  return password;
}

async function readFileAndMode(path: string, cwd: string): Promise<{ bytes: Buffer; mode: number }> {
  try {
    const file = await open(resolve(cwd, path));
    try {
      const { mode } = await file.stat();
      const chunks: Buffer[] = [];
      let sizeBytes = 0;
      for await (const chunk of file.createReadStream({ autoClose: false }) as AsyncIterable<Buffer>) {
        chunks.push(chunk);
        sizeBytes += chunk.length;
        if (sizeBytes > maxFileBytes) throw unusableFile(path, `it is longer than ${maxFileBytes} bytes`);
      }
      return { bytes: Buffer.concat(chunks), mode };
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw unusableFile(path, osErrorReason(error), error);
  }
}

function unusableFile(path: string, reason: string, cause?: unknown): CliError {
  return new CliError(ExitCode.badArgs, `could not take the password from file ${path} (${reason})`, {
    cause,
  });
}

/** What the command prints, without the line end. The command may ask the user on the terminal. */
export async function passwordFromCommand(
  command: string,
  { interrupt }: Pick<Io, "interrupt">,
): Promise<string> {
  const child = spawn(command, { shell: true, stdio: ["inherit", "pipe", "inherit"], signal: interrupt });
  const chunks: Buffer[] = [];
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.on("error", reject);
    child.on("close", resolve);
  }).catch((error: unknown) => {
    interrupt.throwIfAborted();
    throw error;
  });
  const password = Buffer.concat(chunks)
    .toString()
    .replace(/\r?\n$/, "");
  if (exitCode === 0 && password !== "") return password;
  const reason = exitCode === 0 ? "it printed nothing" : `exit code ${exitCode}`;
  throw new CliError(ExitCode.badArgs, `the password command of the profile failed (${reason}): ${command}`);
}
