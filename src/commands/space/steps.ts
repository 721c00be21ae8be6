// The steps of a long command as they happen: lines of text, or an object for each step.
import { CliError, ExitCode } from "../../errors";
import type { OutputStream } from "../../io";
import type { JsonObject } from "../../output/json-value";
import { objectWriter } from "../../output/readable/printer";

export type StepWriter = (object: JsonObject, lines: readonly string[]) => Promise<void>;

export function stepWriter(format: string, stdout: OutputStream): StepWriter {
  switch (format) {
    case "simple":
      return (_, lines) => stdout.write(lines.map((line) => `${line}\n`).join(""));
    case "json":
    case "jsonl":
      return (object) => stdout.write(objectWriter("jsonl")([object]));
    case "yaml":
      return (object) => stdout.write(objectWriter("yaml")([object]));
    default:
      throw new CliError(ExitCode.badFeature, `${format} not supported as output format`, {
        hints: ["this command prints simple (the default), json, jsonl or yaml"],
      });
  }
}
