// The commands about command lines: help, options, completion and profile, which need no cluster, and batch and shell, which
// run other command lines.
import { badArgs, ExitCode } from "../errors";
import { apiVersion, etcdVersion, ownVersion } from "../etcd/versions";
import { needsNoEscapes, quote } from "../go/quote";
import type { Io } from "../io";
import { isShell, shells } from "./completion/scripts";
import { findCommand, manifestFlags, UnknownCommand, type FoundCommand } from "./find-command";
import type { FlagTable } from "../input/flags";
import { globalFlags, helpFlag } from "./global-flags";
import { globalFlagsText, helpStyle, helpText, usageError } from "./help";
import type { CommandNode, Program } from "./manifest/builders";
import type { ParsedFlags } from "../input/parse-flags";
import type { RunLine, Session } from "./session/session";

export interface BuiltinCall {
  /** All that the help of the command lists. */
  readonly flags: FlagTable;
  readonly parsed: ParsedFlags<FlagTable>;
  /** Undefined when the command is the only one of the process. */
  readonly session: Session | undefined;
  readonly run: RunLine;
}

export async function runBuiltin(
  program: Program,
  found: FoundCommand,
  { flags, parsed, session, run }: BuiltinCall,
  io: Io,
): Promise<number> {
  const { args } = parsed;
  const { name, builtin } = found.path[found.path.length - 1] as CommandNode;
  if (builtin === "session") {
    if (session !== undefined) throw badArgs(`${name} cannot run inside a batch or a shell`);
    if (name === "shell") return (await import("./session/shell")).runShell(program, parsed, io, run);
    return (await import("./session/batch")).runBatch(program, parsed, io, run);
  }
  if (builtin === "profile") await (await import("./profiles/command")).runProfile(name, parsed, io);
  else if (builtin === "help") await printTopic(program, args, io);
  else if (builtin === "completion") await printScript(found, flags, args, io);
  else await io.stdout.write(globalFlagsText(globalFlags, await helpStyle(io.stdout, io.env)));
  return ExitCode.success;
}

/** `--version` of either program, which Go's do not have: their `version`, and the version of this program. */
export async function printVersions({ root: { name } }: Program, io: Io): Promise<number> {
  await io.stdout.write(
    `${name} version: ${etcdVersion}\nAPI version: ${apiVersion}\netcdctl for Node: ${ownVersion}\n`,
  );
  return ExitCode.success;
}

/** `help NAMES`: the help of the command that they name. As in cobra, an unknown topic is not a failure. */
async function printTopic(program: Program, names: readonly string[], io: Io): Promise<void> {
  try {
    const { path } = findCommand(program.root, program.globalFlags, names);
    const command = await path[path.length - 1]?.load?.();
    const flags = { ...manifestFlags(path), ...command?.flags };
    await io.stdout.write(helpText(path, flags, await helpStyle(io.stdout, io.env)));
  } catch (error) {
    if (!(error instanceof UnknownCommand)) throw error;
    const topic = names.map(backquoted).join(" ");
    const usage = helpText([program.root], helpFlag, await helpStyle(io.stderr, io.env));
    await io.stderr.write(`Unknown help topic [${topic}]\n${usage}`);
  }
}

/** Go's %#q for printable ASCII, else %q. */
function backquoted(word: string): string {
  const isPlain = needsNoEscapes(Buffer.from(word.replaceAll(/["\\]/g, "")));
  return isPlain && !word.includes("`") ? `\`${word}\`` : quote(word);
}

async function printScript(
  { path }: FoundCommand,
  flags: FlagTable,
  args: readonly string[],
  io: Io,
): Promise<void> {
  const [shell = ""] = args;
  const names = path.map(({ name }) => name);
  if (args.length !== 1) {
    throw await usageError(path, `accepts 1 arg(s), received ${args.length}`, flags, io);
  }
  if (!isShell(shell)) {
    throw await usageError(path, `invalid argument ${quote(shell)} for ${quote(names.join(" "))}`, flags, io);
  }
  await io.stdout.write(shells[shell](names[0] as string));
}
