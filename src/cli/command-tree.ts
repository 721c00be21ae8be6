// The manifest as commander's tree of commands: dispatch, usage and help. No other file imports commander.
//
// The grammar of a command line is Go's, not commander's: commander asks `parseOptions` at each command, and there
// find-command.ts names the child and parse-flags.ts later reads the flags. These are the differences:
// - flags and arguments may stand in any order, global flags also before the name of the command;
// - a command's name may be shortened while it stays unique: `etcdctl mem li`;
// - before the command is known, an unknown flag takes the next argument as its value;
// - `--flag=false`, `-wjson`, `--offline[=PATH]`, lists, 64-bit numbers and durations are read as pflag reads them, and
//   errors have pflag's texts.
import { Command, Option, type ParseOptionsResult } from "commander";
import type { ErrorDetails } from "../errors";
import { formatDuration } from "../go/units";
import type { Io, OutputStream } from "../io";
import { UsageError } from "./exit";
import { findChild } from "./find-command";
import type { Flag, FlagTable } from "./flags";
import { helpFlag } from "./global-flags";
import { groups, type CommandNode, type Program } from "./manifest/builders";
import { paletteFor, type Palette } from "./terminal";

/** Carries out a command. `args` is what was typed without the names of commands: arguments and flags, not parsed yet. */
export type Action = (command: TreeCommand, args: readonly string[]) => Promise<void>;

/** Finds the command that the arguments name and runs `action` for it. Throws UnknownCommand. */
export async function dispatch(program: Program, argv: readonly string[], action: Action): Promise<void> {
  await new TreeCommand([program.root], program.globalFlags, action).parseAsync(argv, { from: "user" });
}

export interface HelpStyle {
  readonly palette: Palette;
  /** Width of the terminal; undefined where the output is none. */
  readonly columns: number | undefined;
}

const defaultColumns = 100;

/** A command with its parents. Of the children only the one that is named exists; helpText makes the others. */
export class TreeCommand extends Command {
  constructor(
    readonly path: readonly CommandNode[],
    private readonly globalFlags: FlagTable = {},
    private readonly run: Action = () => Promise.resolve(),
  ) {
    super((path[path.length - 1] as CommandNode).name);
    this.helpOption(false).helpCommand(false).exitOverride();
    this.argument("[args...]").action((args: string[]) => run(this, args));
  }

  get node(): CommandNode {
    return this.path[this.path.length - 1] as CommandNode;
  }

  /** Called by commander: the name of the child to go to, or everything typed as this command's arguments. */
  override parseOptions(args: string[]): ParseOptionsResult {
    const found = findChild({ path: this.path, args }, this.globalFlags);
    if (found === undefined) return { operands: args, unknown: [] };
    const child = new TreeCommand(found.path, this.globalFlags, this.run);
    this.addCommand(child);
    return { operands: [child.name()], unknown: [...found.args] };
  }

  /** `flags` are all that the help lists: known only when the code of the command is loaded. */
  helpText(flags: FlagTable, { palette, columns }: HelpStyle): string {
    const { node } = this;
    const [root] = this.path as [CommandNode];
    const names = this.path.map(({ name }) => name).join(" ");
    const isParent = node.children.length > 0;
    this.description([node.summary, ...(node.details ? [node.details] : [])].join("\n\n"));
    this.usage(usageOf(node));
    if (this.commands.length === 0) for (const child of grouped(node.children)) this.addCommand(child);
    addFlags(this, flags);
    const hints = [
      ...(isParent ? [`Use "${names} <command> --help" for the help of a command.`] : []),
      ...(root.children.some(({ builtin }) => builtin === "options")
        ? [`Use "${root.name} options" for the global flags.`]
        : []),
    ];
    return `${formatHelp(this, { palette, columns })}${hints.length > 0 ? `\n${hints.join("\n")}\n` : ""}`;
  }

