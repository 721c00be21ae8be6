// Messages to bytes and back.
import type { MessageType } from "./message";
import { Reader, Writer } from "./wire";

export function encode<T>(type: MessageType<T>, message: T): Buffer {
  const writer = new Writer();
  type.write(writer, message);
  return writer.finish();
}

/** Byte fields of the result are views of `bytes`. Throws WireError. */
export function decode<T>(type: MessageType<T>, bytes: Uint8Array): T {
  const buf = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return type.read(new Reader(buf), buf.length);
}
