// Version 2's program as a function: words and a world in, exit code out. Finds the command, reads its flags, runs it and
// puts its failures into Go's words; what is thrown has its whole text in it, nothing is to be added but hints.
// Answers to urfave/cli v1 (App.Run, Command.Run, App.RunAsSubcommand) and ctlv2/ctl.go.
import { CliError } from "../errors";
import { etcdVersion } from "../etcd/versions";
import { BrokenPipe, Interrupted, type Io } from "../io";
import { ApiError, NoVersion2 } from "./api/api-error";
import { ExitCode, failed, failedPlainly, type Command } from "./command";
import { createContext } from "./context";
import { flagsFirst, helpFlag, parseWords, type FlagTable, type ParsedWords } from "./flags";
import { commandHelp, groupHelp, programHelp } from "./help";
import { RequestError } from "./http/errors";
import { UrlError } from "./http/go-url";
import type { RoundTrip } from "./http/round-trip";
import { commands, type CommandNode } from "./manifest";
import { hintsOf } from "./no-version-2";
import { globalFlags, resolveSettings, type Settings } from "./settings";

const unknownTopic = 3;
export const programFlags = {
  ...globalFlags,
  ...helpFlag,
  version: { kind: "bool", alias: "v", about: "show the version" },
} as const satisfies FlagTable;
const helpNode: CommandNode = {
  name: "help",
  about: "show the commands, or the help of one",
  args: "[command]",
};

/** `carry` replaces the network in tests. Rejects with CliError, BrokenPipe or Interrupted. */
export async function runVersion2(argv: readonly string[], io: Io, carry?: RoundTrip): Promise<number> {
  const parsed = parseWords(programFlags, argv);
  const showHelp = (): Promise<void> => io.stdout.write(programHelp(programFlags, commands));
  const { twoForms, mistake, values, args } = parsed;
  if (twoForms !== undefined) return misused(io, twoForms, `${twoForms}\n`, showHelp);
  if (mistake !== undefined) return misused(io, mistake, `Incorrect Usage. ${mistake}\n\n`, showHelp);
  if (values.help) return shown(showHelp());
  if (values.version) return shown(io.stdout.write(`etcdctl version: ${etcdVersion}\nAPI version: 2\n`));
  const run = new Run(io, resolveSettings(values, io.env), carry);
  return run.choose([], commands, args, showHelp);
}

class Run {
  constructor(
    private readonly io: Io,
    private readonly settings: Settings,
    private readonly carry: RoundTrip | undefined,
  ) {}

  async choose(
    path: readonly CommandNode[],
    nodes: readonly CommandNode[],
    args: readonly string[],
    showHelp: () => Promise<void>,
  ): Promise<number> {
    const [name, ...rest] = args;
    if (name === undefined) return shown(showHelp());
    const node = nodes.find((each) => each.name === name);
    if (node?.children) return this.group([...path, node], node.children, rest);
    if (node) return this.command([...path, node], rest);
    if (name !== "help" && name !== "h") throw noTopic(name);
    return this.help(path, nodes, rest, showHelp);
  }

  private async group(
    path: readonly CommandNode[],
    children: readonly CommandNode[],
    words: readonly string[],
  ): Promise<number> {
    const showHelp = (): Promise<void> => this.io.stdout.write(groupHelp(path, children));
    const { twoForms, mistake, values, args } = parseWords(helpFlag, words);
    if (twoForms !== undefined) return misused(this.io, twoForms, `${twoForms}\n\n`, showHelp);
    if (mistake !== undefined) return misused(this.io, mistake, `Incorrect Usage. ${mistake}\n\n`, showHelp);
    return values.help ? shown(showHelp()) : this.choose(path, children, args, showHelp);
  }

  private async command(path: readonly CommandNode[], words: readonly string[]): Promise<number> {
    const command = (await path.at(-1)?.load?.()) as Command;
    const parsed = await this.parse(path, command.flags, words);
    if (parsed === undefined) return 0;
    const context = createContext(this.io, this.settings, this.carry);
    try {
      return (await command.run(context, parsed.args, parsed.values)) ?? 0;
    } catch (error) {
      const hints =
        error instanceof NoVersion2
          ? await hintsOf(
              error,
              await context.roundTrip(),
              this.io,
              command.instead(parsed.args, parsed.values),
            )
          : [];
      throw this.explained(error, path.length > 1, hints);
    } finally {
      context.close();
    }
  }

  /** Undefined when help was asked for and given. */
  private async parse(
    path: readonly CommandNode[],
    flags: FlagTable,
    words: readonly string[],
  ): Promise<ParsedWords<FlagTable> | undefined> {
    const table = { ...flags, ...helpFlag };
    const showHelp = (): Promise<void> => this.io.stdout.write(commandHelp(path, table));
    const parsed = parseWords(table, flagsFirst(table, words));
    const mistake = parsed.mistake ?? parsed.twoForms;
    if (mistake !== undefined) await misused(this.io, mistake, `Incorrect Usage: ${mistake}\n\n`, showHelp);
    if (!parsed.values["help"]) return parsed;
    await showHelp();
    return undefined;
  }

  private async help(
    path: readonly CommandNode[],
    nodes: readonly CommandNode[],
    words: readonly string[],
    showHelp: () => Promise<void>,
  ): Promise<number> {
    const parsed = await this.parse([...path, helpNode], {}, words);
    const [topic] = parsed?.args ?? [];
    if (topic === undefined) return parsed ? shown(showHelp()) : 0;
    const node =
      nodes.find((each) => each.name === topic) ?? (/^(help|h)$/.test(topic) ? helpNode : undefined);
    if (!node) throw noTopic(topic);
    const found = [...path, node];
    if (node.children) return shown(this.io.stdout.write(groupHelp(found, node.children)));
    const flags = { ...(await node.load?.())?.flags, ...helpFlag };
    return shown(this.io.stdout.write(commandHelp(found, flags)));
  }

  /** Whatever a command has thrown, as it reaches the top. */
  private explained(error: unknown, isPlain: boolean, hints: readonly string[]): unknown {
    if (this.io.interrupt.aborted && !(error instanceof CliError)) return this.io.interrupt.reason ?? error;
    if (error instanceof BrokenPipe || error instanceof Interrupted) return error;
    const isExpected =
      error instanceof ApiError || error instanceof RequestError || error instanceof UrlError;
    if (!isExpected) return error;
    const { exitCode, message } = isPlain ? failedPlainly(error) : failed(ExitCode.serverError, error);
    return new CliError(exitCode, message, { cause: error, hints });
  }
}

async function shown(writing: Promise<void>): Promise<0> {
  await writing;
  return 0;
}

/** The mistake is told twice, as in Go: with the usage on stdout and alone on stderr. */
async function misused(
  io: Io,
  mistake: string,
  before: string,
  showHelp: () => Promise<void>,
): Promise<never> {
  await io.stdout.write(before);
  await showHelp();
  throw new CliError(ExitCode.badArgs, mistake);
}

function noTopic(name: string): CliError {
  return new CliError(unknownTopic, `No help topic for '${name}'`, {
    hints: ["ETCDCTL_API=2 is set: for the commands of version 3 unset it, or set it to 3"],
  });
}
