// Every format of every response, compared with the output of etcdctl 3.7.1 for the same responses (responses.ts). The output
// is recorded in from-etcdctl.json, with bytes that are no text in base64. protobuf-go puts one or two spaces between the
// fields of a message, depending on the build; they are recorded with one.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CliError } from "../../src/errors";
import { loadPrinter } from "../../src/output/load-printer";
import { prints } from "./prints";

interface Recorded {
  response: string;
  format: string;
  hex: boolean;
  stdout?: string;
  stdoutBase64?: string;
  exit?: number;
  error?: string;
}

const recorded = JSON.parse(readFileSync(join(__dirname, "from-etcdctl.json"), "utf8")) as Recorded[];

async function printed({ response, format, hex, ...expected }: Recorded): Promise<Recorded> {
  const print = prints[response];
  if (print === undefined) throw new Error(`no such response: ${response}`);
  const printer = await loadPrinter(format, { hex });
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
      expect(await Promise.all(expected.map(printed))).toEqual(expected);
    },
  );
});
