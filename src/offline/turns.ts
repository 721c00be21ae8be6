// Long work of a command without a server: it lets the event loop run from time to time, so that the process notices Ctrl-C.
import { setImmediate } from "node:timers/promises";
import type { Steps } from "../storage/steps";

export class Turns {
  private units = 0;

  constructor(
    private readonly signal: AbortSignal,
    private readonly unitsPerTurn: number,
  ) {}

  /** Call this after each piece of work. After true, call next(). */
  isOver(units = 1): boolean {
    this.units += units;
    return this.units >= this.unitsPerTurn;
  }

  /** Throws the signal's reason after Ctrl-C. */
  async next(): Promise<void> {
    this.units = 0;
    await setImmediate();
    this.signal.throwIfAborted();
  }
}

/** Records between two checks for Ctrl-C. */
const recordsPerTurn = 50_000;

/** Walks over records to the end. */
export async function inTurns(walk: Steps<void>, signal: AbortSignal): Promise<void> {
  const turns = new Turns(signal, recordsPerTurn);
  for (const records of walk) if (turns.isOver(records)) await turns.next();
}
