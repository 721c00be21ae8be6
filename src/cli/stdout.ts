// A file descriptor as an OutputStream. Files and terminals are written to at once, which is the fastest and keeps the
// order; a pipe may be full for long, so beyond what an empty pipe holds its writes wait on another thread, and Ctrl-C
// is heard meanwhile. A reader that has gone is BrokenPipe.
import { fstatSync, write, writeSync } from "node:fs";
import { promisify } from "node:util";
import { CliError, ExitCode } from "../errors";
import { BrokenPipe, type OutputStream } from "../io";

const emptyPipeHoldsBytes = 64 * 1024;
const retryDelayMs = 2;

const writeLater = promisify(write);

export class FdStream implements OutputStream {
  /** How much may still be written without waiting for a reader. */
  private freeBytes: number | undefined;

  constructor(
    private readonly fd: number,
    /** Node's stream of a terminal; costly to make, so only asked for when this is one. */
    private readonly terminal: () => NodeJS.WriteStream,
    private readonly interrupt: AbortSignal,
  ) {}

  get isTTY(): boolean {
    return isTerminal(this.fd, this.terminal);
  }

  get columns(): number | undefined {
    return this.isTTY ? this.terminal().columns : undefined;
  }

  async write(chunk: string | Uint8Array): Promise<void> {
    const bytes = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
    this.freeBytes ??= canBlock(this.fd) ? emptyPipeHoldsBytes : Infinity;
    try {
      for (let offset = 0; offset < bytes.length;) offset += await this.writeSome(bytes, offset);
    } catch (error) {
      throw translate(error, this.fd);
    }
  }

  private async writeSome(bytes: Uint8Array, offset: number): Promise<number> {
    const left = bytes.length - offset;
    const free = this.freeBytes ?? 0;
    try {
      if (left <= free) {
        this.freeBytes = free - left;
        return writeSync(this.fd, bytes, offset, left);
      }
      const { bytesWritten } = await this.orInterrupt(writeLater(this.fd, bytes, offset, left));
      return bytesWritten;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
      // Someone has made the descriptor non-blocking, and it is full.
      await this.orInterrupt(new Promise((resolve) => setTimeout(resolve, retryDelayMs)));
      return 0;
    }
  }

  /** A write that hangs must not keep a command from ending. */
  private orInterrupt<T>(waiting: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        reject(this.interrupt.reason as Error);
      };
      this.interrupt.addEventListener("abort", stop);
      const release = (): void => {
        this.interrupt.removeEventListener("abort", stop);
      };
      waiting.then(resolve, reject).finally(release);
    });
  }
}

/** Terminals are character devices; only for these is Node's terminal code worth its loading time. */
export function isTerminal(fd: number, stream: () => { isTTY?: boolean }): boolean {
  return fstatSync(fd).isCharacterDevice() && stream().isTTY === true;
}

function canBlock(fd: number): boolean {
  const stat = fstatSync(fd);
  return stat.isFIFO() || stat.isSocket();
}

function translate(error: unknown, fd: number): unknown {
  const { code, syscall, message } = error as NodeJS.ErrnoException;
  if (code === "EPIPE") return new BrokenPipe("nobody reads any more", { cause: error });
  if (syscall === undefined) return error;
  const name = fd === 1 ? "standard output" : "standard error";
  return new CliError(ExitCode.io, `could not write to ${name} (${message})`, { cause: error });
}
