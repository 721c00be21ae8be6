// How `watch --timestamps` and `watch --diff` show events.
import type { Clock } from "../clock";
import { CliError, ExitCode } from "../errors";
import type { Printer } from "../output/printer";
import { WatchResponse } from "../proto/gen/etcdserverpb";
import type { Event } from "../proto/gen/mvccpb";
import { changeText } from "./history";
import type { ValueText } from "./transfer/value-diff";

export type EventShower = (events: readonly Event[], printer: Printer) => string | Uint8Array;

interface ShownFlags {
  readonly timestamps: boolean;
  /** For --diff: how values are shown. */
  readonly textOf: ValueText | undefined;
}

/** Throws CliError for a format that has no place for a time or a difference. */
export function eventShowerOf(format: string, { timestamps, textOf }: ShownFlags, clock: Clock): EventShower {
  const time = () => new Date(clock.now()).toISOString();
  if (textOf !== undefined) {
    if (format !== "simple") throw unsupported("--diff", format, "simple");
    return (events) =>
      events.map((event) => (timestamps ? `${time()}  ` : "") + changeText(event, textOf)).join("");
  }
  const withTime = Object.hasOwn(timedFormats, format) ? timedFormats[format] : undefined;
  if (withTime === undefined) throw unsupported("--timestamps", format, "simple, yaml and jsonl");
  return (events, printer) =>
    events
      .map((event) => withTime(Buffer.from(printer.watch(WatchResponse.create({ events: [event] }))), time()))
      .join("");
}

/** The output of one event with its time in front, or as the first field. */
const timedFormats: Readonly<Record<string, (shown: Buffer, time: string) => string>> = {
  simple: (shown, time) => `${time}\n${shown.toString()}`,
  yaml: (shown, time) => shown.toString().replace("---\n", () => `---\ntime: "${time}"\n`),
  jsonl: (shown, time) => shown.toString().replace("{", () => `{"time":"${time}",`),
};

function unsupported(flag: string, format: string, formats: string): CliError {
  return new CliError(ExitCode.badFeature, `${flag} is for the formats ${formats}, not for ${format}`);
}
