// Runs one command line: finds the command, loads it, parses its flags and calls its run. Whatever fails is thrown, and
// cli/exit.ts reports it. Go: github.com/spf13/cobra, Command.ExecuteC.
import type { Command } from "../commands/command";
import { badArgs, ExitCode, withHints } from "../errors";
import { quote } from "../go/quote";
import { writeHints } from "../hints";
import type { Io } from "../io";
import { createContext } from "./context";
import { UsageError } from "./exit";
import { findCommand, manifestFlags, UnknownCommand, type FoundCommand } from "./find-command";
import type { FlagTable } from "../input/flags";
import type * as help from "./help";
import type { CommandNode, Program } from "./manifest/builders";
import { FlagError, parseFlags, type ParsedFlags } from "../input/parse-flags";
import { lineSettings, type Session } from "./session/session";
import { resolveSettings, type GlobalValues } from "./settings";

/** With a `session`, the command line is one of several in this process. */
export async function run(
  program: Program,
  argv: readonly string[],
  io: Io,
  session?: Session,
): Promise<number> {
  if (argv.length === 1 && argv[0] === "--version") {
    const { printVersions } = await import("./builtins");
    return printVersions(program, io);
  }
  if (argv[0] === "__complete") {
    const { printCompletions } = await import("./completion/complete");
    return printCompletions(program, argv.slice(1), io);
  }
  try {
    const found = findCommand(program.root, program.globalFlags, argv);
    await checkOptionalValues(program, found.path, argv, io);
    return await runCommand(program, found, io, session);
  } catch (error) {
    if (error instanceof UnknownCommand) await checkOptionalValues(program, [program.root], argv, io);
    throw await usageErrorFrom(error, program, io.stderr.isTTY);
  }
}

/** Only --offline has an optional value, so nothing is loaded for other command lines. */
async function checkOptionalValues(
  { globalFlags }: Program,
  path: FoundCommand["path"],
  argv: readonly string[],
  { cwd }: Io,
): Promise<void> {
  if (!argv.includes("--offline") && !argv.includes("-offline")) return;
  const { refuseDetachedPath } = await import("./detached-path");
  refuseDetachedPath({ argv, path, flags: { ...globalFlags, ...manifestFlags(path) }, cwd });
}

async function runCommand(
  program: Program,
  found: FoundCommand,
  io: Io,
  session: Session | undefined,
): Promise<number> {
  const { path } = found;
  const node = path[path.length - 1] as CommandNode;
  const command = await node.load?.();
  const flags: FlagTable = { ...manifestFlags(path), ...command?.flags };
  const parsed = await parse(program, found, flags, command?.flagErrors, io);
  if (parsed.values["help"] === true || (!command && !node.builtin)) {
    if (parsed.values["help"] !== true) await refuseUnknownChild(path, parsed.args, flags, io);
    const { helpStyle, helpText } = await import("./help");
    await io.stdout.write(helpText(path, flags, await helpStyle(io.stdout, io.env)));
    if (parsed.values["help"] !== true) await hintAtVersion3(found, parsed.args, io);
    return ExitCode.success;
  }
  if (command) refuseForeignFlags(command, parsed);
  const problem = command && unmetRequirement(command, flags, parsed);
  if (problem !== undefined) throw await usageError(path, problem, flags, io);
  await writeHints(parsed.notes, io);
  if (!command) {
    const { runBuiltin } = await import("./builtins");
    return runBuiltin(program, found, { flags, parsed, session, run }, io);
  }
  const resolve = () =>
    session
      ? lineSettings(parsed, session, io)
      : resolveSettings(parsed.values as unknown as GlobalValues, parsed.given, io.env);
  const context = createContext(io, resolve, session?.clients);
  try {
    const values = (await command.settle?.(parsed, io)) ?? parsed.values;
    const exitCode = (await command.run(context, parsed.args, values, parsed.dashAt)) ?? 0;
    if (exitCode !== 0 || context.hasReported) await writeHints(await context.hintsAfter(), io);
    return exitCode;
  } catch (error) {
    throw withHints(error, await context.hintsAfter(error));
  } finally {
    await context.close();
  }
}

