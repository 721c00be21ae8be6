// The help of a command and usage errors. commander makes them from the manifest; no other file imports commander, and a command
// that runs does not load it.
import { Command, Option } from "commander";
import type { ErrorDetails } from "../errors";
import { formatDuration } from "../go/units";
import type { Io, OutputStream } from "../io";
import { UsageError } from "./exit";
import type { Flag, FlagTable } from "../input/flags";
import { groups, type CommandNode } from "./manifest/builders";
import { paletteFor, type Palette } from "./terminal";

export interface HelpStyle {
  readonly palette: Palette;
  /** Width of the terminal; undefined where the output is none. */
  readonly columns: number | undefined;
}

const defaultColumns = 100;

/** The help of the path's last command. `flags` are all that it lists: known only when the code of the command is loaded. */
export function helpText(
  path: readonly CommandNode[],
  flags: FlagTable,
  { palette, columns }: HelpStyle,
): string {
  const [root] = path as [CommandNode];
  const node = path[path.length - 1] as CommandNode;
  const names = path.map(({ name }) => name);
  const commands = names.map((name) => new Command(name).helpOption(false).helpCommand(false));
  commands.reduce((parent, child) => {
    parent.addCommand(child);
    return child;
  });
  const command = commands[commands.length - 1] as Command;
  command.description([node.summary, ...(node.details ? [node.details] : [])].join("\n\n"));
  command.argument("[args...]").usage(usageOf(node));
  for (const child of grouped(node.children)) command.addCommand(child);
  addFlags(command, flags);
  const hints = [
    ...(node.children.length > 0
      ? [`Use "${names.join(" ")} <command> --help" for the help of a command.`]
      : []),
    ...(root.children.some(({ builtin }) => builtin === "options")
      ? [`Use "${root.name} options" for the global flags.`]
      : []),
  ];
  return `${formatHelp(command, { palette, columns })}${hints.length > 0 ? `\n${hints.join("\n")}\n` : ""}`;
}

/** An error to print with the help of the command, as cobra does. On a terminal a short usage leaves the error in sight. */
export async function usageError(
  path: readonly CommandNode[],
  message: string,
  flags: FlagTable,
  io: Io,
  details?: ErrorDetails,
  exitCode?: number,
): Promise<UsageError> {
  const usage = io.stderr.isTTY
    ? shortUsage(path)
    : helpText(path, flags, await helpStyle(io.stderr, io.env));
  return new UsageError(message, usage, details, exitCode);
}

function shortUsage(path: readonly CommandNode[]): string {
  const names = path.map(({ name }) => name).join(" ");
  const usage = usageOf(path[path.length - 1] as CommandNode);
  return `Usage: ${`${names} ${usage}`.trimEnd()}\nRun '${names} --help' for all flags.\n`;
}

function usageOf({ children, usage }: CommandNode): string {
  return `${children.length > 0 ? "" : "[flags] "}${usage}`.trimEnd();
}

export async function helpStyle(stream: OutputStream, env: Io["env"]): Promise<HelpStyle> {
  return { palette: await paletteFor(stream, env), columns: stream.columns };
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

/** A value that may be absent: --offline[=path], --watch[=duration]. */
export function flagTerm(name: string, flag: Flag): string {
  const short = flag.short === undefined ? "" : `-${flag.short}, `;
  if (flag.kind === "bool") return `${short}--${name}`;
  if (flag.noOptDefault === undefined) return `${short}--${name} <${valueNames[flag.kind]}>`;
  return `${short}--${name}[=${flag.completes === "file" ? "path" : valueNames[flag.kind]}]`;
}

export function defaultNote(flag: Flag): string {
  const text =
    flag.kind === "duration" ? formatDuration(BigInt(flag.default) * 1_000_000n) : String(flag.default);
  return ["", "0", "0s", "false"].includes(text) ? "" : ` (default ${text})`;
}
