import { StatusCode } from "../../../src/errors";
import { PutRequest } from "../../../src/proto/gen/etcdserverpb";
import { decode } from "../../../src/proto/message";
import { FrameReader, frameOf, ReceiveBudget } from "../../../src/server/grpc/frames";
import { usedBytes } from "../../support/memory";
import { bytes } from "../../support/requests";

const frame = (value: string) =>
  frameOf(PutRequest, PutRequest.create({ key: bytes("k"), value: bytes(value) }));
function* messagesOf(reader: FrameReader, chunk: Buffer): Generator<Buffer> {
  reader.feed(chunk);
  for (let next = reader.next(); next !== undefined; next = reader.next()) yield next;
}
const valuesOf = (messages: Iterable<Buffer>) =>
  [...messages].map((message) => Buffer.from(decode(PutRequest, message).value).toString());

describe("gRPC frames", () => {
  test("Messages are complete however the bytes arrive.", () => {
    const stream = Buffer.concat([frame("one"), frame(""), frame("x".repeat(70_000))]);
    for (const step of [1, 4, 5, 6, 9, 1000, stream.length]) {
      const reader = new FrameReader(1 << 20);
      const values: string[] = [];
      for (let at = 0; at < stream.length; at += step) {
        values.push(...valuesOf(messagesOf(reader, stream.subarray(at, at + step))));
      }
      expect(values).toEqual(["one", "", "x".repeat(70_000)]);
    }
  });

  test("A frame larger than the limit is refused by its header.", () => {
    const reader = new FrameReader(100);
    expect(() => [...messagesOf(reader, frame("x".repeat(200)).subarray(0, 5))]).toThrow(
      expect.objectContaining({
        code: StatusCode.ResourceExhausted,
        desc: "grpc: received message larger than max (206 vs. 100)",
      }) as Error,
    );
  });

  test("that come a byte at a time cost no more memory than their bytes", () => {
    const reader = new FrameReader(1 << 22);
    const large = frame("x".repeat(1 << 18));
    const before = usedBytes();
    for (let at = 0; at < large.length - 1; at++) messagesOf(reader, Buffer.from([large[at] ?? 0])).next();
    expect(usedBytes() - before).toBeLessThan(8 << 20);
    expect([...messagesOf(reader, large.subarray(-1))]).toHaveLength(1);
  });

  test("that are unfinished share the budget of their connection, and give it back", () => {
    const budget = new ReceiveBudget(100_000);
    const half = frame("x".repeat(60_000)).subarray(0, 40_000);
    const readers = [1, 2, 3].map(() => new FrameReader(1 << 20, budget));
    const [first, second, third] = readers as [FrameReader, FrameReader, FrameReader];
    expect([...messagesOf(first, half), ...messagesOf(second, half)]).toEqual([]);
    expect(() => [...messagesOf(third, half)]).toThrow(
      expect.objectContaining({ code: StatusCode.ResourceExhausted }) as Error,
    );
    first.close();
    expect([...messagesOf(new FrameReader(1 << 20, budget), half)]).toEqual([]);
  });

  test("A compressed frame is refused.", () => {
    const compressed = frame("x");
    compressed[0] = 1;
    expect(() => [...messagesOf(new FrameReader(100), compressed)]).toThrow(
      expect.objectContaining({
        code: StatusCode.Internal,
        desc: "grpc: compressed flag set with identity or empty encoding",
      }) as Error,
    );
  });
});
