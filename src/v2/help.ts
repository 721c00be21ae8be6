// Help for version 2's program, groups and commands. The sections are urfave/cli's; the texts are this project's.
import { etcdVersion } from "../etcd/versions";
import { formatDuration } from "../go/units";
import type { Flag, FlagTable } from "./flags";
import type { CommandNode } from "./manifest";

const program = "etcdctl";

export function programHelp(flags: FlagTable, commands: readonly CommandNode[]): string {
  return sections({
    NAME: [`${program} - command line client for version 2 of the etcd API (ETCDCTL_API=2)`],
    USAGE: [`${program} [global options] command [command options] [arguments...]`],
    VERSION: [etcdVersion],
    COMMANDS: commandLines(commands),
    "GLOBAL OPTIONS": flagLines(flags),
  });
}

export function groupHelp(path: readonly CommandNode[], children: readonly CommandNode[]): string {
  const name = fullName(path);
  return sections({
    NAME: [`${name} - ${path.at(-1)?.summary ?? ""}`],
    USAGE: [`${name} command [command options] [arguments...]`],
    COMMANDS: commandLines(children),
    OPTIONS: ["--help, -h  show help"],
  });
}

export function commandHelp(path: readonly CommandNode[], flags: FlagTable): string {
  const name = fullName(path);
  const { summary = "", usage = "", details } = path.at(-1) ?? {};
  return sections({
    NAME: [`${name} - ${summary}`],
    USAGE: [`${name} [command options] ${usage}`.trimEnd()],
    ...(details === undefined ? {} : { DESCRIPTION: [details] }),
    OPTIONS: flagLines(flags),
  });
}

function fullName(path: readonly CommandNode[]): string {
  return [program, ...path.map(({ name }) => name)].join(" ");
}

const helpLine = { name: "help, h", summary: "list the commands, or show help for one command" };

function commandLines(nodes: readonly CommandNode[]): string[] {
  return columns([...nodes, helpLine].map(({ name, summary }) => [name, summary]));
}

function sections(linesByTitle: Readonly<Record<string, readonly string[]>>): string {
  return Object.entries(linesByTitle)
    .map(([title, lines]) => `${title}:\n${lines.map((line) => `   ${line}\n`).join("")}`)
    .join("\n");
}

function flagLines(flags: FlagTable): string[] {
  return columns(Object.entries(flags).map(([name, flag]) => [flagNames(name, flag), flagUsage(flag)]));
}

function flagNames(name: string, { alias, kind }: Flag): string {
  const value = kind === "bool" ? "" : " value";
  const names = alias === undefined ? [name] : [name, alias];
  return names.map((each) => `${each.length === 1 ? "-" : "--"}${each}${value}`).join(", ");
}

function flagUsage(flag: Flag): string {
  if (flag.kind === "duration") return `${flag.usage} (default: ${formatDuration(flag.default)})`;
  if (flag.kind === "string" && flag.default) return `${flag.usage} (default: "${flag.default}")`;
  return flag.kind === "int" ? `${flag.usage} (default: 0)` : flag.usage;
}

function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([first]) => first.length));
  return rows.map(([first, second]) => `${first.padEnd(width)}  ${second}`);
}
