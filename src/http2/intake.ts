// What a connection has received and not read yet. A client that floods its connection would otherwise make turns of the event
// loop that last for seconds, and all other clients wait.
// Must stay true: the chunks are read in their order; connections that have more to read share a turn, and each of them gets a
// part of every turn.
import { setImmediate } from "node:timers";
import type { ByteOutput } from "./outbox";

/** What all connections that have more to read may spend in a turn. A unit takes about a microsecond, with what we answer. */
const unitsOfTurn = 4000;
/** What each of them may spend, however many there are. A put takes twenty. */
const leastUnits = 100;

/** The turns of the event loop, which the connections share. */
export class TurnShares {
  /** Changes with each turn in which frames are read. */
  turn = 0;
  private isCounting = false;
  private waiting: (() => void)[] = [];
  private sharing = 1;

  /** For one connection, in this turn. */
  get units(): number {
    return Math.max(leastUnits, unitsOfTurn / this.sharing);
  }

  /** Frames are read in this turn. */
  begin(): void {
    if (this.isCounting) return;
    this.isCounting = true;
    setImmediate(() => {
      this.isCounting = false;
      this.turn++;
      const { waiting } = this;
      this.waiting = [];
      this.sharing = Math.max(1, waiting.length);
      for (const readOn of waiting) readOn();
    });
  }

  /** Calls `readOn` in the next turn. */
  later(readOn: () => void): void {
    this.waiting.push(readOn);
    this.begin();
  }
}

/** The chunks of one connection. */
export class Intake {
  private readonly unread: Buffer[] = [];
  private readonly reasons = new Set<string>();
  /** For the next turn. */
  private isWaiting = false;
  private turn = -1;
  private leftUnits = 0;

  constructor(
    /** Returns how much was read. */
    private readonly read: (chunk: Buffer) => number,
    private readonly output: Pick<ByteOutput, "pause" | "resume">,
    /** Absent: everything is read at once. */
    private readonly shares: TurnShares | undefined,
  ) {}

  push(chunk: Buffer): void {
    if (this.unread.length > 0) {
      this.unread.push(chunk);
      return;
    }
    const readBytes = this.read(chunk);
    if (readBytes >= chunk.length) return;
    this.unread.push(chunk.subarray(readBytes));
    this.output.pause?.();
    if (this.isTurnSpent) this.readLater();
  }

  private readLater(): void {
    if (this.isWaiting) return;
    this.isWaiting = true;
    this.shares?.later(() => {
      this.isWaiting = false;
      this.readOn();
    });
  }

  /** True: no further frame now. The rest of this turn belongs to others, or what was read is too much already. */
  get isPaused(): boolean {
    return this.reasons.size > 0 || this.isTurnSpent;
  }

  private get isTurnSpent(): boolean {
    return this.shares?.turn === this.turn && this.leftUnits <= 0;
  }

  spend(units: number): void {
    const { shares } = this;
    if (shares === undefined) return;
    if (this.turn !== shares.turn) {
      this.turn = shares.turn;
      this.leftUnits = shares.units;
      shares.begin();
    }
    this.leftUnits -= units;
  }

  /** No further frame is read until goOn() with each reason. */
  holdBack(reason: string): void {
    this.reasons.add(reason);
    this.output.pause?.();
  }

  goOn(reason: string): void {
    if (this.reasons.delete(reason)) this.readOn();
  }

  private readOn(): void {
    if (this.reasons.size > 0 || this.isWaiting) return;
    for (const each of this.unread.splice(0)) this.push(each);
    if (this.reasons.size === 0 && this.unread.length === 0) this.output.resume?.();
  }
}
