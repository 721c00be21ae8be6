// The flags with which commands show and take Kubernetes objects in the place of stored values, and what they mean.
import type { FlagTable, FlagValues } from "../input/flags";
import { badArgs } from "../errors";
import type { Printer } from "../output/printer";
import type { CommandContext, Connection } from "./command";
import type { ValueOpener } from "./kubernetes/open-values";

/** `--decode` is text because it has three values: without the flag only the yaml format shows objects. */
export const objectFlags = {
  decode: {
    kind: "string",
    default: "auto",
    noOptDefault: "true",
    usage: "show Kubernetes objects instead of stored values; auto: with -w yaml, what an API server wrote",
    values: ["auto", "true", "false"],
  },
  "show-secrets": { kind: "bool", default: false, usage: "also show the data of Secrets" },
} as const satisfies FlagTable;

export type ObjectFlags = FlagValues<typeof objectFlags>;

export const encryptionFlags = {
  "encryption-config": {
    kind: "string",
    default: "",
    usage: "the API server's EncryptionConfiguration, to open values that it encrypted",
    completes: "file",
  },
} as const satisfies FlagTable;

export type EncryptionFlags = FlagValues<typeof encryptionFlags>;

/** Undefined without the flag. */
export async function valueOpenerFor(
  context: CommandContext,
  { "encryption-config": file }: EncryptionFlags,
): Promise<ValueOpener | undefined> {
  if (file === "") return undefined;
  const { valueOpener } = await import("./kubernetes/open-values");
  return valueOpener(file, context);
}

/** The printer of the format, or one that shows objects. */
export async function objectPrinterFor(
  context: CommandContext,
  { printer }: Connection,
  flags: ObjectFlags,
): Promise<Printer> {
  const decodes = decodeMode(flags);
  const format = await context.format();
  if (decodes === "false" || (decodes === "auto" && format !== "yaml")) return printer;
  const { objectPrinter } = await import("../output/objects/printer");
  return objectPrinter(format, printer, {
    showSecrets: flags["show-secrets"],
    isAutomatic: decodes === "auto",
    style: await context.tableStyle(),
  });
}

/** Throws CliError for another value of --decode. */
export function decodeMode({ decode }: ObjectFlags): "auto" | "true" | "false" {
  if (decode !== "auto" && decode !== "true" && decode !== "false") {
    throw badArgs(`--decode must be true, false or auto, not ${JSON.stringify(decode)}`);
  }
  return decode;
}

/**
 * For diffs of values: an object as YAML, undefined for another value. Objects are shown unless --decode=false, because their
 * stored bytes have no lines.
 */
export async function objectTextFor(flags: ObjectFlags): Promise<(value: Uint8Array) => string | undefined> {
  const decodes = decodeMode(flags);
  if (decodes === "false") return () => undefined;
  const { objectText } = await import("../output/objects/printer");
  return objectText({ showSecrets: flags["show-secrets"], isAutomatic: decodes === "auto" });
}