/** After a parent of etcd's, a word that names none of its commands prints the help, as in Go; after one of ours it is an error. */
async function refuseUnknownChild(
  path: FoundCommand["path"],
  [typed]: readonly string[],
  flags: FlagTable,
  io: Io,
): Promise<void> {
  const node = path[path.length - 1] as CommandNode;
  if (typed === undefined || node.isAddition !== true) return;
  const { similarChildren } = await import("./suggest");
  const similar = similarChildren(node, typed).map(({ name }) => name);
  const hints = similar.length > 0 ? [`did you mean ${similar.join(" or ")}?`] : [];
  const parentName = path.map(({ name }) => name).join(" ");
  throw await usageError(path, `unknown command ${quote(typed)} for ${quote(parentName)}`, flags, io, {
    hints,
  });
}

/** For a word after a parent command that names none of its commands. */
async function hintAtVersion3({ path }: FoundCommand, [typed]: readonly string[], io: Io): Promise<void> {
  if (typed === undefined || path[0]?.name !== "etcdctl") return;
  const { version2Hints } = await import("./suggest");
  await writeHints(version2Hints([...path.slice(1).map(({ name }) => name), typed]), io);
}

async function parse(
  { globalFlags }: Program,
  { path, args }: FoundCommand,
  flags: FlagTable,
  flagErrors: Command["flagErrors"],
  io: Io,
): Promise<ParsedFlags<FlagTable>> {
  const table = { ...globalFlags, ...flags };
  try {
    return parseFlags(table, args, { oneDash: flagErrors !== undefined });
  } catch (error) {
    if (!(error instanceof FlagError)) throw error;
    const message = flagErrors?.text(error.message) ?? error.message;
    const details = { cause: error, hints: await didYouMean(error, table) };
    throw await usageError(path, message, flags, io, details, flagErrors?.exitCode);
  }
}

async function usageError(...parameters: Parameters<typeof help.usageError>): Promise<UsageError> {
  return (await import("./help")).usageError(...parameters);
}

async function didYouMean({ unknownFlag, message }: FlagError, table: FlagTable): Promise<string[]> {
  if (message.includes("missing unit in duration")) {
    return ["a duration has a unit: ms, s, m or h; write 5s for five seconds"];
  }
  if (unknownFlag === undefined) return [];
  const { similarFlags } = await import("./suggest");
  const similar = similarFlags(table, unknownFlag);
  return similar.length > 0 ? [`did you mean ${similar.join(" or ")}?`] : [];
}

/** What is wrong with the number of arguments or the required flags; cobra checks this before a command runs. */
function unmetRequirement(
  command: Command,
  flags: FlagTable,
  { args, given }: ParsedFlags<FlagTable>,
): string | undefined {
  if (command.exactArgs !== undefined && args.length !== command.exactArgs) {
    return `accepts ${command.exactArgs} arg(s), received ${args.length}`;
  }
  const unset = Object.keys(flags).filter((name) => flags[name]?.required === true && !given.has(name));
  const names = unset.sort().map((name) => `"${name}"`);
  return names.length === 0 ? undefined : `required flag(s) ${names.join(", ")} not set`;
}

function refuseForeignFlags({ foreignFlags, flags }: Command, { given }: ParsedFlags<FlagTable>): void {
  if (foreignFlags === undefined) return;
  for (const name of given) {
    if (name === "help" || Object.hasOwn(flags, name)) continue;
    throw badArgs(...foreignFlags(name));
  }
}

async function usageErrorFrom(thrown: unknown, program: Program, isTerminal: boolean): Promise<unknown> {
  let error = thrown;
  if (error instanceof UnknownCommand) {
    const { unknownCommandError } = await import("./suggest");
    error = unknownCommandError(program.root, error, isTerminal);
  }
  if (!(error instanceof UsageError) || !program.printsUsageErrorsTwice || isTerminal) return error;
  const { message, usage, hints } = error;
  return new UsageError(message, `${usage}Error: ${message}\n`, { cause: error, hints });
}
