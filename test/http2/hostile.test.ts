// What a peer may not do, how the connection answers, and what it costs.
import { Http2Connection } from "../../src/http2/connection";
import type { Http2Stream } from "../../src/http2/stream";
import { ManualClock } from "../support/manual-clock";
import { block, frame, RawPeer, requestBlock, uint32 } from "./raw-peer";

const accept = (stream: Http2Stream) => {
  stream.events = {};
};
const server = (options: ConstructorParameters<typeof RawPeer>[0] | object = {}) =>
  new RawPeer({ role: "server", onStream: accept, ...options });
const protocolError = 1;
const flowControlError = 3;
const streamClosed = 5;
const frameSizeError = 6;
const compressionError = 9;
const enhanceYourCalm = 11;

test.each<[string, number, Buffer[]]>([
  ["DATA on stream 0", protocolError, [frame(0, 0, 0, "x")]],
  ["DATA on an idle stream", protocolError, [frame(0, 0, 9, "x")]],
  ["HEADERS on stream 0", protocolError, [frame(1, 4, 0, requestBlock)]],
  ["a request on an even stream", protocolError, [frame(1, 4, 2, requestBlock)]],
  [
    "a request on an older stream",
    streamClosed,
    [frame(1, 4, 5, requestBlock), frame(1, 4, 3, requestBlock)],
  ],
  ["CONTINUATION alone", protocolError, [frame(9, 4, 1, requestBlock)]],
  [
    "another frame inside a header block",
    protocolError,
    [frame(1, 0, 1, requestBlock), frame(6, 0, 0, "12345678")],
  ],
  [
    "another stream inside a header block",
    protocolError,
    [frame(1, 0, 1, requestBlock), frame(9, 4, 3, requestBlock)],
  ],
  ["padding longer than HEADERS", protocolError, [frame(1, 0xc, 1, "\xffab")]],
  ["padding longer than DATA", protocolError, [frame(1, 4, 1, requestBlock), frame(0, 8, 1, "\x05abc")]],
  ["a damaged header block", compressionError, [frame(1, 4, 1, "\xff\x00")]],
  ["a frame of 16385 bytes", frameSizeError, [frame(1, 4, 1, "x".repeat(16_385))]],
  ["RST_STREAM on an idle stream", protocolError, [frame(3, 0, 1, uint32(8))]],
  ["RST_STREAM of 3 bytes", frameSizeError, [frame(1, 4, 1, requestBlock), frame(3, 0, 1, "abc")]],
  ["SETTINGS on a stream", protocolError, [frame(4, 0, 1)]],
  ["SETTINGS of 5 bytes", frameSizeError, [frame(4, 0, 0, "12345")]],
  ["SETTINGS with an acknowledgement and a payload", frameSizeError, [frame(4, 1, 0, "123456")]],
  ["a window of 2^31", flowControlError, [frame(4, 0, 0, "\x00\x04\x80\x00\x00\x00")]],
  ["a frame size of 100", protocolError, [frame(4, 0, 0, "\x00\x05\x00\x00\x00\x64")]],
  ["PUSH_PROMISE", protocolError, [frame(5, 4, 1, "\x00\x00\x00\x02")]],
  ["PING of 7 bytes", frameSizeError, [frame(6, 0, 0, "1234567")]],
  ["PING on a stream", protocolError, [frame(6, 0, 1, "12345678")]],
  ["WINDOW_UPDATE of 0", protocolError, [frame(8, 0, 0, uint32(0))]],
  ["a connection window above 2^31 - 1", flowControlError, [frame(8, 0, 0, uint32(2 ** 31 - 1))]],
])("%s ends the connection.", async (_what, code, frames) => {
  const peer = server();
  peer.receive(...frames);
  expect(await peer.answers()).toContainEqual(expect.stringMatching(`^goAway ${code} `));
  expect(peer.isEnded).toBe(true);
});

