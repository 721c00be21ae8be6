import { StatusCode } from "../../../src/errors";
import { PutRequest } from "../../../src/proto/gen/etcdserverpb";
import { decode } from "../../../src/proto/message";
import { FrameReader, frameOf } from "../../../src/server/grpc/frames";
import { bytes } from "../../support/requests";

const frame = (value: string) =>
  frameOf(PutRequest, PutRequest.create({ key: bytes("k"), value: bytes(value) }));
const valuesOf = (messages: Iterable<Buffer>) =>
  [...messages].map((message) => Buffer.from(decode(PutRequest, message).value).toString());

describe("gRPC frames", () => {
  test("Messages are complete however the bytes arrive.", () => {
    const stream = Buffer.concat([frame("one"), frame(""), frame("x".repeat(70_000))]);
    for (const step of [1, 4, 5, 6, 9, 1000, stream.length]) {
      const reader = new FrameReader(1 << 20, "");
      const values: string[] = [];
      for (let at = 0; at < stream.length; at += step) {
        values.push(...valuesOf(reader.push(stream.subarray(at, at + step))));
      }
      expect(values).toEqual(["one", "", "x".repeat(70_000)]);
    }
  });

  test("A frame larger than the limit is refused by its header.", () => {
    const reader = new FrameReader(100, "");
    expect(() => [...reader.push(frame("x".repeat(200)).subarray(0, 5))]).toThrow(
      expect.objectContaining({
        code: StatusCode.ResourceExhausted,
        desc: "grpc: received message larger than max (206 vs. 100)",
      }) as Error,
    );
  });

  test("A compressed frame is refused with the name of the compression.", () => {
    const compressed = frame("x");
    compressed[0] = 1;
    expect(() => [...new FrameReader(100, "gzip").push(compressed)]).toThrow(
      expect.objectContaining({
        code: StatusCode.Unimplemented,
        desc: `grpc: Decompressor is not installed for grpc-encoding "gzip"`,
      }) as Error,
    );
  });
});
