// From a command line to an exit code: find the command, load it, read its flags, run it. The only place where the
// manifest, the grammar, the settings and a command meet; whatever fails is thrown to cli/exit.ts.
// Answers to cobra's ExecuteC.
import type { Command } from "../commands/command";
import { CliError, ExitCode } from "../errors";
import { needsNoEscapes, quote } from "../go/quote";
import type { Io, OutputStream } from "../io";
import type { CompletedProgram } from "./completion/complete";
import { createContext } from "./context";
import { UsageError, writeHints } from "./exit";
import { findCommand, suggestFlags } from "./find-command";
import type { FlagTable } from "./flags";
import { parseFlagValue } from "./flags";
import { globalFlags, helpFlag } from "./global-flags";
import { dispatch, flagsText, helpText, type HelpStyle } from "./help";
import type { CommandNode, Program } from "./manifest/builders";
import type { ParsedFlags } from "./parse-flags";
import { FlagError, parseFlags } from "./parse-flags";
import type { GlobalValues } from "./settings";
import { resolveSettings } from "./settings";
import { paletteFor } from "./terminal";

export async function runCommand(program: Program, argv: readonly string[], io: Io): Promise<number> {
  try {
    return await findAndRun(program, argv, io);
  } catch (error) {
    if (!(error instanceof UsageError) || !program.tellsUsageErrorsTwice) throw error;
    const { message, usage, hints } = error;
    throw new UsageError(message, `${usage}Error: ${message}\n`, { cause: error, hints });
  }
}

async function findAndRun(program: Program, argv: readonly string[], io: Io): Promise<number> {
  if (argv[0] === "__complete") return completeLine(program, argv.slice(1), io);
  const found = findCommand(program.root, program.everyCommandsFlags, argv);
  let exitCode = 0;
  await dispatch(found, async (words) => {
    exitCode = await runNode(program, found.path, words, io);
  });
  return exitCode;
}

async function runNode(
  program: Program,
  path: readonly CommandNode[],
  words: readonly string[],
  io: Io,
): Promise<number> {
  const node = path[path.length - 1] as CommandNode;
  const command = await node.load?.();
  const own: FlagTable = { ...helpFlag, ...flagsOf(path), ...command?.flags };
  const parsed = await parse(program, path, own, words, io);
  if (parsed.values["help"] === true || (!command && !node.builtin)) return showHelp(path, own, io);
  const problem = command && missing(command, own, parsed);
  if (problem !== undefined) throw new UsageError(problem, helpText(path, own, await styleOf(io.stderr, io)));
  await writeHints(parsed.notes, io);
  if (node.builtin === "options") return showOptions(io);
  if (node.builtin === "completion") return showScript(path, own, parsed.args, io);
  if (node.builtin === "help") return showTopic(program, parsed.args, io);
  const context = createContext(io, () =>
    resolveSettings(parsed.values as unknown as GlobalValues, parsed.given, io.env),
  );
  try {
    return (
      (await command?.run(context, parsed.args, withVariables(command, parsed, io.env), parsed.dashAt)) ?? 0
    );
  } finally {
    await context.close();
  }
}

function withVariables(
  { flags, variables }: Command,
  { values, given }: ParsedFlags<FlagTable>,
  env: Io["env"],
): ParsedFlags<FlagTable>["values"] {
  if (variables === undefined) return values;
  const found = Object.entries(flags).flatMap(([name, flag]) => {
    const variable = variables + name.toUpperCase().replaceAll("-", "_");
    const text = env[variable];
    if (text === undefined || text === "" || given.has(name)) return [];
    try {
      return [[name, parseFlagValue(flag, text)]];
    } catch (cause) {
      const reason = (cause as Error).message;
      const message = `invalid value ${quote(text)} for ${variable}: ${reason}`;
      throw new CliError(ExitCode.error, message, { cause });
    }
  });
  return { ...values, ...(Object.fromEntries(found) as object) };
}

function flagsOf(path: readonly CommandNode[]): FlagTable {
  return Object.assign({}, ...path.map((node) => node.flags)) as FlagTable;
}

/** What cobra asks for before a command runs. */
function missing(
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

async function parse(
  { everyCommandsFlags }: Program,
  path: readonly CommandNode[],
  own: FlagTable,
  words: readonly string[],
  io: Io,
): Promise<ParsedFlags<FlagTable>> {
  const table = { ...everyCommandsFlags, ...own };
  try {
    return parseFlags(table, words);
  } catch (error) {
    if (!(error instanceof FlagError)) throw error;
    const unknown = /^unknown flag: --(.*)/.exec(error.message)?.[1];
    const near = unknown === undefined ? [] : suggestFlags(table, unknown);
    throw new UsageError(error.message, helpText(path, own, await styleOf(io.stderr, io)), {
      cause: error,
      hints: near.length > 0 ? [`near to it: ${near.join(", ")}`] : [],
    });
  }
}

async function showHelp(path: readonly CommandNode[], own: FlagTable, io: Io): Promise<number> {
  await io.stdout.write(helpText(path, own, await styleOf(io.stdout, io)));
  return 0;
}

async function showOptions(io: Io): Promise<number> {
  await io.stdout.write(flagsText(globalFlags, await styleOf(io.stdout, io)));
  return 0;
}

async function showScript(
  path: readonly CommandNode[],
  own: FlagTable,
  args: readonly string[],
  io: Io,
): Promise<number> {
  const { isShell, shells } = await import("./completion/scripts");
  const [shell = ""] = args;
  const problem =
    args.length !== 1
      ? `accepts 1 arg(s), received ${args.length}`
      : `invalid argument ${quote(shell)} for ${quote(path.map(({ name }) => name).join(" "))}`;
  if (args.length !== 1 || !isShell(shell)) {
    throw new UsageError(problem, helpText(path, own, await styleOf(io.stderr, io)));
  }
  await io.stdout.write(shells[shell]((path[0] as CommandNode).name));
  return 0;
}

async function completeLine(
  { root, everyCommandsFlags }: Program,
  words: readonly string[],
  io: Io,
): Promise<number> {
  const { answerCompletion } = await import("./completion/complete");
  const completed: CompletedProgram = {
    root,
    flags: everyCommandsFlags,
    async fromCluster(...asked) {
      return (await import("./completion/from-cluster")).fromCluster(io, ...asked);
    },
  };
  return answerCompletion(completed, words, io);
}

/** `help WORDS`: the help of what they name; an unknown topic is no failure, as in cobra. */
async function showTopic(
  { root, everyCommandsFlags }: Program,
  words: readonly string[],
  io: Io,
): Promise<number> {
  try {
    const { path } = findCommand(root, everyCommandsFlags, words);
    const command = await path[path.length - 1]?.load?.();
    return await showHelp(path, { ...helpFlag, ...flagsOf(path), ...command?.flags }, io);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const topic = words.map(backquoted).join(" ");
    const usage = helpText([root], helpFlag, await styleOf(io.stderr, io));
    await io.stderr.write(`Unknown help topic [${topic}]\n${usage}`);
    return 0;
  }
}

/** Go's %#q for what is printable ASCII, else %q. */
function backquoted(word: string): string {
  const isPlain = needsNoEscapes(Buffer.from(word.replaceAll(/["\\]/g, "")));
  return isPlain && !word.includes("`") ? `\`${word}\`` : quote(word);
}

async function styleOf(stream: OutputStream, io: Io): Promise<HelpStyle> {
  return { palette: await paletteFor(stream, io.env), columns: stream.columns };
}
