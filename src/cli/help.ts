// The command tree as commander's: dispatch and help, and the only user of commander. It gets the command's name
// spelled out and everything else after `--`, since the flags follow Go's grammar (commands/parse-flags.ts), not its own.
// Answers to etcdctl's ctlv3/ctl.go and cobra's help.
import { Command, Option } from "commander";
import { formatDuration } from "../go/units";
import type { FoundCommand } from "./find-command";
import type { Flag, FlagTable } from "./flags";
import type { CommandNode } from "./manifest/builders";
import { groups } from "./manifest/builders";
import type { Palette } from "./terminal";

export async function dispatch(found: FoundCommand, run: (words: string[]) => Promise<void>): Promise<void> {
  const [program, leaf] = commandLine(found.path);
  leaf.argument("[words...]").action(run);
  const names = found.path.slice(1).map((node) => node.name);
  await program.parseAsync([...names, "--", ...found.words], { from: "user" });
}

export interface HelpStyle {
  readonly palette: Palette;
  readonly columns: number | undefined;
}

const defaultColumns = 100;

/** The help of the last command of `path`, with these flags of its own. */
export function helpText(path: readonly CommandNode[], flags: FlagTable, style: HelpStyle): string {
  const leaf = commandLine(path)[1];
  const node = path[path.length - 1] as CommandNode;
  const flagsUsage = node.children.length > 0 ? "" : "[flags] ";
  leaf
    .description([node.summary, ...(node.details ? [node.details] : [])].join("\n\n"))
    .usage((flagsUsage + node.usage).trimEnd());
  for (const child of sorted(node.children)) {
    const title = child.group ? groups[child.group] : "Commands";
    leaf.addCommand(emptyCommand(child).summary(child.summary).helpGroup(`${title}:`));
  }
  addFlags(leaf, flags);
  const [root] = path as [CommandNode];
  const more = [
    ...(node.children.length > 0 ? [`What a command takes: "${root.name} <command> --help".`] : []),
    ...(root.children.some(({ builtin }) => builtin === "options")
      ? [`Flags of every command: "${root.name} options".`]
      : []),
  ];
  return `${formatted(leaf, style)}${more.length > 0 ? `\n${more.join(" ")}\n` : ""}`;
}

/** Only the flags, as `etcdctl options` shows them. */
export function flagsText(flags: FlagTable, style: HelpStyle): string {
  const command = new Command().helpOption(false).usage("<command> [flags]");
  command
    .name("etcdctl")
    .description(
      "Flags that every command takes. Each can come from the environment: ETCDCTL_WRITE_OUT=json.",
    );
  addFlags(command, flags);
  return formatted(command, style);
}

/** The commands of a path, one inside the other: first and last. */
function commandLine(path: readonly CommandNode[]): [Command, Command] {
  const commands = path.map(emptyCommand);
  commands.reduce((parent, child) => {
    parent.addCommand(child);
    return child;
  });
  return [commands[0] as Command, commands[commands.length - 1] as Command];
}

function emptyCommand(node: CommandNode): Command {
  return new Command(node.name).helpOption(false).helpCommand(false).exitOverride();
}

function formatted(command: Command, { palette, columns }: HelpStyle): string {
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

function sorted(nodes: readonly CommandNode[]): CommandNode[] {
  const order = Object.keys(groups);
  const rank = (node: CommandNode): number => (node.group ? order.indexOf(node.group) : 0);
  return [...nodes].sort((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1));
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

function flagTerm(name: string, flag: Flag): string {
  const short = flag.short === undefined ? "" : `-${flag.short}, `;
  if (flag.kind === "bool") return `${short}--${name}`;
  return `${short}--${name}${flag.alone === undefined ? ` <${valueNames[flag.kind]}>` : "[=path]"}`;
}

function defaultNote(flag: Flag): string {
  const text =
    flag.kind === "duration" ? formatDuration(BigInt(flag.default) * 1_000_000n) : String(flag.default);
  return ["", "0", "0s", "false"].includes(text) ? "" : ` (default ${text})`;
}
