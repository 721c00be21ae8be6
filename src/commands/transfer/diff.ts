// `diff A B [PREFIX]` compares the keys of two places. Both send their keys in byte order, so two readers side by side find
// the differences in constant memory. The exit code is that of diff(1): 0 for no difference, 1 for some, 2 for trouble.
import { readRange } from "../../client/range";
import { badArgs, CliError, EtcdError, ExitCode } from "../../errors";
import type { JsonObject } from "../../output/json-value";
import { readableKeyValue } from "../../output/readable/messages";
import { objectWriter } from "../../output/readable/printer";
import { RangeRequest, type RangeResponse } from "../../proto/gen/etcdserverpb";
import type { KeyValue } from "../../proto/gen/mvccpb";
import { keyRange } from "../arguments";
import { defineCommand, rangeReading, type CommandContext } from "../command";
import { keyText } from "../key-text";
import { openPlace, type Place } from "./places";
import { decodeMode, objectFlags, objectTextFor, type ObjectFlags } from "../object-flags";
import { valueDiff, type ValueText } from "./value-diff";

const flags = {
  values: {
    kind: "bool",
    default: false,
    usage: "print how the values of changed keys differ, line by line",
  },
  "count-only": {
    kind: "bool",
    default: false,
    usage: "print only the numbers of added, removed and changed keys",
  },
  ...objectFlags,
} as const;

const exitCode = { same: 0, different: 1, trouble: 2 } as const;

export const command = defineCommand({
  flags,
  async run(context, args, values) {
    try {
      return await diff(context, args, values);
    } catch (error) {
      if (!(error instanceof CliError || error instanceof EtcdError)) throw error;
      throw new CliError(exitCode.trouble, error.message, { cause: error, hints: error.hints });
    }
  },
});

interface DiffFlags extends ObjectFlags {
  readonly values: boolean;
  readonly "count-only": boolean;
}

async function diff(context: CommandContext, args: readonly string[], flags: DiffFlags): Promise<number> {
  const [a, b, prefix = ""] = args;
  if (a === undefined || b === undefined || args.length > 3) {
    throw badArgs("diff takes two places and an optional prefix", {
      hints: [
        "a place is an endpoint, a backup file, a data dir, or @REVISION of the cluster of --endpoints",
      ],
    });
  }
  const format = await diffFormat(context);
  const print = await differencePrinter(format, flags);
  const counts = { added: 0, removed: 0, changed: 0 };
  const [from, to] = [await openPlace(a, context), await openPlace(b, context)];
  const { stdout } = context.io;
  const found = differences(new Cursor(from, prefix, context), new Cursor(to, prefix, context));
  for await (const batch of found) {
    for (const difference of batch) counts[changeOf(difference)]++;
    if (!flags["count-only"]) await stdout.write(print(batch));
  }
  if (flags["count-only"]) await stdout.write(countText(counts, format));
  return counts.added + counts.removed + counts.changed === 0 ? exitCode.same : exitCode.different;
}

type DiffFormat = "simple" | "yaml" | "jsonl";

async function diffFormat(context: CommandContext): Promise<DiffFormat> {
  const format = await context.format();
  if (format === "simple" || format === "yaml" || format === "jsonl") return format;
  throw new CliError(ExitCode.badFeature, `${format} not supported as output format`, {
    hints: ["diff prints simple (the default), yaml or jsonl"],
  });
}

/** A key of one place or of both. */
type Difference =
  | { readonly a: KeyValue; readonly b: KeyValue }
  | { readonly a: KeyValue; readonly b: undefined }
  | { readonly a: undefined; readonly b: KeyValue };

function changeOf({ a, b }: Difference): "added" | "removed" | "changed" {
  if (a === undefined) return "added";
  return b === undefined ? "removed" : "changed";
}

/** The keys of a place in byte order. They come in batches, so most steps wait for nothing. */
class Cursor {
  private readonly parts: AsyncGenerator<RangeResponse>;
  private kvs: readonly KeyValue[] = [];
  private at = 0;

  constructor({ client, revision }: Place, prefix: string, context: CommandContext) {
    const range = keyRange([prefix], { prefix: true, "from-key": false });
    this.parts = readRange(RangeRequest.create({ ...range, revision }), rangeReading(context, client));
  }

