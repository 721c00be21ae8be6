// A value that an API server may have stored: whatever it is, it decodes, its YAML can be written, and an object of a known
// kind or of an unknown one can be stored again and then stays the same.
import { readFileSync } from "node:fs";
import path from "node:path";
import { decodeStored, encodeStored, ObjectError } from "../../../src/kubernetes/stored";
import { compactJson } from "../../../src/kubernetes/tree";
import { toYaml } from "../../../src/kubernetes/yaml";
import type { FuzzTarget } from "../target";

const recorded = path.join(process.cwd(), "test", "kubernetes", "recorded", "objects.jsonl");

export const target: FuzzTarget = {
  seeds() {
    const lines = readFileSync(recorded, "utf8").trimEnd().split("\n");
    const stored = lines.map((line) =>
      Buffer.from((JSON.parse(line) as { stored: string }).stored, "base64"),
    );
    return [
      ...stored.filter(({ length }) => length < 3000),
      Buffer.from('{"apiVersion":"a/v1","kind":"A","b":[1.5]}\n'),
    ];
  },
  // A key may have the name of a field number, and raw JSON may look like bytes: such trees are refused with a reason.
  isExpected: (error) => error instanceof ObjectError,
  run(input) {
    const { object, encoding } = decodeStored(input);
    if (object === undefined) throw new ObjectError("no object");
    toYaml(object);
    const written = encodeStored(object, encoding === "json" ? "json" : "protobuf");
    const again = decodeStored(written).object;
    if (again === undefined) throw new Error("what was stored is no object");
    if (
      compactJson(again) !==
      compactJson(decodeStored(encodeStored(again, encoding === "json" ? "json" : "protobuf")).object ?? null)
    ) {
      throw new Error("the object is not stored as it was read");
    }
  },
};
