// Clients that work on few keys at the same time and record what they asked and were answered.
import type { EtcdClient } from "../../src/client/client";
import { WatchCreateRequest, type WatchRequest } from "../../src/proto/gen/etcdserverpb";
import { Event_EventType as EventType } from "../../src/proto/gen/mvccpb";
import { PushQueue } from "../support/push-queue";
import { bytes, text } from "../support/requests";
import { seeded } from "../support/seeded";
import type { Connection } from "./connections";
import type { HistoryEvent, Input, Operation } from "./history";

const keyCount = 4;
const usualTimeoutMs = 2000;

export class Traffic {
  readonly operations: Operation[] = [];
  /** Operations that were answered. */
  answered = 0;
  private values = 0;

  /** Until `count` operations of this client are answered. Then the connection is closed. */
  async client(name: string, seed: number, connection: Connection, count: number): Promise<void> {
    const below = seeded(seed);
    let seen: string | undefined;
    for (let answered = 0; answered < count;) {
      const input = this.input(below, seen);
      // Some calls give up early, while the server may still work on them.
      const timeoutMs = below(12) === 0 ? 1 + below(4) : usualTimeoutMs;
      const operation = await this.record(name, `k${below(keyCount)}`, input, connection, timeoutMs);
      this.operations.push(operation);
      if (operation.output === undefined) continue;
      answered++;
      this.answered++;
      seen = operation.output.found ?? ("value" in input ? input.value : undefined);
    }
    await connection.close();
  }

  private input(below: (below: number) => number, seen: string | undefined): Input {
    const n = below(100);
    if (n < 30) return { kind: "get", isSerializable: false };
    if (n < 40) return { kind: "get", isSerializable: true };
    if (n < 50) return { kind: "delete" };
    const value = `v${++this.values}`;
    if (n < 75) return { kind: "put", value, isPair: below(3) === 0 };
    return { kind: "cas", expected: below(5) === 0 ? undefined : seen, value };
  }

  private async record(
    client: string,
    key: string,
    input: Input,
    connection: Connection,
    timeoutMs: number,
  ): Promise<Operation> {
    const calledAt = performance.now();
    const asked = { client, key, input, calledAt };
    try {
      const output = await connection.run(key, input, timeoutMs);
      return { ...asked, returnedAt: performance.now(), output };
    } catch {
      return { ...asked, returnedAt: Infinity, output: undefined };
    }
  }
}

/** Watches all keys from a revision on, and resumes after each failure. */
export class Follower {
  readonly events: HistoryEvent[] = [];
  /** What is wrong with the responses. */
  readonly faults: string[] = [];
  private readonly over = new AbortController();
  private readonly ended: Promise<void>;

  constructor(
    private readonly client: Pick<EtcdClient, "watch" | "close">,
    private next: number,
  ) {
    this.ended = this.follow();
  }

  /** Everything up to this revision was received. */
  get lastRevision(): number {
    return this.next - 1;
  }

  async end(): Promise<void> {
    this.over.abort();
    await this.ended;
    await this.client.close();
  }

  private async follow(): Promise<void> {
    while (!this.over.signal.aborted) {
      // A failure means that the connection or the server is gone.
      await this.watch().catch(() => undefined);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  private async watch(): Promise<void> {
    const requests = new PushQueue<WatchRequest>();
    const all = { key: bytes("\0"), rangeEnd: bytes("\0"), startRevision: BigInt(this.next) };
    requests.push({ requestUnion: { case: "createRequest", value: WatchCreateRequest.create(all) } });
    try {
      for await (const { events } of this.client.watch.watch(requests, { signal: this.over.signal })) {
        const found = events.map(({ type, kv }) => ({
          key: text(kv?.key ?? bytes("")),
          value: type === EventType.PUT ? text(kv?.value ?? bytes("")) : undefined,
          revision: Number(kv?.modRevision),
        }));
        const [first] = found;
        if (first === undefined) continue;
        if (first.revision < this.next) this.faults.push(`revision ${first.revision} after ${this.next - 1}`);
        this.events.push(...found);
        this.next = (found.at(-1)?.revision ?? 0) + 1;
      }
    } finally {
      requests.end();
    }
  }
}
