// Standard input for commands that read all of it and for password prompts that read one line: what a prompt has not
// taken is still there afterwards. Nothing is read before someone asks. Ctrl-C ends every wait.
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
  private source: AsyncIterator<Uint8Array> | undefined;

  constructor(
    private readonly stream: () => NodeJS.ReadStream,
    private readonly interrupt: AbortSignal,
  ) {}

  get isTTY(): boolean {
    return isTerminal(0, this.stream);
  }

  async *chunks(): AsyncGenerator<Uint8Array> {
    for (let chunk = await this.next(); chunk; chunk = await this.next()) yield chunk;
  }

  /** One line without its end; on a terminal without echo, and `interrupt` is called for Ctrl-C. */
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
        else if (edit(line, byte) === "end") return textOf(line);
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

/** What a terminal does with these keys when it is not in raw mode. */
function edit(line: number[], byte: number): "end" | undefined {
  if (byte === keys.ctrlD) return "end";
  if (byte === keys.ctrlU) line.length = 0;
  else if (byte === keys.backspace || byte === keys.delete) dropCharacter(line);
  else if (byte !== keys.ctrlC) line.push(byte);
  return undefined;
}

/** A character of UTF-8 ends where the byte before is no continuation. */
function dropCharacter(line: number[]): void {
  while (((line.pop() ?? 0) & 0xc0) === 0x80);
}

function textOf(line: readonly number[]): string {
  return Buffer.from(line).toString().replace(/\r$/, "");
}
