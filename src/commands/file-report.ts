// What etcdutl prints of a snapshot and of a hash, in its formats. Pure. Answers to etcdutl's printer*.go.
import { CliError, ExitCode } from "../errors";
import { readableAnswer } from "../output/readable/printer";
import { drawTable } from "../output/table-layout";

/** One answer: the same values under the names that each format has for them. */
export interface Answer {
  readonly fields: readonly AnswerField[];
}

export interface AnswerField {
  /** In the head of the table. */
  readonly title: string;
  readonly fieldName: string;
  readonly jsonName: string;
  readonly value: number | string;
  /** In the simple and the table format, where it differs. */
  readonly shown?: string;
}

const formats: Readonly<Record<string, (answer: Answer) => string | Uint8Array>> = {
  simple: ({ fields }) => `${fields.map(cell).join(", ")}\n`,
  table: ({ fields }) => drawTable({ head: fields.map(({ title }) => title), body: [fields.map(cell)] }),
  fields: ({ fields }) => fields.map(({ fieldName, value }) => `"${fieldName}" : ${value}\n`).join(""),
  json: ({ fields }) => {
    return `{${fields.map(({ jsonName, value }) => `"${jsonName}":${JSON.stringify(value)}`).join(",")}}\n`;
  },
  yaml: (answer) => readableAnswer.yaml(byJsonName(answer)),
  jsonl: (answer) => readableAnswer.jsonl(byJsonName(answer)),
  protobuf() {
    throw new CliError(ExitCode.badFeature, "protobuf not supported as output format");
  },
};

/** Throws for a format that does not exist; the format may still not support what is printed. */
export function answerPrinter(format: string): (answer: Answer) => string | Uint8Array {
  const print = Object.hasOwn(formats, format) ? formats[format] : undefined;
  if (print === undefined) throw new CliError(ExitCode.badFeature, "unsupported output format");
  return print;
}

function byJsonName({ fields }: Answer): Record<string, number | string> {
  return Object.fromEntries(fields.map(({ jsonName, value }) => [jsonName, value]));
}

function cell({ value, shown = String(value) }: AnswerField): string {
  return shown;
}