test.each<[string, number, Buffer[]]>([
  ["two :path", protocolError, [frame(1, 4, 1, Buffer.concat([requestBlock, block({ ":path": "/" })]))]],
  [
    "a pseudo-header after others",
    protocolError,
    [frame(1, 4, 1, block({ ":method": "GET", a: "b", ":scheme": "http", ":path": "/" }))],
  ],
  [
    "an unknown pseudo-header",
    protocolError,
    [frame(1, 4, 1, Buffer.concat([requestBlock, block({ ":x": "1" })]))],
  ],
  ["an upper-case name", protocolError, [frame(1, 4, 1, Buffer.concat([requestBlock, block({ Ab: "1" })]))]],
  [
    "trailers that do not end the stream",
    protocolError,
    [frame(1, 4, 1, requestBlock), frame(1, 4, 1, block({ a: "b" }))],
  ],
  [
    "a body that is not as long as declared",
    protocolError,
    [frame(1, 4, 1, Buffer.concat([requestBlock, block({ "content-length": "2" })])), frame(0, 1, 1, "abc")],
  ],
  ["DATA after the end", streamClosed, [frame(1, 5, 1, requestBlock), frame(0, 1, 1, "abc")]],
  ["a WINDOW_UPDATE of 0", protocolError, [frame(1, 4, 1, requestBlock), frame(8, 0, 1, uint32(0))]],
  [
    "a window above 2^31 - 1",
    flowControlError,
    [frame(1, 4, 1, requestBlock), frame(8, 0, 1, uint32(2 ** 31 - 1))],
  ],
  [
    "a header list above 64 KiB",
    enhanceYourCalm,
    [
      frame(1, 0, 1, requestBlock),
      ...Array.from({ length: 4 }, () => frame(9, 0, 1, block({ a: "\u0001".repeat(4000) }))),
      frame(9, 4, 1, block({ a: "\u0001".repeat(4000) })),
    ],
  ],
])("%s ends only its stream.", async (_what, code, frames) => {
  const closed: (number | undefined)[] = [];
  const peer = server({
    maxHeaderListBytes: 16_000,
    onStream: (stream: Http2Stream) => (stream.events = { onClose: (error) => closed.push(error?.code) }),
  });
  peer.receive(...frames);
  peer.request(3);
  expect(await peer.answers()).toContainEqual(`rstStream 1 ${code}`);
  expect(closed.every((each) => each === code)).toBe(true);
  expect([peer.isEnded, peer.connection.activeStreams]).toEqual([false, 1]);
});

test("Bytes that are not HTTP/2 end the connection.", async () => {
  const clock = new ManualClock();
  let isEnded = false;
  const output = { write: () => true, end: () => (isEnded = true), destroy: () => (isEnded = true) };
  const connection = new Http2Connection({ role: "server", clock, output });
  connection.receive(Buffer.from("PRI * HTTP/2.0\r\n\r\nGET"));
  expect(isEnded).toBe(true);
  await new Promise((resolve) => setImmediate(resolve));
});

test.each<[string, (i: number) => Buffer]>([
  ["empty DATA frames", (i) => (i === 0 ? frame(1, 4, 1, requestBlock) : frame(0, 0, 1))],
  ["SETTINGS", () => frame(4, 0, 0, "\x00\x03\x00\x00\x00\x64")],
  ["SETTINGS that acknowledge nothing", () => frame(4, 1, 0)],
  ["pings that acknowledge nothing", () => frame(6, 1, 0, "12345678")],
  ["PRIORITY frames", () => frame(2, 0, 1, "\x00\x00\x00\x00\x10")],
  ["frames of unknown types", () => frame(200, 0, 0, "abc")],
  ["CONTINUATION frames", (i) => (i === 0 ? frame(1, 0, 1, requestBlock) : frame(9, 0, 1))],
  [
    "streams that are reset at once",
    (i) => Buffer.concat([frame(1, 4, 2 * i + 1, requestBlock), frame(3, 0, 2 * i + 1, uint32(8))]),
  ],
  [
    "streams that the server must reset",
    (i) => Buffer.concat([frame(1, 4, 2 * i + 1, requestBlock), frame(8, 0, 2 * i + 1, uint32(0))]),
  ],
])("A flood of %s ends the connection.", async (_what, each) => {
  const peer = server();
  for (let i = 0; i < 25_000 && !peer.isEnded; i++) peer.receive(each(i));
  expect(await peer.answers()).toContainEqual(expect.stringMatching(`^goAway ${enhanceYourCalm} `));
  expect(peer.isEnded).toBe(true);
});

test("A peer that sends more than the windows allow is stopped.", async () => {
  const peer = server({
    streamWindowBytes: 20_000,
    connectionWindowBytes: 100_000,
    onStream: (stream: Http2Stream) => stream.pause(),
  });
  peer.request(1);
  for (let i = 0; i < 2; i++) peer.receive(frame(0, 0, 1, "x".repeat(16_000)));
  expect(await peer.answers()).toContainEqual(`rstStream 1 ${flowControlError}`);
  for (let i = 1; i < 20; i++) {
    peer.request(2 * i + 1);
    peer.receive(frame(0, 0, 2 * i + 1, "x".repeat(16_000)));
  }
  expect(await peer.answers()).toContainEqual(expect.stringMatching(`^goAway ${flowControlError} `));
});

