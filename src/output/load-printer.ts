// Loads the printer of an output format. Each format is a separate file and loads only on demand.
// Go: etcdctl/ctlv3/command/printer.go (NewPrinter)
import { CliError, ExitCode } from "../errors";
import type { FormatName, Printer, TableStyle } from "./printer";

/** Without `compat` the output is that of 3.7. */
export interface PrinterOptions extends Partial<TableStyle> {
  /** `--hex`. Each format applies it to other values. */
  readonly hex: boolean;
}

/** Throws CliError for an unknown format. */
export async function loadPrinter(format: string, options: PrinterOptions): Promise<Printer> {
  if (!isFormatName(format)) {
    throw new CliError(ExitCode.badFeature, "unsupported output format", {
      hints: [`the formats of --write-out are ${Object.keys(loaders).join(", ")}`],
    });
  }
  const style = { ...options, compat: options.compat ?? "3.7" };
  if (style.compat === "3.5") return (await import("./etcd-35")).etcd35Printer(format, options.hex, style);
  return loaders[format](options.hex, style);
}

const loaders: Readonly<Record<FormatName, (hex: boolean, style: TableStyle) => Promise<Printer>>> = {
  simple: async (hex) => (await import("./simple")).simplePrinter({ hex }),
  fields: async (hex) => (await import("./fields")).fieldsPrinter({ hex }),
  json: async (hex) => (await import("./json")).jsonPrinter(hex),
  protobuf: async () => (await import("./protobuf")).protobufPrinter(),
  table: async (_hex, style) => (await import("./table")).tablePrinter(style),
  yaml: async () => (await import("./readable/printer")).yamlPrinter(),
  jsonl: async () => (await import("./readable/printer")).jsonlPrinter(),
};

function isFormatName(format: string): format is FormatName {
  return Object.hasOwn(loaders, format);
}
