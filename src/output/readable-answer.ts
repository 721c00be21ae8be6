// One object in a readable format, for programs that have no Printer: etcdutl. Its names become snake_case.
import { ByteBuilder } from "./byte-builder";
import { writeJsonLine } from "./json-line";
import type { JsonObject } from "./json-value";
import { snakeCase } from "./readable";
import { writeYaml } from "./yaml-document";

export const readableAnswer = { yaml: writtenBy(writeYaml), jsonl: writtenBy(writeJsonLine) } as const;

function writtenBy(
  write: (out: ByteBuilder, object: JsonObject) => void,
): (object: JsonObject) => Uint8Array {
  return (object) => {
    const out = new ByteBuilder();
    write(out, Object.fromEntries(Object.entries(object).map(([name, value]) => [snakeCase(name), value])));
    return out.take();
  };
}
