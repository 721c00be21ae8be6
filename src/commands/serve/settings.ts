// The settings of `serve`: from its flags and ETCD_ variables, or from a configuration file.
// Go: pkg/flags/flag.go (SetFlagsFromEnv), server/etcdmain/config.go
import { parseFlagValue, type FlagTable } from "../../input/flags";
import type { ParsedFlags } from "../../input/parse-flags";
import { CliError, ExitCode } from "../../errors";
import { quote } from "../../go/quote";
import type { Io } from "../../io";
import { serveFlags, type ServeFlags } from "./flags";

const prefix = "ETCD_";

/** Writes notes about what it ignores. Throws CliError as etcd ends: for a conflict, and for a value of the wrong type. */
export async function serveSettings(parsed: ParsedFlags<FlagTable>, io: Io): Promise<ServeFlags> {
  const file = String(parsed.values["config-file"] ?? "") || (io.env[variableOf("config-file")] ?? "");
  if (file !== "") {
    await note(
      io,
      `${file} has all settings: other flags and variables are ignored${ignoredBeside(parsed, io)}`,
    );
    const { readConfigFile } = await import("./config-file");
    const { values, unknown } = readConfigFile(file);
    if (unknown.length > 0) await note(io, `${file}: etcd ignores the fields ${unknown.join(", ")}`);
    return values;
  }
  const { values, unknown } = fromVariables(parsed, io.env);
  if (unknown.length > 0) await note(io, `unrecognized environment variable ${unknown.join(", ")}`);
  return values;
}

function ignoredBeside({ given }: ParsedFlags<FlagTable>, { env }: Io): string {
  const flags = [...given].filter((name) => name !== "config-file").map((name) => `--${name}`);
  const variables = Object.keys(env).filter(
    (name) => name.startsWith(prefix) && name !== variableOf("config-file"),
  );
  const all = [...flags, ...variables];
  return all.length > 0 ? ` (${all.join(", ")})` : "";
}

function fromVariables(
  parsed: ParsedFlags<FlagTable>,
  env: Io["env"],
): { values: ServeFlags; unknown: string[] } {
  const values: Record<string, unknown> = { ...parsed.values };
  const known = new Set<string>();
  for (const [name, flag] of Object.entries<FlagTable[string]>(serveFlags)) {
    const target = flag.replacedBy ?? name;
    const variable = variableOf(name);
    const text = env[variable];
    known.add(variable);
    if (text === undefined) continue;
    if (parsed.given.has(name)) throw shadowed(variable, name);
    if (text === "" || parsed.given.has(target)) continue;
    try {
      values[target] = parseFlagValue(flag, text);
    } catch (cause) {
      const message = `invalid value ${quote(text)} for ${variable}: ${(cause as Error).message}`;
      throw new CliError(ExitCode.error, message, { cause });
    }
  }
  const unknown = Object.keys(env).filter((name) => name.startsWith(prefix) && !known.has(name));
  return { values: values as ServeFlags, unknown };
}

function shadowed(variable: string, name: string): CliError {
  const message = `conflicting environment variable is shadowed by corresponding command-line flag (either unset environment variable or disable flag): ${variable}`;
  return new CliError(ExitCode.error, message, { hints: [`unset ${variable}, or leave out --${name}`] });
}

function variableOf(flag: string): string {
  return prefix + flag.toUpperCase().replaceAll("-", "_");
}

function note(io: Io, text: string): Promise<void> {
  return io.stderr.write(`note: ${text}\n`);
}
