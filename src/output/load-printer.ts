// From the name of an output format to its printer. Each format is its own file, loaded only when asked for.
// Answers to etcdctl's NewPrinter.
import { CliError, ExitCode } from "../errors";
import type { FormatName, Printer } from "./printer";

export interface PrinterOptions {
  /** `--hex`: what it changes differs from format to format. */
  readonly hex: boolean;
}

/** Throws CliError for a format that does not exist. */
export async function loadPrinter(format: string, options: PrinterOptions): Promise<Printer> {
  if (!isFormatName(format)) throw new CliError(ExitCode.badFeature, "unsupported output format");
  return loaders[format](options);
}

const loaders: Readonly<Record<FormatName, (options: PrinterOptions) => Promise<Printer>>> = {
  simple: async ({ hex }) => (await import("./simple")).simplePrinter(hex),
  fields: async ({ hex }) => (await import("./fields")).fieldsPrinter(hex),
  json: async ({ hex }) => (await import("./json")).jsonPrinter(hex),
  protobuf: async () => (await import("./protobuf")).protobufPrinter(),
  table: async () => (await import("./table")).tablePrinter(),
  yaml: async () => (await import("./readable/printer")).yamlPrinter(),
  jsonl: async () => (await import("./readable/printer")).jsonlPrinter(),
};

function isFormatName(format: string): format is FormatName {
  return Object.hasOwn(loaders, format);
}
