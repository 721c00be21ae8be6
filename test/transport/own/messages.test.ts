import { StatusCode } from "../../../src/errors";
import { frameMessage, MessageReader } from "../../../src/transport/own/messages";

function read(chunks: readonly Buffer[], limitBytes = 1000): { messages: string[]; isBetween: boolean } {
  const messages: string[] = [];
  const reader = new MessageReader(limitBytes, (message) => messages.push(message.toString()));
  for (const chunk of chunks) reader.push(chunk);
  return { messages, isBetween: reader.isBetweenMessages };
}

const texts = ["", "a", "", "a longer message", "b".repeat(300)];
const bytes = Buffer.concat(texts.map((text) => frameMessage(Buffer.from(text))));

test("messages do not depend on how the bytes are cut", () => {
  for (let size = 1; size <= bytes.length; size++) {
    const chunks = [];
    for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
    expect(read(chunks)).toEqual({ messages: texts, isBetween: true });
  }
});

test.each([1, 4, 5, 6])("%d bytes of a message are none yet", (count) => {
  expect(read([frameMessage(Buffer.from("abc")).subarray(0, count)])).toEqual({
    messages: [],
    isBetween: false,
  });
});

test("a message above the limit fails at its prefix, with Go's text", () => {
  const prefix = frameMessage(Buffer.alloc(1001)).subarray(0, 5);
  expect(() => read([prefix])).toThrow("grpc: received message larger than max (1001 vs. 1000)");
  expect(() => read([prefix])).toThrow(expect.objectContaining({ code: StatusCode.ResourceExhausted }));
});

test.each([
  [1, "grpc: compressed flag set with identity or empty encoding"],
  [2, "grpc: received unexpected payload format 2"],
])("the flag %d is refused", (flag, text) => {
  const message = frameMessage(Buffer.from("abc"));
  message[0] = flag;
  expect(() => read([message])).toThrow(text);
});

test("a message keeps its bytes when the chunk is used again", () => {
  const messages: Buffer[] = [];
  const reader = new MessageReader(10_000_000, (message) => messages.push(message));
  const sent = [Buffer.alloc(100, "a"), Buffer.alloc(9_000_000, "b"), Buffer.alloc(3, "c")];
  const all = Buffer.concat(sent.map(frameMessage));
  const chunk = Buffer.alloc(50_000);
  for (let at = 0; at < all.length; at += chunk.length) {
    const size = all.copy(chunk, 0, at);
    reader.push(chunk.subarray(0, size));
    chunk.fill("x");
  }
  expect(messages.map((message) => message.equals(sent[messages.indexOf(message)] as Buffer))).toEqual([
    true,
    true,
    true,
  ]);
});

test("a long message that has not come takes little memory", () => {
  const limit = 2 ** 31 - 1;
  const reader = new MessageReader(limit, () => undefined);
  const before = process.memoryUsage().arrayBuffers;
  reader.push(Buffer.from([0, 0x7f, 0xff, 0xff, 0xff, 1]));
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(5_000_000);
});

function joined(chunks: readonly Buffer[]): { reader: MessageReader; read: string[] } {
  const read: string[] = [];
  const reader = new MessageReader(10_000_000, (message) => read.push(message.toString()), { joins: true });
  for (const chunk of chunks) reader.push(chunk);
  return { reader, read };
}

test("joined messages come after the first one, all of them at the end, however the bytes are cut", () => {
  for (let size = 1; size <= bytes.length; size++) {
    const chunks = [];
    for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
    const { reader, read } = joined(chunks);
    expect(read).toEqual([""]);
    reader.end();
    expect(read).toEqual(["", texts.join("")]);
    expect(reader.isBetweenMessages).toBe(true);
  }
});

test.each([1, 5, 6, 304])("the end hands on no joined message of which only %d bytes have come", (count) => {
  const cut = Buffer.concat([bytes, frameMessage(Buffer.alloc(300, "c")).subarray(0, count)]);
  const { reader, read } = joined([cut]);
  reader.end();
  expect(read).toEqual(["", texts.join("")]);
  expect(reader.isBetweenMessages).toBe(false);
});

test("joined messages are cut only between messages, and a large one is alone", () => {
  const sizes = [1000, 300_000, 200_000, 24_288, 1, 4_500_000, 10, 20];
  const messages = sizes.map((size, at) => frameMessage(Buffer.alloc(size, String(at))));
  const { reader, read } = joined(messages);
  reader.end();
  const expected = [[0], [1, 2, 3], [4], [5], [6, 7]].map((indexes) =>
    indexes.map((at) => String(at).repeat(sizes[at] ?? 0)).join(""),
  );
  expect(read.map(({ length }) => length)).toEqual(expected.map(({ length }) => length));
  expect(read).toEqual(expected);
});

test("joined messages that were released give their memory to later ones, and no others do", () => {
  const messages: Buffer[] = [];
  const reader = new MessageReader(1_000_000, (message) => messages.push(message), { joins: true });
  const push = (fill: string) => reader.push(frameMessage(Buffer.alloc(400_000, fill)));
  push("a");
  push("b");
  push("c"); // hands on the one with b
  reader.release(); // the one with a
  push("d");
  push("e");
  expect(messages.map((message) => message.toString("latin1", 0, 1))).toEqual(["d", "b", "c", "d"]);
  expect(messages[3]?.buffer).toBe(messages[0]?.buffer);
  expect(new Set(messages.map(({ buffer }) => buffer)).size).toBe(3);
});

test("a message inside a chunk that stays is a view of it, and others are not", () => {
  const messages: Buffer[] = [];
  const reader = new MessageReader(1000, (message) => messages.push(message), { keepsChunks: true });
  reader.push(bytes.subarray(0, 30));
  reader.push(bytes.subarray(30));
  expect(messages.map(String)).toEqual(texts);
  expect(messages.map(({ buffer }) => buffer === bytes.buffer)).toEqual([true, true, true, false, true]);
});
