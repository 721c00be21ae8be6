// The order of the calls of one connection. A unary call is carried out when its message has come, but the messages of a stream
// pass through promises. So a put that came right after the request of a watch, in one packet, would be applied before the watch
// begins, and the watch would miss it: jetcd does not wait until its watches are created.
import { setImmediate } from "node:timers";

export class CallOrder {
  private isPassing = false;

  /** A message of a stream has come, and reaches its handler in this turn of the event loop. */
  streamMessage(): void {
    if (this.isPassing) return;
    this.isPassing = true;
    setImmediate(() => (this.isPassing = false));
  }

  /** Begins a unary call: now, or after the messages of streams that came before it. */
  begin(call: () => void): void {
    if (this.isPassing) setImmediate(call);
    else call();
  }
}