test("A client that asks and does not read is not read any more, and what waits is bounded.", async () => {
  const peer = server({
    onStream: (stream: Http2Stream) => {
      stream.respond([{ name: ":status", value: "200" }]);
      stream.end(Buffer.alloc(10_000));
    },
  });
  peer.receive(frame(4, 0, 0, "\x00\x04\x7f\xff\xff\xff"), frame(8, 0, 0, uint32(2 ** 30)));
  peer.takes = false;
  let asked = 0;
  for (; !peer.isPaused && asked < 10_000; asked++) {
    peer.request(2 * asked + 1, 0x5);
    await peer.answers();
  }
  expect(asked).toBeLessThan(200);
  peer.takes = true;
  peer.connection.drained();
  await peer.answers();
  expect(peer.isPaused).toBe(false);
});

test("Data waits for the windows of the stream and the connection.", async () => {
  let drained = 0;
  let stream: Http2Stream | undefined;
  const peer = server({
    onStream(each: Http2Stream) {
      stream = each;
      each.events = { onDrain: () => drained++ };
      each.respond([{ name: ":status", value: "200" }]);
    },
  });
  const sentData = async () => {
    await peer.answers();
    return peer.sent.filter(({ type }) => type === 0).reduce((sum, { payload }) => sum + payload.length, 0);
  };
  peer.receive(frame(4, 0, 0, "\x00\x04\x00\x00\x00\x0a"));
  peer.request(1, 0x5);
  expect(stream?.write(Buffer.alloc(200_000))).toBe(false);
  expect(await sentData()).toBe(10);
  peer.receive(frame(8, 0, 1, uint32(90)));
  expect(await sentData()).toBe(100);
  peer.receive(frame(8, 0, 1, uint32(10_000_000)));
  expect(await sentData()).toBe(65_535);
  expect(drained).toBe(0);
  peer.receive(frame(8, 0, 0, uint32(10_000_000)));
  expect(await sentData()).toBe(200_000);
  expect(drained).toBe(1);
  stream?.sendTrailers([{ name: "a", value: "b" }]);
  await peer.answers();
  expect(peer.connection.activeStreams).toBe(0);
});

test("Held bytes of a paused stream are joined, and its window is returned when they are read.", async () => {
  let stream: Http2Stream | undefined;
  let received = "";
  const peer = server({
    streamWindowBytes: 1000,
    onStream(each: Http2Stream) {
      stream = each;
      each.pause();
      each.events = { onData: (chunk) => (received += chunk.toString()) };
    },
  });
  peer.request(1);
  for (let i = 0; i < 500; i++) peer.receive(frame(0, 0, 1, String(i % 10)));
  expect(await peer.answers()).not.toContain("windowUpdate 1");
  stream?.resume();
  expect(received).toBe("0123456789".repeat(50));
  expect(await peer.answers()).toContain("windowUpdate 1");
});

test("A stream that is paused for its window only passes on what comes, and returns the window at the end of the pause.", async () => {
  let stream: Http2Stream | undefined;
  const received: string[] = [];
  const peer = server({
    streamWindowBytes: 1000,
    onStream(each: Http2Stream) {
      stream = each;
      each.pause(true);
      each.events = { onData: (chunk) => received.push(chunk.toString()), onEnd: () => received.push("end") };
    },
  });
  peer.request(1);
  for (let i = 0; i < 10; i++) peer.receive(frame(0, i === 9 ? 1 : 0, 1, String(i).repeat(50)));
  expect(received).toEqual([...[..."0123456789"].map((digit) => digit.repeat(50)), "end"]);
  stream?.resume();
  expect(received.at(-1)).toBe("end");
  expect(await peer.answers()).not.toContain("windowUpdate 1");
  peer.request(3);
  for (let i = 0; i < 6; i++) peer.receive(frame(0, 0, 3, "x".repeat(50)));
  stream?.resume();
  expect(await peer.answers()).toContain("windowUpdate 3");
});

test("A peer that sends more than the window of such a stream is stopped.", async () => {
  const peer = server({ streamWindowBytes: 1000, onStream: (stream: Http2Stream) => stream.pause(true) });
  peer.request(1);
  for (let i = 0; i < 11; i++) peer.receive(frame(0, 0, 1, "x".repeat(100)));
  expect(await peer.answers()).toContain(`rstStream 1 ${flowControlError}`);
});

test("A handler that throws resets its stream, and the others go on.", async () => {
  const errors: unknown[] = [];
  const peer = server({
    onError: (error: unknown) => errors.push(error),
    onStream(stream: Http2Stream) {
      stream.events = {
        onData() {
          throw new Error("broken");
        },
      };
    },
  });
  peer.request(1);
  peer.request(3);
  peer.receive(frame(0, 0, 1, "x"));
  expect(await peer.answers()).toContain("rstStream 1 2");
  expect([errors.length, peer.connection.activeStreams]).toEqual([1, 1]);
});
