// One side of a mirror that does not answer for a while: it is told once, waited out and told again. What has never
// answered, errors that do not pass, and Ctrl-C are thrown on.
import { EtcdError, StatusCode } from "../../errors";
import { isServerError } from "../../transport/error-table";
import { isPassing } from "../passing";
import { sleep } from "../sleep";
import type { MirrorWorld } from "./mirror";

const retryMs = 300;

export class Outage {
  private state: "not seen yet" | "answers" | "silent" = "not seen yet";

  constructor(
    private readonly who: string,
    private readonly world: MirrorWorld,
  ) {}

  /** Returns when it is time for the next try. */
  async wait(error: unknown): Promise<void> {
    const { clock, stream } = this.world;
    const { signal } = stream();
    if (!mayPass(error) || signal?.aborted || this.state === "not seen yet") throw error;
    await this.began(error);
    await sleep(clock, retryMs, signal);
    signal?.throwIfAborted();
  }

  async began(error: EtcdError): Promise<void> {
    if (this.state !== "answers") return;
    this.state = "silent";
    const { tell } = this.world;
    await tell(`${this.who} does not answer (${error.message}); the mirror goes on when it does`);
    for (const hint of error.hints) await tell(hint);
  }

  async answered(): Promise<void> {
    const was = this.state;
    this.state = "answers";
    if (was === "silent") await this.world.tell(`${this.who} answers again`);
  }
}

function mayPass(error: unknown): error is EtcdError {
  const isLate = error instanceof EtcdError && error.code === StatusCode.DeadlineExceeded;
  return isPassing(error) || isLate || isServerError(error, "requestTooManyRequests");
}
