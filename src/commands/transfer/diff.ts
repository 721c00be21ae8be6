// `diff A B [PREFIX]` compares the keys of two places. The exit code is that of diff(1): 0 for no difference, 1 for some, 2 for
// trouble.
import { badArgs, CliError, EtcdError, ExitCode } from "../../errors";
import type { Difference } from "../../offline/compare-files";
import type { JsonObject } from "../../output/json-value";
import { readableKeyValue } from "../../output/readable/messages";
import { objectWriter } from "../../output/readable/printer";
import type { KeyValue } from "../../proto/gen/mvccpb";
import { defineCommand, type CommandContext } from "../command";
import { keyText } from "../key-text";
import type { ValueOpener } from "../kubernetes/open-values";
import {
  decodeMode,
  encryptionFlags,
  objectFlags,
  objectTextFor,
  valueOpenerFor,
  type EncryptionFlags,
  type ObjectFlags,
} from "../object-flags";
import { changeOf, comparison, countAll } from "./find-differences";
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
  ...encryptionFlags,
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

interface DiffFlags extends ObjectFlags, EncryptionFlags {
  readonly values: boolean;
  readonly "count-only": boolean;
}

async function diff(context: CommandContext, args: readonly string[], flags: DiffFlags): Promise<number> {
  const [a, b, prefix = ""] = args;
  if (a === undefined || b === undefined || args.length > 3) {
    throw badArgs("diff takes two places and an optional prefix", {
      hints: [
        "a place is an endpoint, a profile, a backup file, a data dir, or @REVISION of the cluster of --endpoints",
      ],
    });
  }
  const format = await diffFormat(context);
  const print = await differencePrinter(format, flags);
  const opener = await valueOpenerFor(context, flags);
  const compared = await comparison([a, b], prefix, context);
  const differences = () => (opener ? opened(compared.differences(), opener) : compared.differences());
  const { stdout } = context.io;
  let counts = { added: 0, removed: 0, changed: 0 };
  try {
    if (flags["count-only"]) {
      counts = await (opener ? countAll(differences()) : compared.count());
      await stdout.write(countText(counts, format));
    } else {
      for await (const batch of differences()) {
        for (const difference of batch) counts[changeOf(difference)]++;
        if (batch.length > 0) await stdout.write(print(batch));
      }
    }
  } finally {
    await compared.close();
  }
  await opener?.report();
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

/** With a configuration, values are compared as the API server reads them: it encrypts the same value differently each time. */
async function* opened(
  differences: AsyncIterable<readonly Difference[]>,
  { open }: ValueOpener,
): AsyncGenerator<Difference[]> {
  for await (const batch of differences) {
    const read = batch.map(({ a, b }) => ({ a: a && open([a])[0], b: b && open([b])[0] }) as Difference);
    yield read.filter(({ a, b }) => !a || !b || Buffer.compare(a.value, b.value) !== 0);
  }
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
