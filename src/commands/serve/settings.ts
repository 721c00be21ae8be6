// The settings of `serve`: from its flags and ETCD_ variables, or from a configuration file.
// Go: pkg/flags/flag.go (SetFlagsFromEnv), server/etcdmain/config.go
import { parseFlagValue, type FlagTable } from "../../input/flags";
import type { ParsedFlags } from "../../input/parse-flags";
import { CliError, ExitCode } from "../../errors";
import { quote } from "../../go/quote";
import type { Io } from "../../io";
import { checkValues, goReason } from "./check-values";
import { serveFlags, type ServeFlags } from "./flags";
import { openLog, plainLog } from "./log";

const prefix = "ETCD_";

/** Logs what it ignores and what is deprecated. Throws CliError as etcd ends: for a conflict, and for a value of the wrong type. */
export async function serveSettings(parsed: ParsedFlags<FlagTable>, io: Io): Promise<ServeFlags> {
  // Go's parser reads all flags before etcd looks at --version or at variables.
  checkValues(parsed.values);
  if (parsed.values["version"] === true) return parsed.values as ServeFlags;
  const file = String(parsed.values["config-file"] ?? "") || (io.env[variableOf("config-file")] ?? "");
  if (file !== "") {
    const { readConfigFile } = await import("./config-file");
    const loaded: Note = {
      level: "info",
      text: `${file} has all settings: other flags and variables are ignored${ignoredBeside(parsed, io)}`,
    };
    const { values, unknown, given } = readConfigFile(file);
    checkValues(values, { exitCode: ExitCode.error, placeOf: (name) => `${name} in ${file}` });
    const ignored = `${file}: etcd ignores the fields ${unknown.join(", ")}`;
    await write(values, io, [
      loaded,
      ...(unknown.length > 0 ? [{ text: ignored }] : []),
      ...deprecations(given),
    ]);
    return values;
  }
  const { values, unknown, given } = fromVariables(parsed, io.env);
  const unrecognized =
    unknown.length > 0 ? [{ text: `unrecognized environment variable ${unknown.join(", ")}` }] : [];
  await write(values, io, [...unrecognized, ...deprecations(given)]);
  return values;
}

interface Note {
  readonly level?: "info" | "warn";
  readonly text: string;
}

/** Go: deprecatedFlags in server/etcdmain/config.go */
const deprecated: Readonly<Record<string, string>> = {
  "max-snapshots": "--max-snapshots is deprecated in 3.6 and will be decommissioned in 3.8.",
  "v2-deprecation":
    "--v2-deprecation is deprecated and scheduled for removal in v3.8. The default value is enforced, ignoring user input.",
};

function deprecations(given: ReadonlySet<string>): Note[] {
  return Object.entries(deprecated)
    .filter(([name]) => given.has(name))
    .map(([, text]) => ({ text }));
}

/** In the log that the settings ask for. A log that cannot be opened is an error of `run`. */
async function write(values: ServeFlags, io: Io, notes: readonly Note[]): Promise<void> {
  if (notes.length === 0) return;
  let log;
  try {
    log = openLog(values, io);
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    log = plainLog(io);
  }
  for (const { level = "warn", text } of notes) await log.write(level, text);
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
): { values: ServeFlags; unknown: string[]; given: ReadonlySet<string> } {
  const values: Record<string, unknown> = { ...parsed.values };
  const given = new Set(parsed.given);
  const known = new Set<string>();
  const ofVariables: Record<string, unknown> = {};
  const variables: Record<string, string> = {};
  // Go's list then has one name, the empty one.
  if (given.has("cipher-suites") && values["cipher-suites"] === "") {
    throw new CliError(ExitCode.error, 'unexpected TLS cipher suite ""');
  }
  for (const [name, flag] of Object.entries<FlagTable[string]>(serveFlags)) {
    const target = flag.replacedBy ?? name;
    const variable = variableOf(name);
    const text = env[variable];
    known.add(variable);
    if (text === undefined) continue;
    if (parsed.given.has(name)) throw shadowed(variable, name);
    if (text === "" || parsed.given.has(target)) continue;
    try {
      values[target] = ofVariables[target] = parseFlagValue(flag, text);
      variables[target] = variable;
      given.add(target);
    } catch (cause) {
      const message = `invalid value ${quote(text)} for ${variable}: ${goReason(target, (cause as Error).message)}`;
      throw new CliError(ExitCode.error, message, { cause });
    }
  }
  checkValues(ofVariables, { exitCode: ExitCode.error, placeOf: (name) => variables[name] ?? name });
  const unknown = Object.keys(env).filter((name) => name.startsWith(prefix) && !known.has(name));
  return { values: values as ServeFlags, unknown, given };
}

function shadowed(variable: string, name: string): CliError {
  const message = `conflicting environment variable is shadowed by corresponding command-line flag (either unset environment variable or disable flag): ${variable}`;
  return new CliError(ExitCode.error, message, { hints: [`unset ${variable}, or leave out --${name}`] });
}

function variableOf(flag: string): string {
  return prefix + flag.toUpperCase().replaceAll("-", "_");
}
