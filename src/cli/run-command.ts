// From a command line to an exit code: find the command, load it, read its flags, run it. The only place where the
// manifest, the grammar, the settings and a command meet; whatever fails is thrown to cli/exit.ts.
// Answers to cobra's ExecuteC.
import { FlagError, parseFlags } from "../commands/parse-flags";
import type { ParsedFlags } from "../commands/parse-flags";
import type { FlagTable } from "../commands/flags";
import { isQuotedAsIs, quote } from "../goformat/quote";
import type { Io, OutputStream } from "../io";
import type { CommandNode } from "./command-node";
import { createContext } from "./context";
import { findCommand } from "./find-command";
import { globalFlags, helpFlag, oldSpellings } from "./global-flags";
import { writeHints } from "./hints";
import { root } from "./manifest";
import { dispatch, flagsText, helpText, type HelpStyle } from "./program";
import type { GlobalValues } from "./settings";
import { resolveSettings } from "./settings";
import { suggestFlags } from "./suggest";
import { paletteFor } from "./terminal";
import { UsageError } from "./usage-error";

export async function runCommand(argv: readonly string[], io: Io): Promise<number> {
  const found = findCommand(root, everyCommandsFlags, argv);
  let exitCode = 0;
  await dispatch(found, async (words) => {
    exitCode = await runNode(found.path, words, io);
  });
  return exitCode;
}

const everyCommandsFlags = { ...oldSpellings, ...globalFlags } as const;

async function runNode(path: readonly CommandNode[], words: readonly string[], io: Io): Promise<number> {
  const node = path[path.length - 1] as CommandNode;
  const command = await node.load?.();
  const own: FlagTable = { ...helpFlag, ...flagsOf(path), ...command?.flags };
  const parsed = await parse(path, own, words, io);
  if (parsed.values["help"] === true || (!command && !node.builtin)) return showHelp(path, own, io);
  await writeHints(parsed.notes, io);
  if (node.builtin === "options") return showOptions(io);
  if (node.builtin === "help") return showTopic(parsed.args, io);
  const context = createContext(io, () =>
    resolveSettings(parsed.values as unknown as GlobalValues, parsed.given, io.env),
  );
  try {
    return (await command?.run(context, parsed.args, parsed.values)) ?? 0;
  } finally {
    await context.close();
  }
}

function flagsOf(path: readonly CommandNode[]): FlagTable {
  return Object.assign({}, ...path.map((node) => node.flags)) as FlagTable;
}

async function parse(
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

/** `help WORDS`: the help of what they name; an unknown topic is no failure, as in cobra. */
async function showTopic(words: readonly string[], io: Io): Promise<number> {
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
  const isPlain = isQuotedAsIs(Buffer.from(word.replaceAll(/["\\]/g, "")));
  return isPlain && !word.includes("`") ? `\`${word}\`` : quote(word);
}

async function styleOf(stream: OutputStream, io: Io): Promise<HelpStyle> {
  return { palette: await paletteFor(stream, io.env), columns: stream.columns };
}
