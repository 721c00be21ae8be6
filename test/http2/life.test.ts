// Keep-alive, GOAWAY and the number of streams, for both roles.
import type { Http2Stream } from "../../src/http2/stream";
import type { StreamError } from "../../src/http2/protocol";
import { block, frame, RawPeer, uint32 } from "./raw-peer";

const headers = [
  { name: ":method", value: "POST" },
  { name: ":scheme", value: "http" },
  { name: ":path", value: "/a" },
];
const ok = block({ ":status": "200" });
const pingAck = (peer: RawPeer) => peer.receive(frame(6, 1, 0, "12345678"));

describe("a server", () => {
  const server = (options: object = {}) =>
    new RawPeer({ role: "server", onStream: (stream: Http2Stream) => (stream.events = {}), ...options });
  const ping = frame(6, 0, 0, "12345678");

  test("Pings are answered; more of them than allowed end the connection with too_many_pings.", async () => {
    const peer = server({ pingPolicy: { minTimeMs: 5000, withoutStreams: false } });
    peer.request(1);
    for (let i = 0; i < 10; i++) {
      peer.receive(ping);
      peer.clock.advance(5000);
    }
    expect((await peer.answers()).filter((each) => each === "ping 0")).toHaveLength(10);
    peer.receive(ping, ping, ping);
    expect(peer.isEnded).toBe(false);
    peer.receive(ping);
    expect(await peer.answers()).toContain("goAway 11 too_many_pings");
  });

  test("Pings between answers are not counted: grpc-go measures with them.", async () => {
    let stream: Http2Stream | undefined;
    const peer = server({
      pingPolicy: { minTimeMs: 5000, withoutStreams: false },
      onStream: (each: Http2Stream) => (stream = each).respond([{ name: ":status", value: "200" }]),
    });
    peer.request(1);
    for (let i = 0; i < 100; i++) {
      stream?.write(Buffer.from("x"));
      peer.receive(ping);
    }
    expect(peer.isEnded).toBe(false);
    await peer.answers();
  });

  test("goAway() serves what is on its way, then closes.", async () => {
    const streams: Http2Stream[] = [];
    const peer = server({ onStream: (stream: Http2Stream) => streams.push(stream) });
    peer.request(1, 0x5);
    peer.connection.goAway();
    peer.request(3, 0x5);
    expect(peer.connection.activeStreams).toBe(2);
    pingAck(peer);
    peer.request(5, 0x5);
    expect(peer.connection.activeStreams).toBe(2);
    await peer.answers();
    expect(peer.sent.filter(({ type }) => type === 7).map(({ payload }) => payload.readUInt32BE(0))).toEqual([
      2 ** 31 - 1,
      3,
    ]);
    for (const stream of streams) {
      stream.respond([{ name: ":status", value: "200" }]);
      expect(peer.isEnded).toBe(false);
      stream.sendTrailers([{ name: "grpc-status", value: "0" }]);
    }
    expect(peer.isEnded).toBe(true);
    expect(await peer.answers()).toEqual(expect.arrayContaining(["headers 1", "headers 3"]));
  });

  test("An answer before the request's end ends the stream without an error for the client.", async () => {
    const peer = server({
      onStream(stream: Http2Stream) {
        stream.respond([{ name: ":status", value: "200" }], { end: true });
      },
    });
    peer.request(1);
    expect((await peer.answers()).slice(-2)).toEqual(["headers 1", "rstStream 1 0"]);
    // What was on its way is dropped.
    peer.receive(frame(0, 1, 1, "late"));
    expect(await peer.answers()).toHaveLength(peer.sent.length);
    expect(peer.isEnded).toBe(false);
  });

  test("Streams above the limit are refused.", async () => {
    const peer = server({ maxConcurrentStreams: 2 });
    for (const id of [1, 3, 5]) peer.request(id);
    expect(await peer.answers()).toContain("rstStream 5 7");
    expect(peer.connection.activeStreams).toBe(2);
  });
});

