// Standard input, for commands that read all of it and for password prompts that read one line. Bytes after that line stay for
// the next read. Nothing is read before the first call. Ctrl-C ends every wait.
import type { ReadStream } from "node:tty";
import { CliError, ExitCode } from "../errors";
import type { InputStream } from "../io";
import { isTerminal } from "./stdout";

const keys = {
  enter: 0x0d,
  newline: 0x0a,
  ctrlC: 0x03,
  ctrlD: 0x04,
  ctrlU: 0x15,
  backspace: 0x08,
  delete: 0x7f,
};

export class StdinReader implements InputStream {
  private rest: Uint8Array | undefined;
  private isTerminal: boolean | undefined;
  private source: AsyncIterator<Uint8Array> | undefined;

  constructor(
    private readonly stream: () => NodeJS.ReadStream,
    private readonly interrupt: AbortSignal,
  ) {}

  get isTTY(): boolean {
    return (this.isTerminal ??= isTerminal(0, this.stream));
  }

  async *chunks(): AsyncGenerator<Uint8Array> {
    for (let chunk = await this.next(); chunk; chunk = await this.next()) yield chunk;
  }

  /** Reads one line without its end. A terminal shows no echo, and Ctrl-C calls `interrupt`. */
  async readSecretLine(interrupt: () => void): Promise<string> {
    const terminal = this.isTTY ? (this.stream() as ReadStream) : undefined;
    terminal?.setRawMode(true);
    try {
      return await this.readLine(interrupt);
    } finally {
      terminal?.setRawMode(false);
    }
  }

  private async readLine(interrupt: () => void): Promise<string> {
    const line: number[] = [];
    for (let chunk = await this.next(); chunk; chunk = await this.next()) {
      for (const [i, byte] of chunk.entries()) {
        if (byte === keys.newline || (this.isTTY && byte === keys.enter)) {
          this.rest = chunk.subarray(i + 1);
          return textOf(line);
        }
        if (!this.isTTY) line.push(byte);
        else if (applyKey(line, byte) === "end") return textOf(line);
        else if (byte === keys.ctrlC) interrupt();
      }
    }
    return textOf(line);
  }

  private async next(): Promise<Uint8Array | undefined> {
    const rest = this.rest;
    this.rest = undefined;
    if (rest && rest.length > 0) return rest;
    this.interrupt.throwIfAborted();
    this.source ??= this.open();
    try {
      const { value, done } = await this.source.next();
      return done === true ? undefined : value;
    } catch (error) {
      if (this.interrupt.aborted) throw this.interrupt.reason;
      throw new CliError(ExitCode.io, `could not read standard input (${(error as Error).message})`, {
        cause: error,
      });
    }
  }

  private open(): AsyncIterator<Uint8Array> {
    const stream = this.stream();
    const stop = (): void => {
      stream.destroy(this.interrupt.reason as Error);
    };
    this.interrupt.addEventListener("abort", stop, { once: true });
    return stream[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  }
}

/** Does what a terminal does with these keys outside raw mode. */
function applyKey(line: number[], byte: number): "end" | undefined {
  if (byte === keys.ctrlD) return "end";
  if (byte === keys.ctrlU) line.length = 0;
  else if (byte === keys.backspace || byte === keys.delete) dropCharacter(line);
  else if (byte !== keys.ctrlC) line.push(byte);
  return undefined;
}

/** Removes one UTF-8 character: its continuation bytes and then its first byte. */
function dropCharacter(line: number[]): void {
  while (((line.pop() ?? 0) & 0xc0) === 0x80);
}

function textOf(line: readonly number[]): string {
  return Buffer.from(line).toString().replace(/\r$/, "");
}
