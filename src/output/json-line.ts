// An object of the readable formats as a line of JSON that no reader takes for two.
import type { ByteBuilder } from "./byte-builder";
import { type JsonObject, writeJson } from "./json-value";
import { quotedText } from "./readable-text";

export function writeJsonLine(out: ByteBuilder, object: JsonObject): void {
  writeJson(out, object, quotedText).ascii("\n");
}
