// The help of version 2's program, groups and commands, in the sections that urfave/cli has; the words are ours. Pure.
import { etcdVersion } from "../etcd/versions";
import { formatDuration } from "../go/units";
import type { Flag, FlagTable } from "./flags";
import type { CommandNode } from "./manifest";

const program = "etcdctl";

export function programHelp(flags: FlagTable, commands: readonly CommandNode[]): string {
  return sections({
    NAME: [`${program} - etcd's command line, version 2 of the API (ETCDCTL_API=2)`],
    USAGE: [`${program} [global options] command [command options] [arguments...]`],
    VERSION: [etcdVersion],
    COMMANDS: columns([...commands, helpLine].map(({ name, about }) => [name, about])),
    "GLOBAL OPTIONS": flagLines(flags),
  });
}

export function groupHelp(path: readonly CommandNode[], children: readonly CommandNode[]): string {
  const name = [program, ...path.map((node) => node.name)].join(" ");
  return sections({
    NAME: [`${name} - ${path.at(-1)?.about ?? ""}`],
    USAGE: [`${name} command [command options] [arguments...]`],
    COMMANDS: columns([...children, helpLine].map((child) => [child.name, child.about])),
    OPTIONS: ["--help, -h  show help"],
  });
}

export function commandHelp(path: readonly CommandNode[], flags: FlagTable): string {
  const name = [program, ...path.map((node) => node.name)].join(" ");
  const node = path.at(-1);
  return sections({
    NAME: [`${name} - ${node?.about ?? ""}`],
    USAGE: [`${name} [command options] ${node?.args ?? "[arguments...]"}`.trimEnd()],
    ...(node?.note === undefined ? {} : { DESCRIPTION: [node.note] }),
    OPTIONS: flagLines(flags),
  });
}

const helpLine = { name: "help, h", about: "show the commands, or the help of one" };

function sections(all: Readonly<Record<string, readonly string[]>>): string {
  return Object.entries(all)
    .map(([title, lines]) => `${title}:\n${lines.map((line) => `   ${line}\n`).join("")}`)
    .join("\n");
}

function flagLines(flags: FlagTable): string[] {
  return columns(Object.entries(flags).map(([name, flag]) => [namesOf(name, flag), aboutOf(flag)]));
}

function namesOf(name: string, { alias, kind }: Flag): string {
  const value = kind === "bool" ? "" : " value";
  const names = alias === undefined ? [name] : [name, alias];
  return names.map((each) => `${each.length === 1 ? "-" : "--"}${each}${value}`).join(", ");
}

function aboutOf(flag: Flag): string {
  if (flag.kind === "duration") return `${flag.about} (default: ${formatDuration(flag.default)})`;
  if (flag.kind === "string" && flag.default) return `${flag.about} (default: "${flag.default}")`;
  return flag.kind === "int" ? `${flag.about} (default: 0)` : flag.about;
}

function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([first]) => first.length));
  return rows.map(([first, second]) => `${first.padEnd(width)}  ${second}`);
}
