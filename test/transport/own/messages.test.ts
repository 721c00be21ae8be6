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
