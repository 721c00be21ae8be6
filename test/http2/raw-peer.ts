// A connection under test whose peer is the test itself: frames are written by hand, and what the connection sends is cut into
// frames again.
import { Http2Connection, type ConnectionOptions } from "../../src/http2/connection";
import { FrameReader } from "../../src/http2/frame-reader";
import { HpackEncoder } from "../../src/http2/hpack/encoder";
import { FrameType, preface } from "../../src/http2/protocol";
import { ManualClock } from "../support/manual-clock";

export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly streamId: number;
  readonly payload: Buffer;
}

export function frame(type: number, flags: number, streamId: number, payload: Buffer | string = ""): Buffer {
  const bytes = Buffer.from(payload as string, "latin1");
  const header = Buffer.alloc(9);
  header.writeUIntBE(bytes.length, 0, 3);
  header[3] = type;
  header[4] = flags;
  header.writeUInt32BE(streamId, 5);
  return Buffer.concat([header, bytes]);
}

export function uint32(...values: number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, i) => bytes.writeUInt32BE(value, 4 * i));
  return bytes;
}

/** A block without entries for the dynamic table: any order of frames is right. */
export function block(fields: Readonly<Record<string, string>>): Buffer {
  const list = Object.entries(fields).map(([name, value]) => ({ name, value, neverIndexed: true }));
  return Buffer.from(new HpackEncoder(0).encode(list));
}

export const requestBlock = block({ ":method": "POST", ":scheme": "http", ":path": "/a" });

export class RawPeer {
  readonly clock = new ManualClock();
  readonly connection: Http2Connection;
  readonly sent: Frame[] = [];
  sentBytes = 0;
  isEnded = false;
  isPaused = false;
  /** Whether the socket takes more. */
  takes = true;
  private readonly reader = new FrameReader(
    {
      isPaused: false,
      onData: (streamId, part, _frameBytes, _paddingBytes, isEnd) =>
        void this.sent.push({ type: FrameType.data, flags: isEnd ? 1 : 0, streamId, payload: part }),
      onFrame: (type, flags, streamId, payload) =>
        void this.sent.push({ type, flags, streamId, payload: Buffer.from(payload) }),
    },
    false,
  );
  private isPrefaceNext: boolean;

  constructor(options: Partial<ConnectionOptions> & Pick<ConnectionOptions, "role">) {
    this.isPrefaceNext = options.role === "client";
    const output = {
      write: (bytes: Buffer) => this.take(bytes),
      end: () => (this.isEnded = true),
      destroy: () => (this.isEnded = true),
      pause: () => (this.isPaused = true),
      resume: () => (this.isPaused = false),
    };
    this.connection = new Http2Connection({ clock: this.clock, output, ...options });
    this.receive(options.role === "server" ? preface : Buffer.alloc(0), frame(FrameType.settings, 0, 0));
  }

  receive(...parts: Buffer[]): void {
    this.connection.receive(Buffer.concat(parts));
  }

  request(streamId: number, flags = 0x4): void {
    this.receive(frame(FrameType.headers, flags, streamId, requestBlock));
  }

  /** What the connection has sent until the end of the turn, as `TYPE stream code`. */
  async answers(): Promise<string[]> {
    await new Promise((resolve) => setImmediate(resolve));
    const names = Object.entries(FrameType);
    return this.sent.flatMap(({ type, streamId, payload }) => {
      const name = names.find(([, number]) => number === type)?.[0] ?? String(type);
      if (type === FrameType.rstStream) return [`${name} ${streamId} ${payload.readUInt32BE(0)}`];
      if (type === FrameType.goAway)
        return [`${name} ${payload.readUInt32BE(4)} ${payload.toString("latin1", 8)}`];
      return [`${name} ${streamId}`];
    });
  }

  private take(bytes: Buffer): boolean {
    const rest = this.isPrefaceNext ? bytes.subarray(preface.length) : bytes;
    this.isPrefaceNext = false;
    this.sentBytes += bytes.length;
    this.reader.push(Buffer.from(rest));
    return this.takes;
  }
}
