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

test("a message that was released gives its memory to a later one of about its size, and no other does", () => {
  const messages: Buffer[] = [];
  const reader = new MessageReader(1_000_000, (message) => messages.push(message), { reuses: true });
  const push = (size: number, fill: string) => reader.push(frameMessage(Buffer.alloc(size, fill)));
  push(32_000, "a");
  push(32_100, "b");
  push(0, "");
  reader.release(); // the one with a
  push(32_200, "c");
  push(10_000, "d");
  reader.release();
  push(300_000, "e");
  push(31_000, "f");
  const [a, b, , c, d, e, f] = messages as [Buffer, Buffer, Buffer, Buffer, Buffer, Buffer, Buffer];
  expect(c.buffer).toBe(a.buffer);
  expect(f.buffer).toBe(b.buffer);
  expect(new Set([b, c, d, e].map(({ buffer }) => buffer)).size).toBe(4);
  expect([c, d, e, f].map((message) => `${message.length} ${message.toString("latin1", 0, 1)}`)).toEqual([
    "32200 c",
    "10000 d",
    "300000 e",
    "31000 f",
  ]);
  expect(new Set(f).size).toBe(1);
});

test("a message inside a chunk that stays is a view of it, and others are not", () => {
  const messages: Buffer[] = [];
  const reader = new MessageReader(1000, (message) => messages.push(message), { keepsChunks: true });
  reader.push(bytes.subarray(0, 30));
  reader.push(bytes.subarray(30));
  expect(messages.map(String)).toEqual(texts);
  expect(messages.map(({ buffer }) => buffer === bytes.buffer)).toEqual([true, true, true, false, true]);
});
