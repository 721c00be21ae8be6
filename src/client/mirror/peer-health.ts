// Whether one side of a mirror responds. Reports once when it stops and once when it responds again, and delays retries.
import { sleep, type Clock } from "../../clock";
import { EtcdError, StatusCode } from "../../errors";
import { isServerError } from "../../etcd/error-table";
import type { CallOptions } from "../../transport/transport";
import { isTransient } from "../retry";

/** What both sides of a mirror need. */
export interface MirrorContext {
  readonly callOptions: () => CallOptions;
  readonly streamOptions: () => CallOptions;
  readonly clock: Clock;
  /** Called after each transaction at the destination, with its number of operations. */
  readonly onCopied: (keys: number) => void;
  /** Shows the user one line. */
  readonly report: (line: string) => Promise<void>;
}

const retryDelayMs = 300;

export class PeerHealth {
  private state: "unknown" | "up" | "down" = "unknown";

  constructor(
    /** The side's name in messages. */
    private readonly name: string,
    private readonly context: MirrorContext,
  ) {}

  /**
   * Resolves when it is time for the next attempt. Throws `error` when another attempt cannot help: the error is
   * permanent, the side has never responded, or the user has interrupted the mirror.
   */
  async waitForRetry(error: unknown): Promise<void> {
    const { clock, streamOptions } = this.context;
    const { signal } = streamOptions();
    if (!mayRecover(error) || signal?.aborted || this.state === "unknown") throw error;
    await this.reportDown(error);
    await sleep(clock, retryDelayMs, signal);
    signal?.throwIfAborted();
  }

  async reportDown(error: EtcdError): Promise<void> {
    if (this.state !== "up") return;
    this.state = "down";
    const { report } = this.context;
    await report(`${this.name} does not respond (${error.message}); the mirror continues when it does`);
    for (const hint of error.hints) await report(hint);
  }

  async reportUp(): Promise<void> {
    const wasDown = this.state === "down";
    this.state = "up";
    if (wasDown) await this.context.report(`${this.name} responds again`);
  }
}

function mayRecover(error: unknown): error is EtcdError {
  const isLate = error instanceof EtcdError && error.code === StatusCode.DeadlineExceeded;
  return isTransient(error) || isLate || isServerError(error, "requestTooManyRequests");
}
