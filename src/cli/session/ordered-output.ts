// The output of commands that run at the same time, in the order of their lines. The first unfinished line writes
// directly; the output of later lines waits, and a line that has written much waits too, so memory is bounded.
import type { Io, OutputStream } from "../../io";

/** What one line may write before its turn. */
const maxWaitingBytes = 1024 * 1024;

export class OrderedOutput {
  /** Why stdout takes no more: its reader has gone, or the disk is full. */
  failure: unknown;
  /** When the output of all earlier lines is written. */
  private earlier: Promise<unknown> = Promise.resolve();

  constructor(private readonly io: Pick<Io, "stdout" | "stderr">) {}

  /** The output of the next line. */
  nextLine(): LineOutput {
    const output = new LineOutput(this.earlier, this.io, (error) => (this.failure ??= error));
    this.earlier = output.written;
    return output;
  }
}

export class LineOutput {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  /** Resolves when everything is written, after `end`. */
  readonly written: Promise<void>;
  private readonly waiting: (Pick<OutputStream, "write"> & { readonly chunk: string | Uint8Array })[] = [];
  private waitingBytes = 0;
  private hasTurn = false;
  private readonly turn: Promise<void>;
  private resolveEnd: () => void = () => undefined;

  constructor(
    earlier: Promise<unknown>,
    { stdout, stderr }: Pick<Io, "stdout" | "stderr">,
    stdoutFailed: (error: unknown) => void,
  ) {
    this.stdout = this.stream(stdout, stdoutFailed);
    this.stderr = this.stream(stderr, () => undefined);
    const ended = new Promise<void>((resolve) => (this.resolveEnd = resolve));
    this.turn = earlier.then(() => this.writeWaiting());
    this.turn.catch(() => undefined);
    this.written = Promise.allSettled([this.turn, ended]).then(() => undefined);
  }

  /** No more output follows. Rejects if what waited could not be written. */
  async end(): Promise<void> {
    this.resolveEnd();
    await this.turn;
  }

  private stream(to: OutputStream, failed: (error: unknown) => void): OutputStream {
    const write = (chunk: string | Uint8Array) =>
      to.write(chunk).catch((error: unknown) => {
        failed(error);
        throw error;
      });
    return {
      isTTY: to.isTTY,
      columns: to.columns,
      write: async (chunk) => {
        if (this.hasTurn) return write(chunk);
        this.waiting.push({ write, chunk });
        this.waitingBytes += chunk.length;
        if (this.waitingBytes > maxWaitingBytes) await this.turn;
      },
    };
  }

  private async writeWaiting(): Promise<void> {
    for (let next = this.waiting.shift(); next; next = this.waiting.shift()) await next.write(next.chunk);
    this.hasTurn = true;
  }
}
