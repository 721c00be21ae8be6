// The yaml format: a document for each key, event, endpoint or response (readable-printer.ts).
import type { Printer } from "./printer";
import { readablePrinter } from "./readable-printer";
import { writeYaml } from "./yaml-document";

export function yamlPrinter(): Printer {
  return readablePrinter("yaml", writeYaml);
}
