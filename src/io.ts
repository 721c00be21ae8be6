// Everything a command may touch of the world, as values: streams, environment, clock, prompts, signals.
// Knows nobody. cli/system-io.ts makes the real one (the only user of `process`); tests pass buffers.

import type { Clock } from "./clock";

export interface OutputStream {
  readonly isTTY: boolean;
  /** Columns of the terminal; undefined when not a terminal. */
  readonly columns: number | undefined;
  /**
   * Writes all of `chunk`; resolves when the next one may come (backpressure).
   * Rejects with BrokenPipe when the reader has gone.
   */
  write(chunk: string | Uint8Array): Promise<void>;
}

export interface InputStream {
  readonly isTTY: boolean;
  chunks(): AsyncIterable<Uint8Array>;
}

/** Reads an input to its end. */
export async function readAll(input: InputStream): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of input.chunks()) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** How far a long command has come: one line rewritten on stderr when that is a terminal, else nothing at all. */
export interface Progress {
  update(text: string): void;
  /** Removes the line. */
  stop(): void;
}

/** A signal that asks a program to end. */
export type Signal = "SIGINT" | "SIGTERM" | "SIGHUP";

export interface ChildOptions {
  /** Added to the inherited environment, and stronger than it. */
  readonly env?: Readonly<Record<string, string>>;
  /** Whether our standard input is the child's; without it there is nothing to read. */
  readonly stdin?: boolean;
}

/** How a child process ended: by itself, or of a signal (`SIGKILL`). */
export type ChildEnd = { readonly exitCode: number } | { readonly signal: string };

export interface ChildProcess {
  readonly ended: Promise<ChildEnd>;
  /** Does nothing once it has ended. */
  kill(signal: Signal | "SIGKILL"): void;
  /** Asks it and, on Linux, all that it has started to end, and ends what is left after a while. Resolves when all have. */
  endAll(graceMs: number): Promise<void>;
}

export interface Io {
  readonly stdin: InputStream;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly clock: Clock;
  /** Aborted by the first Ctrl-C or SIGTERM; its reason is an Interrupted. */
  readonly interrupt: AbortSignal;
  /** Shows `prompt` on stdout and reads one line, without echo on a terminal. */
  readPassword(prompt: string): Promise<string>;
  /**
   * Starts a command; its output goes where ours goes, after what we have written. Rejects with StartFailure, in the
   * words of Go's os/exec, when there is no such command.
   */
  startChild(argv: readonly string[], options?: ChildOptions): Promise<ChildProcess>;
  /**
   * From now on `handler` gets every signal, SIGHUP too, and `interrupt` stays as it is: for commands with something to
   * hand on or to clean up. The result gives them back.
   */
  takeSignals(handler: (signal: Signal) => void): () => void;
  progress(): Progress;
}

/** The reader of our output has gone (`| head`): the command ends quietly. */
export class BrokenPipe extends Error {
  override name = "BrokenPipe";
}

/** A command that could not be started: `exec: "nope": executable file not found in $PATH`. */
export class StartFailure extends Error {
  override name = "StartFailure";
}

/** Why `Io.interrupt` was aborted. */
export class Interrupted extends Error {
  override name = "Interrupted";
  constructor(readonly signal: Exclude<Signal, "SIGHUP">) {
    super(`interrupted by ${signal}`);
  }
}
