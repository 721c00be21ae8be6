// A whole range answer in the chosen format. Knows only the printer.
import type { Printer } from "../output/printer";
import { ResponseHeader, type RangeResponse } from "../proto/gen/etcdserverpb";

export function printedRange(printer: Printer, answer: RangeResponse): Uint8Array {
  const range = printer.range({ countOnly: false, valueOnly: false });
  return Buffer.concat([
    range.begin(answer.header ?? ResponseHeader.create()),
    range.kvs(answer.kvs),
    range.end(answer),
  ]);
}
