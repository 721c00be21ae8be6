// Two ends of a connection in memory. Bytes arrive in chunks of random sizes, one byte included.
import { Duplex } from "node:stream";

export function pipe(random: (below: number) => number): [Duplex, Duplex] {
  const left = new End(random);
  const right = new End(random);
  left.other = right;
  right.other = left;
  return [left, right];
}

class End extends Duplex {
  other: End | undefined;
  private waiting: (() => void) | undefined;

  constructor(private readonly random: (below: number) => number) {
    super({ highWaterMark: 4096, allowHalfOpen: false });
  }

  override _read(): void {
    const next = this.waiting;
    this.waiting = undefined;
    next?.();
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    const size = this.random(3) === 0 ? 1 + this.random(12) : 1 + this.random(20_000);
    const part = Buffer.from(chunk.subarray(0, size));
    const rest = () => {
      if (size < chunk.length) this._write(chunk.subarray(size), "", done);
      else done();
    };
    const { other } = this;
    if (other === undefined || other.destroyed) return done();
    if (other.push(part)) setImmediate(rest);
    else other.waiting = rest;
  }

  override _final(done: () => void): void {
    this.other?.push(null);
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    const { other } = this;
    setImmediate(() => other?.destroy());
    done(error);
  }
}
