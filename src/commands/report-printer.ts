// The output formats of `snapshot status` and `etcdutl hashkv`. Go: etcdutl/etcdutl/printer.go.
import { CliError, ExitCode } from "../errors";
import { readableObjectPrinters } from "../output/readable/printer";
import type { TableStyle } from "../output/printer";
import { tableDrawer } from "../output/table";

/** A list of values, each with the names that the output formats use for it. */
export interface Report {
  readonly fields: readonly ReportField[];
}

export interface ReportField {
  /** Column head of the table format. */
  readonly title: string;
  readonly fieldName: string;
  readonly jsonName: string;
  readonly value: number | string;
  /** The value in the simple and table formats. Default: `value` as text. */
  readonly shown?: string;
}

const formats: Readonly<Record<string, (report: Report, style: TableStyle) => string | Uint8Array>> = {
  simple: ({ fields }) => `${fields.map(cell).join(", ")}\n`,
  table: ({ fields }, style) =>
    tableDrawer(style)({ head: fields.map(({ title }) => title), body: [fields.map(cell)] }),
  fields: ({ fields }) => fields.map(({ fieldName, value }) => `"${fieldName}" : ${value}\n`).join(""),
  json: ({ fields }) => {
    return `{${fields.map(({ jsonName, value }) => `"${jsonName}":${JSON.stringify(value)}`).join(",")}}\n`;
  },
  yaml: (report) => readableObjectPrinters.yaml(byJsonName(report)),
  jsonl: (report) => readableObjectPrinters.jsonl(byJsonName(report)),
  protobuf() {
    throw new CliError(ExitCode.badFeature, "protobuf not supported as output format");
  },
};

/** Throws for an unknown format. The printer itself throws for protobuf, as in Go. */
export function reportPrinter(
  format: string,
  style: TableStyle = { compat: "3.7" },
): (report: Report) => string | Uint8Array {
  const print = Object.hasOwn(formats, format) ? formats[format] : undefined;
  if (print === undefined) {
    throw new CliError(ExitCode.badFeature, "unsupported output format", {
      hints: [`the formats of --write-out are ${Object.keys(formats).join(", ")}`],
    });
  }
  return (report) => print(report, style);
}

function byJsonName({ fields }: Report): Record<string, number | string> {
  return Object.fromEntries(fields.map(({ jsonName, value }) => [jsonName, value]));
}

function cell({ value, shown = String(value) }: ReportField): string {
  return shown;
}
