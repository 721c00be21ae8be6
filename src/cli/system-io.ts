// The real world as an Io: the only user of `process`. What a command prints has left the process when write() returns.
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
      const password = await stdin.readSecretLine(() => process.kill(process.pid, "SIGINT"));
      await stdout.write("\n");
      return password;
    },
    async startChild(argv, options = {}) {
      const { startChild } = await import("./child");
      return startChild(argv, options, process.env);
    },
    takeSignals: (handler) => signals.take(handler),
    progress: () => startProgress(process.stderr, process.env),
  };
}

/** One that has been removed is no matter for who needs no file in it; relative paths lead nowhere then. */
function currentDirectory(): string {
  try {
    return process.cwd();
  } catch {
    return process.env["PWD"] ?? "/proc/self/cwd";
  }
}

/** Node loses bytes that are no UTF-8: where the system has kept them (Linux), they are in the words as rawText has them. */
export function processArguments(): string[] {
  const words = process.argv.slice(2);
  if (!words.some((word) => word.includes("\ufffd"))) return words;
  const kept = commandLine().slice(-words.length);
  const isOurs = kept.length === words.length && kept.every((bytes, at) => bytes.toString() === words[at]);
  return isOurs ? kept.map(rawText) : words;
}

/** proc(5): every word with a zero behind it. */
function commandLine(): Buffer[] {
  let bytes: Buffer;
  try {
    bytes = readFileSync("/proc/self/cmdline");
  } catch {
    return [];
  }
  const words: Buffer[] = [];
  for (let from = 0, end = bytes.indexOf(0); end >= 0; from = end + 1, end = bytes.indexOf(0, from)) {
    words.push(bytes.subarray(from, end));
  }
  return words;
}

/** An interrupted command dies of its signal: only then does a shell script that ran it stop too. */
export function endProcess(exitCode: number, io: Io): void {
  const signal = io.interrupt.aborted ? signalOf(exitCode) : undefined;
  if (signal === undefined) process.exit(exitCode);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}

// Who hears the signals that ask the program to end. Normally the first Ctrl-C or SIGTERM asks the command to stop and
// the second one ends the process at once; a command that hands them on to a child takes them all.

/** The part of `process` that signals need. */
export interface SignalSource {
  readonly pid: number;
  on(signal: Signal, listener: () => void): unknown;
  removeListener(signal: Signal, listener: () => void): unknown;
  kill(pid: number, signal: Signal): unknown;
}

type Handler = (signal: Signal) => void;

export class Signals {
  private readonly aborting = new AbortController();
  readonly interrupt = this.aborting.signal;
  private handler: Handler | undefined;

  constructor(private readonly source: SignalSource) {
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      const listener = (): void => {
        if (this.handler) return this.handler(signal);
        if (!this.interrupt.aborted) return this.aborting.abort(new Interrupted(signal));
        source.removeListener(signal, listener);
        source.kill(source.pid, signal);
      };
      source.on(signal, listener);
    }
  }

  /** One taker at a time. */
  take(handler: Handler): () => void {
    const hangUp = (): void => handler("SIGHUP");
    this.handler = handler;
    this.source.on("SIGHUP", hangUp);
    return () => {
      this.handler = undefined;
      this.source.removeListener("SIGHUP", hangUp);
    };
  }
}
