// Messages that a client has compressed with gzip, as etcd accepts them. Responses are never compressed: every client takes
// those. Go: google.golang.org/grpc/rpc_util.go (decompress), encoding/gzip
import { createRequire } from "node:module";
import type * as Zlib from "node:zlib";
import { EtcdError, StatusCode } from "../../errors";

/** Loaded late: it takes milliseconds, and hardly any client compresses. */
const zlib = () => createRequire("/")("node:zlib") as typeof Zlib;

const headerBytes = 10;

/** Throws gRPC's error for bytes that are not compressed, and for a message that would be larger than `maxBytes`. */
export function gunzip(bytes: Uint8Array, maxBytes: number): Buffer {
  try {
    return zlib().gunzipSync(bytes, { maxOutputLength: maxBytes });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ERR_BUFFER_TOO_LARGE") {
      const desc = `grpc: received message after decompression larger than max ${maxBytes}`;
      throw new EtcdError(StatusCode.ResourceExhausted, desc, false);
    }
    const desc =
      bytes.length < headerBytes || message.includes("header")
        ? `grpc: failed to decompress the message: ${bytes.length < headerBytes ? "unexpected EOF" : "gzip: invalid header"}`
        : `grpc: failed to read decompressed data: ${code === "Z_BUF_ERROR" ? "unexpected EOF" : "gzip: invalid checksum"}`;
    throw new EtcdError(StatusCode.Internal, desc, false);
  }
}
