// An HTTP/2 connection; the first byte selects its role and the size of the chunks. Each stream must close exactly once, and only
// a ConnectionError may end the connection.
import type { Clock } from "../../../src/clock";
import { Http2Connection } from "../../../src/http2/connection";
import type { HeaderField } from "../../../src/http2/hpack/table";
import { ConnectionError, preface } from "../../../src/http2/protocol";
import type { Http2Stream } from "../../../src/http2/stream";
import type { FuzzTarget } from "../target";

const clock: Clock = { now: () => 0, monotonicNs: () => 0n, setTimeout: () => ({ cancel: () => undefined }) };
const field = (name: string, value: string): HeaderField => ({ name, value });
const request = [
  field(":method", "POST"),
  field(":scheme", "http"),
  field(":path", "/a"),
  field("te", "trailers"),
];
const isServer = (input: Uint8Array) => ((input[0] ?? 0) & 1) === 1;

/** Counts streams, so that one that closes twice or never is found. */
class Side {
  readonly sent: Buffer[] = [];
  readonly problems: unknown[] = [];
  private open = 0;
  readonly connection: Http2Connection;

  constructor(role: "client" | "server") {
    this.connection = new Http2Connection({
      ...{ role, clock, streamWindowBytes: 2000, connectionWindowBytes: 100_000 },
      pingPolicy: { minTimeMs: 1, withoutStreams: true },
      output: {
        write: (bytes) => (this.sent.push(Buffer.from(bytes)), true),
        end: () => undefined,
        destroy: () => undefined,
      },
      onError: (error) => this.problems.push(error),
      onStream: (stream) => this.answer(stream),
      onClose: (error) => {
        if (error !== undefined) this.problems.push(error);
      },
    });
  }

  request(): void {
    const stream = this.connection.request(request);
    this.watch(stream);
    stream.write(Buffer.alloc(3000, "a"));
    stream.end();
  }

  private answer(stream: Http2Stream): void {
    this.watch(stream);
    stream.respond([field(":status", "200")]);
    stream.write(Buffer.alloc(stream.id % 3 === 0 ? 70_000 : 5));
    stream.sendTrailers([field("grpc-status", "0")]);
  }

  private watch(stream: Http2Stream): void {
    this.open++;
    let isClosed = false;
    const { id } = stream;
    stream.events = {
      onData: (chunk) => {
        if (isClosed) throw new Error("data after the close");
        if (chunk.length % 3 === 0) stream.pause();
        if (chunk.length % 3 === 1) stream.resume();
      },
      onClose: () => {
        if (isClosed) throw new Error(`stream ${id} closed twice`);
        isClosed = true;
        this.open--;
      },
    };
  }

  /** Throws what the connection ended with. */
  finish(): void {
    this.connection.destroy();
    const wrong = this.problems.find((each) => !(each instanceof ConnectionError)) ?? this.problems[0];
    if (wrong !== undefined) throw wrong as Error;
    if (this.open !== 0) throw new Error(`${this.open} streams are still open`);
  }
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

export const target: FuzzTarget = {
  async seeds() {
    const [client, server] = [new Side("client"), new Side("server")];
    const bytes: [Buffer, Buffer] = [Buffer.of(1), Buffer.of(0)];
    for (let round = 0; round < 6; round++) {
      if (round < 3) client.request();
      if (round === 4) server.connection.goAway();
      await turn();
      for (const [i, [from, to]] of [
        [client, server],
        [server, client],
      ].entries() as IterableIterator<[0 | 1, [Side, Side]]>) {
        const sent = Buffer.concat(from.sent.splice(0));
        bytes[i] = Buffer.concat([bytes[i], sent]);
        to.connection.receive(sent);
      }
    }
    return bytes.flatMap((each) => [each, Buffer.concat([Buffer.of((each[0] ?? 0) + 8), each.subarray(1)])]);
  },
  isExpected: (error) => error instanceof ConnectionError,
  /** Most inputs begin as they must. */
  fixUp(input) {
    if (isServer(input) && input.length > 40) preface.copy(input, 1);
  },
  async run(input) {
    const side = new Side(isServer(input) ? "server" : "client");
    if (!isServer(input)) for (let i = 0; i < 3; i++) side.request();
    const chunkBytes = 1 + ((input[0] ?? 0) >> 1) * 37;
    for (let at = 1; at < input.length; at += chunkBytes) {
      side.connection.receive(Buffer.from(input.subarray(at, at + chunkBytes)));
    }
    await turn();
    side.finish();
  },
};
