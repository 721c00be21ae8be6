// How `watch --timestamps` and `watch --diff` show events, and how a broken watch is reported.
import type { Clock } from "../../clock";
import { CliError, ExitCode, type EtcdError } from "../../errors";
import type { Printer } from "../../output/printer";
import { WatchResponse } from "../../proto/gen/etcdserverpb";
import type { Event } from "../../proto/gen/mvccpb";
import { changeText } from "../history";
import type { ValueText } from "../transfer/value-diff";

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
    if (format !== "simple") throw unsupported("--diff", format, "format simple");
    return (events) =>
      events.map((event) => (timestamps ? `${time()}  ` : "") + changeText(event, textOf)).join("");
  }
  const withTime = Object.hasOwn(timedFormats, format) ? timedFormats[format] : undefined;
  if (withTime === undefined) throw unsupported("--timestamps", format, "formats simple, yaml and jsonl");
  return (events, printer) =>
    Buffer.concat(
      events.map((event) => {
        const shown = printer.watch(WatchResponse.create({ events: [event] }));
        return withTime(Buffer.from(shown), time());
      }),
    );
}

/** The output of one event with its time in front, or as the first field. */
const timedFormats: Readonly<Record<string, (shown: Buffer, time: string) => Buffer>> = {
  simple: (shown, time) => Buffer.concat([Buffer.from(`${time}\n`), shown]),
  yaml: (shown, time) => after("---\n", shown, `time: "${time}"\n`),
  jsonl: (shown, time) => after("{", shown, `"time":"${time}",`),
};

function after(head: string, shown: Buffer, field: string): Buffer {
  return Buffer.concat([Buffer.from(head + field), shown.subarray(head.length)]);
}

function unsupported(flag: string, format: string, formats: string): CliError {
  return new CliError(ExitCode.badFeature, `${flag} is for the ${formats}, not for ${format}`);
}

/** So long a watch on a terminal waits for a connection before it says why there is none. */
export const reportAfterMs = 5000;

export function breakText({ message, endpoints, hints }: EtcdError, revision: bigint): string {
  const next = revision > 0n ? `continues from revision ${revision}` : "starts";
  const what =
    endpoints.length > 0 ? `no member responds (${hints.join("; ")})` : `the stream broke (${message})`;
  return `${what}; the watch ${next} when a member answers`;
}
