// The jsonl format: an object on a line for each key, event, endpoint or response (readable-printer.ts).
import { writeJsonLine } from "./json-line";
import type { Printer } from "./printer";
import { readablePrinter } from "./readable-printer";

export function jsonlPrinter(): Printer {
  return readablePrinter("jsonl", writeJsonLine);
}