describe("a client", () => {
  const client = (options: object = {}) => new RawPeer({ role: "client", ...options });
  const request = (peer: RawPeer) => {
    const log: string[] = [];
    const stream = peer.connection.request(headers, {
      end: true,
      events: {
        onHeaders: (fields) => log.push(`headers ${fields.length}`),
        onEnd: () => log.push("end"),
        onClose: (error: StreamError | undefined) =>
          log.push(error ? `closed ${error.code} ${String(error.isUnprocessed)}` : "closed"),
      },
    });
    return { stream, log };
  };

  test("Requests above the server's limit wait for their turn; one that is reset leaves the line.", async () => {
    const peer = client();
    peer.receive(frame(4, 0, 0, "\x00\x03\x00\x00\x00\x01"));
    const [first, second, third] = [1, 2, 3].map(() => request(peer)) as [
      ReturnType<typeof request>,
      ReturnType<typeof request>,
      ReturnType<typeof request>,
    ];
    expect([first, second, third].map(({ stream }) => stream.id)).toEqual([1, 0, 0]);
    second.stream.reset();
    expect(second.log).toEqual(["closed 8 false"]);
    peer.receive(frame(1, 5, 1, ok));
    expect(first.log).toEqual(["headers 1", "end", "closed"]);
    expect(third.stream.id).toBe(3);
    expect((await peer.answers()).filter((each) => each.startsWith("headers"))).toEqual([
      "headers 1",
      "headers 3",
    ]);
  });

  test("After a GOAWAY, streams that the server does not serve are unprocessed; the others end as usual.", async () => {
    const goAways: unknown[] = [];
    const peer = client({ onGoAway: (code: number, debug: string) => goAways.push([code, debug]) });
    const first = request(peer);
    const second = request(peer);
    peer.receive(frame(7, 0, 0, Buffer.concat([uint32(1, 11), Buffer.from("too_many_pings")])));
    expect(goAways).toEqual([[11, "too_many_pings"]]);
    expect([first.log, second.log]).toEqual([[], ["closed 7 true"]]);
    const late = request(peer);
    await peer.answers();
    expect([late.log, peer.connection.isOpen]).toEqual([["closed 7 true"], false]);
    peer.receive(frame(1, 5, 1, ok));
    expect(first.log).toEqual(["headers 1", "end", "closed"]);
    expect(peer.isEnded).toBe(true);
  });

  test("REFUSED_STREAM means that nothing was done.", () => {
    const peer = client();
    const { log } = request(peer);
    peer.receive(frame(3, 0, 1, uint32(7)));
    expect(log).toEqual(["closed 7 true"]);
  });

  test("Interim responses are skipped.", () => {
    const peer = client();
    const { log } = request(peer);
    peer.receive(frame(1, 4, 1, block({ ":status": "103" })), frame(1, 5, 1, ok));
    expect(log).toEqual(["headers 1", "end", "closed"]);
  });

  test("A silent connection with streams is pinged, and lost when no answer comes.", async () => {
    const closed: unknown[] = [];
    const peer = client({
      keepAlive: { timeMs: 10_000, timeoutMs: 20_000, withoutStreams: false },
      onClose: (error: Error | undefined) => closed.push(error?.message),
    });
    peer.clock.advance(60_000);
    expect(await peer.answers()).not.toContain("ping 0");
    const { log } = request(peer);
    peer.clock.advance(10_000);
    expect((await peer.answers()).filter((each) => each === "ping 0")).toHaveLength(1);
    pingAck(peer);
    peer.clock.advance(29_000);
    expect(closed).toEqual([]);
    peer.clock.advance(30_000);
    expect(closed).toEqual(["keepalive ping failed to receive ACK within timeout"]);
    expect(log).toEqual(["closed 8 false"]);
  });

  test("Each stream ends when the connection is lost.", () => {
    const closed: unknown[] = [];
    const peer = client({ onClose: (error: Error | undefined) => closed.push(error?.message) });
    const { log } = request(peer);
    peer.connection.ended(new Error("read ECONNRESET"));
    expect([log, closed]).toEqual([["closed 8 false"], ["read ECONNRESET"]]);
  });

  test("A server that floods without reading is left.", async () => {
    const peer = client();
    peer.takes = false;
    const pings = Buffer.concat(Array.from({ length: 2000 }, () => frame(6, 0, 0, "12345678")));
    for (let i = 0; i < 1000 && !peer.isEnded; i++) peer.receive(pings);
    expect(peer.isEnded).toBe(true);
    await peer.answers();
  });
});
