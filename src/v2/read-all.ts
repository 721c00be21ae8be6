// All of an input, as bytes.
import type { InputStream } from "../io";

export async function readAll(input: InputStream): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of input.chunks()) chunks.push(chunk);
  return Buffer.concat(chunks);
}
