// Who hears the signals that ask the program to end. Normally the first Ctrl-C or SIGTERM asks the command to stop and
// the second one ends the process at once; a command that hands them on to a child takes them all.
import { Interrupted, type Signal } from "../io";

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
