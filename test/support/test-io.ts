// An Io made of buffers. Commands under test do not touch the streams, environment or signals of the process.
import { systemClock, type Clock } from "../../src/clock";
import type { ChildEnd, ChildOptions, InputStream, Io, OutputStream, Progress, Signal } from "../../src/io";
import { Interrupted } from "../../src/io";

export interface TestIoOptions {
  readonly stdin?: string | Uint8Array | AsyncIterable<Uint8Array>;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  readonly clock?: Clock;
  /** Makes stdin, stdout and stderr look like terminals. */
  readonly terminal?: boolean;
  /** What `readPassword` returns, in order. */
  readonly passwords?: readonly string[];
  /** What a user types into the line editor. */
  readonly lines?: readonly string[];
  /** Called for every started child. Without it a child ends at once with exit code 0. What it throws is the start error. */
  readonly onChild?: (child: TestChild, io: TestIo) => void;
}

/** A child process that the test simulates. */
export interface TestChild extends ChildOptions {
  readonly argv: readonly string[];
  /** The signals it was killed with, in order. */
  readonly kills: string[];
  end(end: ChildEnd): void;
}

export interface TestIo extends Io {
  readonly stdout: BufferStream;
  readonly stderr: BufferStream;
  /** The prompts of `readPassword`, and every progress text. */
  readonly prompts: string[];
  readonly progressTexts: string[];
  readonly children: readonly TestChild[];
  sendSignal(signal: Signal): void;
  /** False: a signal ends the command. */
  readonly handlesSignals: boolean;
}

export function testIo(options: TestIoOptions = {}): TestIo {
  const isTTY = options.terminal ?? false;
  const interrupt = new AbortController();
  const stdout = new BufferStream(isTTY);
  const prompts: string[] = [];
  const progressTexts: string[] = [];
  const passwords = [...(options.passwords ?? [])];
  const children: TestChild[] = [];
  const onChild = options.onChild ?? ((child) => child.end({ exitCode: 0 }));
  let handler: ((signal: Signal) => void) | undefined;
  const io: TestIo = {
    stdin: inputFrom(options.stdin ?? "", isTTY),
    stdout,
    stderr: new BufferStream(isTTY),
    env: options.env ?? {},
    cwd: options.cwd ?? process.cwd(),
    clock: options.clock ?? systemClock,
    interrupt: interrupt.signal,
    prompts,
    progressTexts,
    async readPassword(prompt) {
      prompts.push(prompt);
      await stdout.write(prompt);
      return passwords.shift() ?? "";
    },
    progress(): Progress {
      return { update: (text) => void progressTexts.push(text), stop: () => undefined };
    },
    children,
    async startChild(argv, childOptions) {
      const kills: string[] = [];
      let end!: (end: ChildEnd) => void;
      const ended = new Promise<ChildEnd>((resolve) => (end = resolve));
      const child = { ...childOptions, argv, kills, end };
      onChild(child, io);
      children.push(child);
      const endAll = async (graceMs: number): Promise<void> => {
        kills.push(`all, ${graceMs} ms`);
        await ended;
      };
      return { ended, kill: (signal) => void kills.push(signal), endAll };
    },
    takeSignals(taker) {
      handler = taker;
      return () => (handler = undefined);
    },
    openLineEditor() {
      const lines = [...(options.lines ?? [])];
      const read = (): Promise<string | undefined> => Promise.resolve(lines.shift());
      return Promise.resolve({ read, stopReading: () => undefined, close: () => undefined });
    },
    get handlesSignals() {
      return handler !== undefined;
    },
    sendSignal(signal) {
      if (handler) handler(signal);
      else interrupt.abort(new Interrupted(signal));
    },
  };
  return io;
}

/** Collects what is written. `failWith` makes the next writes fail, like a closed pipe or a full disk. */
export class BufferStream implements OutputStream {
  readonly columns: number | undefined;
  failWith: Error | undefined;
  private readonly chunks: Buffer[] = [];

  constructor(readonly isTTY: boolean) {
    this.columns = isTTY ? 80 : undefined;
  }

  write(chunk: string | Uint8Array): Promise<void> {
    if (this.failWith) return Promise.reject(this.failWith);
    this.chunks.push(Buffer.from(chunk));
    return Promise.resolve();
  }

  get bytes(): Buffer {
    return Buffer.concat(this.chunks);
  }

  get text(): string {
    return this.bytes.toString();
  }
}

function inputFrom(source: string | Uint8Array | AsyncIterable<Uint8Array>, isTTY: boolean): InputStream {
  return {
    isTTY,
    async *chunks() {
      if (typeof source === "string" || source instanceof Uint8Array) {
        const bytes = Buffer.from(source);
        if (bytes.length > 0) yield bytes;
      } else {
        yield* source;
      }
    },
  };
}
