// Assembles src/storage/crc32c.wat: src/storage/gen/crc32c-wasm.ts, a module with the code as base64. A module goes into the bundle
// and into the executable as any other, so the program reads no file when it runs.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import loadWabt from "wabt";

const folder = path.join(path.dirname(path.dirname(fileURLToPath(import.meta.url))), "src", "storage");
const source = path.join(folder, "crc32c.wat");
const target = path.join(folder, "gen", "crc32c-wasm.ts");

const wabt = await loadWabt();
const { buffer } = wabt.parseWat(source, readFileSync(source, "utf8"), { simd: true }).toBinary({});
mkdirSync(path.dirname(target), { recursive: true });
writeFileSync(
  target,
  `// Written by scripts/generate-wasm.mjs.\nexport const wasm = "${Buffer.from(buffer).toString("base64")}";\n`,
);
