// The Io of this process. No other file uses the global `process` (eslint.config.mjs). Output has left the process when
// write() resolves.
import { readFileSync } from "node:fs";
import { systemClock } from "../clock";
import { rawText } from "../go/raw-text";
import type { Io, Signal } from "../io";
import { Interrupted } from "../io";
import { signalOf } from "./exit";
import { StdinReader } from "./stdin";
import { FdStream } from "./stdout";
import { startProgress } from "./terminal";

export function systemIo(): Io {
  const signals = new Signals(process);
  const { interrupt } = signals;
  const stdout = new FdStream(1, () => process.stdout, interrupt);
  const stdin = new StdinReader(() => process.stdin, interrupt);
  return {
    stdin,
    stdout,
    stderr: new FdStream(2, () => process.stderr, interrupt),
    env: process.env,
    cwd: currentDirectory(),
    clock: systemClock,
    interrupt,
    async readPassword(prompt) {
      await stdout.write(prompt);
      const password = await stdin.readSecretLine(interruptSelf);
      await stdout.write("\n");
      return password;
    },
    async startChild(argv, options = {}) {
      const { startChild } = await import("./child");
      return startChild(argv, options, process.env);
    },
    takeSignals: (handler) => signals.take(handler),
    progress: () => startProgress(process.stderr, process.env),
    async openLineEditor(options) {
      const { TerminalLineEditor } = await import("./session/line-editor");
      return new TerminalLineEditor(process.stdin, process.stdout, options, interruptSelf);
    },
  };
}

/** What the terminal does for Ctrl-C, except in raw mode. */
function interruptSelf(): void {
  process.kill(process.pid, "SIGINT");
}

/** A current directory that was removed is an error only for relative paths. */
function currentDirectory(): string {
  try {
    return process.cwd();
  } catch {
    return process.env["PWD"] ?? "/proc/self/cwd";
  }
}

/** The name by which the program was started. */
export function processName(): string {
  return process.argv0;
}

/** Node loses argument bytes that are not UTF-8. Linux keeps them in /proc: they become the text of go/raw-text.ts. */
export function processArguments(): string[] {
  const args = process.argv.slice(2);
  if (!args.some((arg) => arg.includes("\ufffd"))) return args;
  const raw = commandLine().slice(-args.length);
  const isSame = raw.length === args.length && raw.every((bytes, at) => bytes.toString() === args[at]);
  return isSame ? raw.map(rawText) : args;
}

/** proc(5): a zero byte follows each argument. */
function commandLine(): Buffer[] {
  let bytes: Buffer;
  try {
    bytes = readFileSync("/proc/self/cmdline");
  } catch {
    return [];
  }
  const args: Buffer[] = [];
  for (let from = 0, end = bytes.indexOf(0); end >= 0; from = end + 1, end = bytes.indexOf(0, from)) {
    args.push(bytes.subarray(from, end));
  }
  return args;
}

/** An interrupted command dies of the signal: only then does a shell stop the script that ran it. */
export function endProcess(exitCode: number, io: Io): void {
  const signal = io.interrupt.aborted ? signalOf(exitCode) : undefined;
  if (signal === undefined) process.exit(exitCode);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}

/** The part of `process` that Signals uses. */
export interface SignalSource {
  readonly pid: number;
  on(signal: Signal, listener: () => void): unknown;
  removeListener(signal: Signal, listener: () => void): unknown;
  kill(pid: number, signal: Signal): unknown;
}

type Handler = (signal: Signal) => void;

/**
 * Handles the signals that ask the program to end. The first one aborts `interrupt`, the second ends the process; but not a
 * SIGHUP, since a terminal that closes can send several. A command can take all of them.
 */
export class Signals {
  private readonly aborting = new AbortController();
  readonly interrupt = this.aborting.signal;
  private handler: Handler | undefined;

  constructor(source: SignalSource) {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      const listener = (): void => {
        if (this.handler) return this.handler(signal);
        if (!this.interrupt.aborted) return this.aborting.abort(new Interrupted(signal));
        if (signal === "SIGHUP") return;
        source.removeListener(signal, listener);
        source.kill(source.pid, signal);
      };
      source.on(signal, listener);
    }
  }

  /** At most one handler is active. The result removes it. */
  take(handler: Handler): () => void {
    this.handler = handler;
    return () => {
      this.handler = undefined;
    };
  }
}
