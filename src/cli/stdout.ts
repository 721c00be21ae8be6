// A file descriptor as an OutputStream. Writes to files and terminals are synchronous: that is fastest and keeps the order.
// A pipe may stay full for a long time. So writes beyond the capacity of an empty pipe never wait, if the system allows that, and
// what a full pipe does not take is written in a thread of Node's pool: Ctrl-C still works.
import { constants, fstatSync, openSync, statSync, write, writeSync, type Stats } from "node:fs";
import { setTimeout } from "node:timers";
import { CliError, ExitCode } from "../errors";
import { BrokenPipe, type OutputStream } from "../io";

const pipeCapacityBytes = 64 * 1024;
const retryDelayMs = 2;

/** Resolves to the number of bytes. Not with node:util, which is slow to load. */
function writeLater(fd: number, bytes: Uint8Array, offset: number, length: number): Promise<number> {
  return new Promise((resolve, reject) => {
    write(fd, bytes, offset, length, null, (error, written) => (error ? reject(error) : resolve(written)));
  });
}

/** What the executable's runtime can do without node:fs, which takes it as long to load as the rest of a short command. */
interface BunRuntime {
  readonly Bun?: { write(fd: number, bytes: Uint8Array): Promise<number> };
  readonly process: { binding(name: "tty_wrap"): { isTTY(fd: number): boolean } };
}
const runtime = globalThis as unknown as BunRuntime;

/** Waits for no reader if the descriptor has room for these bytes. */
const writeShort = runtime.Bun?.write ?? writeSync;

export class FdStream implements OutputStream {
  /** How many bytes the descriptor certainly accepts without a reader, whatever it is. */
  private freeBytes = pipeCapacityBytes;
  private canBlock: boolean | undefined;
  private neverWaiting: { readonly fd: number | undefined } | undefined;
  private isTerminal: boolean | undefined;

  constructor(
    private readonly fd: number,
    /** Node's stream for a terminal. It is slow to create, so it is created only for a terminal. */
    private readonly terminal: () => NodeJS.WriteStream,
    private readonly interrupt: AbortSignal,
  ) {}

  get isTTY(): boolean {
    return (this.isTerminal ??= isTerminal(this.fd, this.terminal));
  }

  get columns(): number | undefined {
    return this.isTTY ? this.terminal().columns : undefined;
  }

  async write(chunk: string | Uint8Array): Promise<void> {
    const bytes = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
    try {
      for (let offset = 0; offset < bytes.length;) offset += await this.writeSome(bytes, offset);
    } catch (error) {
      throw translate(error, this.fd);
    }
  }

  private async writeSome(bytes: Uint8Array, offset: number): Promise<number> {
    const left = bytes.length - offset;
    try {
      if (left <= this.freeBytes) {
        this.freeBytes -= left;
        const written = writeShort(this.fd, bytes.subarray(offset));
        // Bun tries again in a thread when another process has made the descriptor non-blocking, and it is full.
        return typeof written === "number" ? written : await this.orInterrupt(written);
      }
      if (!(this.canBlock ??= canBlock(this.fd))) return writeSync(this.fd, bytes, offset, left);
      this.freeBytes = 0;
      return (
        this.writeNow(bytes, offset, left) ||
        (await this.orInterrupt(writeLater(this.fd, bytes, offset, left)))
      );
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
      // Another process has made the descriptor non-blocking, and it is full.
      await this.orInterrupt(new Promise((resolve) => setTimeout(resolve, retryDelayMs)));
      return 0;
    }
  }

  /** Returns 0 if the pipe is full. A thread costs ten times as much as a short write. */
  private writeNow(bytes: Uint8Array, offset: number, length: number): number {
    const { fd } = (this.neverWaiting ??= { fd: openNeverWaiting(this.fd) });
    if (fd === undefined) return 0;
    try {
      return writeSync(fd, bytes, offset, length);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EAGAIN") return 0;
      throw error;
    }
  }

  /** An interrupted command must end even when its write cannot. */
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

/** Loads Node's slow terminal code only for what may be a terminal: a character device, but not /dev/null. */
export function isTerminal(fd: number, stream: () => { isTTY?: boolean }): boolean {
  if (runtime.Bun) return runtime.process.binding("tty_wrap").isTTY(fd);
  const stat = fstatSync(fd);
  return stat.isCharacterDevice() && !isNullDevice(stat) && stream().isTTY === true;
}

function isNullDevice({ rdev }: Stats): boolean {
  return rdev === statSync("/dev/null", { throwIfNoEntry: false })?.rdev;
}

function canBlock(fd: number): boolean {
  const stat = fstatSync(fd);
  return stat.isFIFO() || stat.isSocket();
}

/**
 * Opens a pipe once more, so that writes to it do not wait. The other processes that have the pipe are not affected, as they would
 * be by a change of `fd` itself. Undefined for a socket, and without proc(5).
 */
function openNeverWaiting(fd: number): number | undefined {
  try {
    return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
}

function translate(error: unknown, fd: number): unknown {
  const { code, syscall, message } = error as NodeJS.ErrnoException;
  if (code === "EPIPE") return new BrokenPipe("the reader of the output has gone", { cause: error });
  if (syscall === undefined) return error;
  const name = fd === 1 ? "standard output" : "standard error";
  return new CliError(ExitCode.io, `could not write to ${name} (${message})`, { cause: error });
}
