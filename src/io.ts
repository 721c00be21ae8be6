// Everything outside a command that it may use: streams, environment, clock, prompts, signals, child processes.
// cli/system-io.ts makes the Io of this process; tests pass one of buffers.

import type { Clock } from "./clock";

export interface OutputStream {
  readonly isTTY: boolean;
  /** Columns of the terminal; undefined when not a terminal. */
  readonly columns: number | undefined;
  /**
   * Writes all of `chunk`. Resolves when the stream can take the next chunk (backpressure).
   * Rejects with BrokenPipe when the reader has gone.
   */
  write(chunk: string | Uint8Array): Promise<void>;
}

export interface InputStream {
  readonly isTTY: boolean;
  chunks(): AsyncIterable<Uint8Array>;
}

/** An input that has these bytes and no more. */
export function inputOf(bytes: Uint8Array): InputStream {
  return {
    isTTY: false,
    async *chunks() {
      if (bytes.length > 0) yield bytes;
    },
  };
}

/** Reads an input to its end. */
export async function readAll(input: InputStream): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of input.chunks()) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The progress of a long command: one line on stderr, rewritten in place. Nothing when stderr is not a terminal. */
export interface Progress {
  update(text: string): void;
  /** Removes the line. */
  stop(): void;
}

/** A signal that asks a program to end. */
export type Signal = "SIGINT" | "SIGTERM" | "SIGHUP";

export interface ChildOptions {
  /** Added to the inherited environment; wins over it. */
  readonly env?: Readonly<Record<string, string>>;
  /** Whether the child inherits our stdin. Otherwise its stdin is empty. */
  readonly stdin?: boolean;
  /** What the child reads from its stdin. */
  readonly input?: Uint8Array;
}

/** How a child process ended: with an exit code, or by a signal such as `SIGKILL`. */
export type ChildEnd = { readonly exitCode: number } | { readonly signal: string };

export interface ChildProcess {
  readonly ended: Promise<ChildEnd>;
  /** Does nothing after the process has ended. */
  kill(signal: Signal | "SIGKILL"): void;
  /** Sends SIGTERM to the child and, on Linux, to its descendants; after `graceMs` SIGKILL. Resolves when all have ended. */
  endAll(graceMs: number): Promise<void>;
}

/**
 * `command`: with history and completion. `input`: text for a command, not kept. `secret`: without echo.
 */
export type LineMode = "command" | "input" | "secret";

/** Texts that may stand in place of `replaced`, the end of the line. */
export interface LineCompletion {
  readonly replaced: string;
  readonly texts: readonly string[];
}

export interface LineEditorOptions {
  /** Oldest first. */
  readonly history: readonly string[];
  /** Whether a line may be in the history. */
  mayKeep(line: string): boolean;
  /** Called for the tab key with the line up to the cursor. */
  complete(line: string): Promise<LineCompletion>;
}

/** Reads lines that a user types and edits on a terminal. */
export interface LineEditor {
  /** The next line without its end; undefined after Ctrl-D on an empty line, and after `close`. */
  read(prompt: string, mode: LineMode): Promise<string | undefined>;
  /** Gives up a read that has not ended: its promise stays pending, and what is typed belongs to the next read. */
  stopReading(): void;
  close(): void;
}

export interface Io {
  readonly stdin: InputStream;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly clock: Clock;
  /** Aborted by the first Ctrl-C, SIGTERM or SIGHUP, with an Interrupted as its reason. */
  readonly interrupt: AbortSignal;
  /** Prints `prompt` to stdout and reads one line, without echo on a terminal. */
  readPassword(prompt: string): Promise<string>;
  /**
   * Starts a program; its output follows ours on the same stdout and stderr. Rejects with StartFailure, with the message
   * of Go's os/exec, when the program cannot be started.
   */
  startChild(argv: readonly string[], options?: ChildOptions): Promise<ChildProcess>;
  /**
   * Sends every signal to `handler` instead of `interrupt`: for commands that forward signals or clean up.
   * The result ends this.
   */
  takeSignals(handler: (signal: Signal) => void): () => void;
  progress(): Progress;
  /** Only when stdin is a terminal. From then on no one else may read stdin. */
  openLineEditor(options: LineEditorOptions): Promise<LineEditor>;
}

/** The reader of our output has gone (`| head`). The command ends without a message. */
export class BrokenPipe extends Error {
  override name = "BrokenPipe";
}

/** A program could not be started: `exec: "nope": executable file not found in $PATH`. */
export class StartFailure extends Error {
  override name = "StartFailure";
}

/** Why `Io.interrupt` was aborted. */
export class Interrupted extends Error {
  override name = "Interrupted";
  constructor(readonly signal: Signal) {
    super(`interrupted by ${signal}`);
  }
}
