// `watch --exec-batch`: one command for a batch of events, which it reads from its stdin as JSON lines. A batch ends when no event
// has come for a while. Events that come while the command runs are the next batch, so commands never overlap.
import { sleep, type Clock } from "../../clock";
import { EndOfHistory } from "../../errors";
import { exitText } from "../../go/os";
import { quote } from "../../go/quote";
import type { ChildEnd, Io } from "../../io";
import { StartFailure } from "../../io";
import { readableMessage } from "../../output/readable/messages";
import { objectWriter } from "../../output/readable/printer";
import type { WatchResponse } from "../../proto/gen/etcdserverpb";
import { Event } from "../../proto/gen/mvccpb";

/** A batch is not larger, and no more than this is read ahead of the command. */
const maxEvents = 10_000;
/** A batch also ends when events have come without a pause for this many times the pause. */
const maxPauses = 20;

export interface BatchOptions {
  readonly command: readonly string[];
  /** How long no event must come. */
  readonly pauseMs: number;
}

/** Resolves to 1 after a failed command, and to "end of history" at the end of a file. Rejects when the watch fails. */
export async function runBatches(
  responses: AsyncIterable<WatchResponse>,
  { command, pauseMs }: BatchOptions,
  io: Io,
): Promise<1 | "end of history"> {
  const queue = new BatchQueue(io.clock, pauseMs);
  const reading = queue.read(responses);
  reading.catch(() => undefined); // It is awaited after the last batch.
  for (let batch = await queue.next(); batch !== undefined; batch = await queue.next()) {
    const failure = await runCommand(command, batch, io);
    if (failure === undefined) continue;
    await io.stderr.write(`command [${command.map(quote).join(" ")}] error (${failure})\n`);
    return 1;
  }
  await reading;
  return "end of history";
}

interface Batch {
  readonly events: readonly Event[];
  /** Of the store at the last event. */
  readonly revision: bigint;
}

class BatchQueue {
  private events: Event[] = [];
  private revision = 0n;
  private isEnded = false;
  /** Called at each event, at the end, and when a batch is taken. */
  private wake: (() => void)[] = [];

  constructor(
    private readonly clock: Clock,
    private readonly pauseMs: number,
  ) {}

  /** Resolves at the end of a history, and rejects as the watch does. */
  async read(responses: AsyncIterable<WatchResponse>): Promise<void> {
    try {
      for await (const { events, header } of responses) {
        this.events.push(...events);
        this.revision = header?.revision ?? this.revision;
        this.wakeAll();
        while (this.events.length >= maxEvents) await this.change();
      }
    } catch (error) {
      if (!(error instanceof EndOfHistory)) throw error;
    } finally {
      this.isEnded = true;
      this.wakeAll();
    }
  }

  /** Undefined after the last batch. */
  async next(): Promise<Batch | undefined> {
    while (this.events.length === 0 && !this.isEnded) await this.change();
    for (let pauses = 0; pauses < maxPauses && !this.isEnded && this.events.length < maxEvents; pauses++) {
      const before = this.events.length;
      await sleep(this.clock, this.pauseMs);
      if (this.events.length === before) break;
    }
    const events = this.events.splice(0, maxEvents);
    this.wakeAll();
    return events.length === 0 ? undefined : { events, revision: this.revision };
  }

  private change(): Promise<void> {
    return new Promise((resolve) => this.wake.push(resolve));
  }

  private wakeAll(): void {
    for (const each of this.wake.splice(0)) each();
  }
}

async function runCommand(command: readonly string[], batch: Batch, io: Io): Promise<string | undefined> {
  const env = {
    ETCD_WATCH_REVISION: String(batch.revision),
    ETCD_WATCH_EVENT_COUNT: String(batch.events.length),
  };
  const input = objectWriter("jsonl")(batch.events.map((event) => readableMessage(Event, event)));
  try {
    const child = await io.startChild(command, { env, input });
    const end = await unlessInterrupted(child.ended, io.interrupt);
    return "exitCode" in end && end.exitCode === 0 ? undefined : exitText(end);
  } catch (error) {
    if (!(error instanceof StartFailure)) throw error;
    return error.message;
  }
}

/** Rejects with the reason of the interrupt. */
export function unlessInterrupted(ended: Promise<ChildEnd>, interrupt: AbortSignal): Promise<ChildEnd> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(interrupt.reason as Error);
    if (interrupt.aborted) return stop();
    interrupt.addEventListener("abort", stop);
    void ended.then(resolve).finally(() => interrupt.removeEventListener("abort", stop));
  });
}