  /** Undefined when the batch is used up. */
  get current(): KeyValue | undefined {
    return this.kvs[this.at];
  }

  step(): void {
    this.at++;
  }

  /** Gets the next batch if the present one is used up. Afterwards `current` is undefined only at the end. */
  async fill(): Promise<void> {
    while (this.current === undefined) {
      const { value, done } = await this.parts.next();
      if (done === true) return;
      [this.kvs, this.at] = [value.kvs, 0];
    }
  }

  async close(): Promise<void> {
    await this.parts.return(undefined);
  }
}

/** Yields batches of differences, so that a few waits serve many keys. */
async function* differences(from: Cursor, to: Cursor): AsyncGenerator<Difference[]> {
  try {
    for (;;) {
      await Promise.all([from.fill(), to.fill()]);
      if (from.current === undefined && to.current === undefined) return;
      const isLast = from.current === undefined || to.current === undefined;
      const found: Difference[] = [];
      while (from.current !== undefined && to.current !== undefined) stepBoth(from, to, found);
      if (isLast) oneSided(from, to, found);
      if (found.length > 0) yield found;
    }
  } finally {
    await Promise.allSettled([from.close(), to.close()]);
  }
}

function stepBoth(from: Cursor, to: Cursor, found: Difference[]): void {
  const [a, b] = [from.current as KeyValue, to.current as KeyValue];
  const order = Buffer.compare(a.key, b.key);
  if (order < 0) found.push({ a, b: undefined });
  else if (order > 0) found.push({ a: undefined, b });
  else if (Buffer.compare(a.value, b.value) !== 0) found.push({ a, b });
  if (order <= 0) from.step();
  if (order >= 0) to.step();
}

/** One place has no more keys: those of the other place have no counterpart. */
function oneSided(from: Cursor, to: Cursor, found: Difference[]): void {
  for (let a = from.current; a !== undefined; from.step(), a = from.current) found.push({ a, b: undefined });
  for (let b = to.current; b !== undefined; to.step(), b = to.current) found.push({ a: undefined, b });
}

type Print = (differences: readonly Difference[]) => string | Uint8Array;

async function differencePrinter(format: DiffFormat, flags: DiffFlags): Promise<Print> {
  const decodes = decodeMode(flags) === "true";
  if (format === "simple") {
    if (!flags.values && !decodes) return (found) => found.map(headLine).join("");
    const textOf = await objectTextFor(flags);
    return (found) => found.map((each) => headLine(each) + changedLines(each, textOf)).join("");
  }
  if (!decodes) {
    const write = objectWriter(format);
    return (found) => write(found.map((each) => differenceObject(each, (kv) => readableKeyValue(kv))));
  }
  const { objectRecords } = await import("../../output/objects/printer");
  const records = objectRecords(format, { showSecrets: flags["show-secrets"], isAutomatic: false });
  return (found) => records.write(found.map((each) => differenceObject(each, records.of)));
}

const signs = { added: "+", removed: "-", changed: "~" } as const;

function headLine(difference: Difference): string {
  const { a, b } = difference;
  return `${signs[changeOf(difference)]} ${keyText(((a ?? b) as KeyValue).key)}\n`;
}

function changedLines({ a, b }: Difference, textOf: ValueText): string {
  return valueDiff(a?.value, b?.value, textOf);
}

type RecordOf = (kv: KeyValue) => JsonObject;

function differenceObject(difference: Difference, recordOf: RecordOf): JsonObject {
  const { a, b } = difference;
  return {
    change: changeOf(difference),
    ...keyOnly((a ?? b) as KeyValue),
    ...(a && { a: withoutKey(recordOf(a)) }),
    ...(b && { b: withoutKey(recordOf(b)) }),
  };
}

function keyOnly(kv: KeyValue): JsonObject {
  const object = readableKeyValue(kv, true);
  return Object.fromEntries(Object.entries(object).filter(([name]) => name.startsWith("key")));
}

function withoutKey(record: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(record).filter(([name]) => !name.startsWith("key")));
}

function countText(
  counts: { readonly added: number; readonly removed: number; readonly changed: number },
  format: DiffFormat,
): string | Uint8Array {
  if (format !== "simple") return objectWriter(format)([counts]);
  return `${counts.added} added, ${counts.removed} removed, ${counts.changed} changed\n`;
}