  /** An error to print with the help of this command, as cobra does. On a terminal a short usage leaves the error in sight. */
  async usageError(message: string, flags: FlagTable, io: Io, details?: ErrorDetails): Promise<UsageError> {
    const usage = io.stderr.isTTY
      ? this.shortUsage()
      : this.helpText(flags, await helpStyle(io.stderr, io.env));
    return new UsageError(message, usage, details);
  }

  private shortUsage(): string {
    const names = this.path.map(({ name }) => name).join(" ");
    return `Usage: ${`${names} ${usageOf(this.node)}`.trimEnd()}\nRun '${names} --help' for all flags.\n`;
  }
}

function usageOf({ children, usage }: CommandNode): string {
  return `${children.length > 0 ? "" : "[flags] "}${usage}`.trimEnd();
}

export async function helpStyle(stream: OutputStream, env: Io["env"]): Promise<HelpStyle> {
  return { palette: await paletteFor(stream, env), columns: stream.columns };
}

/** The flags that the manifest gives to a command and its parents. The command's file has more. */
export function manifestFlags(path: readonly CommandNode[]): FlagTable {
  return Object.assign({}, helpFlag, ...path.map((node) => node.flags)) as FlagTable;
}

/** The help of the path's last command, for a command that does not run. */
export function helpText(path: readonly CommandNode[], flags: FlagTable, style: HelpStyle): string {
  const commands = path.map((_, at) => new TreeCommand(path.slice(0, at + 1)));
  commands.reduce((parent, child) => {
    parent.addCommand(child);
    return child;
  });
  return (commands[commands.length - 1] as TreeCommand).helpText(flags, style);
}

/** The global flags, as `etcdctl options` prints them. */
export function globalFlagsText(flags: FlagTable, style: HelpStyle): string {
  const command = new Command("etcdctl").helpOption(false).usage("<command> [flags]");
  command.description(
    "Flags of every command. Each has an environment variable, for example ETCDCTL_WRITE_OUT=json.",
  );
  addFlags(command, flags);
  return formatHelp(command, style);
}

function formatHelp(command: Command, { palette, columns }: HelpStyle): string {
  return command
    .configureOutput({
      getOutHasColors: () => palette.hasColor,
      getOutHelpWidth: () => columns ?? defaultColumns,
    })
    .configureHelp({
      sortOptions: true,
      styleTitle: (text) => palette.title(text),
      subcommandTerm: (child) => child.name(),
    })
    .helpInformation();
}

/** Commands for the help of their parent: in the order of the groups, then by name. */
function grouped(nodes: readonly CommandNode[]): Command[] {
  const order = Object.keys(groups);
  const rank = ({ group }: CommandNode): number => (group ? order.indexOf(group) : 0);
  const sorted = [...nodes].sort((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1));
  return sorted.map(({ name, group, summary }) =>
    new Command(name).summary(summary).helpGroup(`${group ? groups[group] : "Commands"}:`),
  );
}

function addFlags(command: Command, flags: FlagTable): void {
  command.optionsGroup("Flags:");
  for (const [name, flag] of Object.entries(flags)) {
    if (!flag.hidden) command.addOption(new Option(flagTerm(name, flag), flag.usage + defaultNote(flag)));
  }
}

const valueNames = {
  string: "text",
  strings: "list",
  texts: "text",
  int64: "int",
  uint64: "int",
  uint: "int",
  duration: "duration",
} as const;

/** The only flag whose value may be absent is --offline[=path]. */
function flagTerm(name: string, flag: Flag): string {
  const short = flag.short === undefined ? "" : `-${flag.short}, `;
  if (flag.kind === "bool") return `${short}--${name}`;
  return `${short}--${name}${flag.noOptDefault === undefined ? ` <${valueNames[flag.kind]}>` : "[=path]"}`;
}

function defaultNote(flag: Flag): string {
  const text =
    flag.kind === "duration" ? formatDuration(BigInt(flag.default) * 1_000_000n) : String(flag.default);
  return ["", "0", "0s", "false"].includes(text) ? "" : ` (default ${text})`;
}
