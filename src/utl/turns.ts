// Long work that is done at once gives the event loop a turn now and then, so that Ctrl-C is heard.
import { setImmediate } from "node:timers/promises";

const STEPS = 20_000;

export class Turns {
  private steps = 0;

  constructor(private readonly signal: AbortSignal) {}

  /** Once in many steps. */
  isDue(): boolean {
    return ++this.steps % STEPS === 0;
  }

  async take(): Promise<void> {
    await setImmediate();
    this.signal.throwIfAborted();
  }
}
