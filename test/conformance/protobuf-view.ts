// Prints a protobuf message without its schema: `field: varint`, `field: "text"`, `field: hex …`, `field { … }`. A value that
// could be a text or a message is printed as text.
import { Reader, WireError } from "../../src/proto/wire";

/** Throws WireError when the bytes are not a message. */
export function dumpProtobuf(bytes: Buffer): string {
  return dump(bytes, "")
    .map((line) => `${line}\n`)
    .join("");
}

function dump(bytes: Buffer, indent: string): string[] {
  const reader = new Reader(bytes);
  const lines: string[] = [];
  while (reader.pos < bytes.length) {
    const tag = reader.tag();
    const field = tag >>> 3;
    if (field > 4096) throw new WireError(`field number ${field} is unlikely`);
    if ((tag & 7) === 0) lines.push(`${indent}${field}: ${reader.uint64()}`);
    else if ((tag & 7) === 2) lines.push(...dumpDelimited(field, reader.bytes(), indent));
    else {
      const start = reader.pos;
      reader.skip(tag);
      lines.push(`${indent}${field}: fixed ${bytes.toString("hex", start, reader.pos)}`);
    }
  }
  return lines;
}

function dumpDelimited(field: number, bytes: Buffer, indent: string): string[] {
  const text = bytes.toString("utf8");
  // eslint-disable-next-line no-control-regex -- text with control characters is shown as bytes
  const isText = Buffer.from(text).equals(bytes) && !/[\x00-\x1f\x7f]/.test(text);
  if (isText) return [`${indent}${field}: ${JSON.stringify(text)}`];
  try {
    return [`${indent}${field} {`, ...dump(bytes, `${indent}  `), `${indent}}`];
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return [`${indent}${field}: hex ${bytes.toString("hex")}`];
  }
}
