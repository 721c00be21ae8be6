// Every format of every response, compared with the output of etcdctl 3.7.1 for the same responses (responses.ts). The output
// is recorded in from-etcdctl.json, with bytes that are no text in base64. from-etcdctl-3.5.json has what etcdctl 3.5.21 prints
// otherwise (scripts/record-output.mjs writes both). protobuf-go puts one or two spaces between the
// fields of a message, depending on the build; they are recorded with one.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CliError } from "../../src/errors";
import { loadPrinter } from "../../src/output/load-printer";
import type { CompatVersion } from "../../src/output/printer";
import { prints } from "./prints";

interface Recorded {
  response: string;
  format: string;
  hex: boolean;
  stdout?: string;
  stdoutBase64?: string;
  exit?: number;
  error?: string;
  /** etcdctl 3.5 fails for this response. */
  missing?: string;
}

const recorded = read("from-etcdctl.json");
const recorded35 = new Map(read("from-etcdctl-3.5.json").map((row) => [key(row), row]));

function read(name: string): Recorded[] {
  return JSON.parse(readFileSync(join(__dirname, name), "utf8")) as Recorded[];
}

function key({ response, format, hex }: Recorded): string {
  return `${response} ${format} ${hex}`;
}

async function printed(
  { response, format, hex, ...expected }: Recorded,
  compat?: CompatVersion,
): Promise<Recorded> {
  const print = prints[response];
  if (print === undefined) throw new Error(`no such response: ${response}`);
  const printer = await loadPrinter(format, { hex, ...(compat && { compat }) });
  try {
    const bytes = Buffer.from(print(printer));
    const text =
      "stdout" in expected ? { stdout: bytes.toString() } : { stdoutBase64: bytes.toString("base64") };
    return { response, format, hex, ...text };
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return { response, format, hex, exit: error.exitCode, error: error.message };
  }
}

/** Here the count has a table, unlike in Go's etcdctl, see printers.test.ts. */
const isOurs = (response: string, format: string) => response.endsWith("--count-only") && format !== "fields";
const formats = ["simple", "fields", "json", "protobuf", "table"];

describe.each(Object.keys(prints))("%s", (response) => {
  test.each(formats.filter((format) => !isOurs(response, format)))(
    "in %s, with --hex and without",
    async (format) => {
      const expected = recorded.filter((row) => row.response === response && row.format === format);
      expect(expected).toHaveLength(2);
      expect(await Promise.all(expected.map((row) => printed(row)))).toEqual(expected);
    },
  );

  test.each(formats.filter((format) => !isOurs(response, format)))(
    "in %s of etcdctl 3.5, with --hex and without",
    async (format) => {
      const of37 = recorded.filter((row) => row.response === response && row.format === format);
      const expected = of37
        .map((row) => recorded35.get(key(row)) ?? row)
        .filter(({ missing }) => missing === undefined);
      expect(await Promise.all(expected.map((row) => printed(row, "3.5")))).toEqual(expected);
    },
  );
});
