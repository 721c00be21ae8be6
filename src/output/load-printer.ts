// Loads the printer of an output format. Each format is a separate file and loads only on demand.
// Go: etcdctl/ctlv3/command/printer.go (NewPrinter)
import { CliError, ExitCode } from "../errors";
import type { FormatName, Printer } from "./printer";

export interface PrinterOptions {
  /** `--hex`. Each format applies it to other values. */
  readonly hex: boolean;
}

/** Throws CliError for an unknown format. */
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
