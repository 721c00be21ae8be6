// The types of the manifest, and the functions that write its lines.
import type { Command } from "../../commands/command";
import type { FlagTable } from "../../input/flags";

/** The groups of the help, in their order. */
export const groups = {
  kv: "Keys and values",
  cluster: "Cluster",
  concurrency: "Locks and elections",
  auth: "Users and roles",
  utility: "Other commands",
} as const;

/** A program of this package: its commands and its global flags. */
export interface Program {
  /** Named as the program. */
  readonly root: CommandNode;
  /** Taken anywhere on the command line. */
  readonly globalFlags: FlagTable;
  /** Go's etcdutl prints a usage error twice: cobra does, and then its main function. */
  readonly printsUsageErrorsTwice?: boolean;
}

export interface CommandNode {
  readonly name: string;
  readonly group?: keyof typeof groups;
  /** What follows the name on the usage line. */
  readonly usage: string;
  readonly summary: string;
  /** Further paragraphs of the help. */
  readonly details?: string;
  readonly children: readonly CommandNode[];
  /** Flags of a builtin, or flags that may stand before the name of a subcommand. */
  readonly flags?: FlagTable;
  /** etcd's etcdctl does not have this command. */
  readonly isAddition?: boolean;
  /** Loads the command's code. Absent for a parent and for a builtin. */
  readonly load?: () => Promise<Command>;
  /** A command about the command line, carried out by cli/builtins.ts. */
  readonly builtin?: "help" | "options" | "completion" | "session" | "profile";
}

/** A command: `use` is its name and its arguments; its code is `exported` of a file in src/commands/, loaded when it runs. */
export function leaf<Name extends string>(
  use: string,
  summary: string,
  file: () => Promise<Readonly<Record<Name, Command>>>,
  exported: Name,
): CommandNode {
  const [name = "", ...args] = use.split(" ");
  return { name, usage: args.join(" "), summary, children: [], load: async () => (await file())[exported] };
}

export function parent(name: string, summary: string, children: readonly CommandNode[]): CommandNode {
  return { name, usage: "<command> [flags]", summary, children };
}

/** A command that etcd's etcdctl does not have. */
export function addition(node: CommandNode): CommandNode {
  return { ...node, isAddition: true };
}

const inGroup = (group: keyof typeof groups) => (node: CommandNode) => ({ ...node, group });
export const kv = inGroup("kv");
export const cluster = inGroup("cluster");
export const concurrency = inGroup("concurrency");
export const auth = inGroup("auth");
export const utility = inGroup("utility");

export const help: CommandNode = {
  name: "help",
  usage: "[command]",
  summary: "Show the help of a command",
  builtin: "help",
  children: [],
};

export function completion(program: string, ...notes: readonly string[]): CommandNode {
  return {
    name: "completion",
    usage: "<bash|zsh|fish|powershell>",
    summary: "Print a completion script for a shell",
    details: [installNotes(program), ...notes].join("\n\n"),
    builtin: "completion",
    children: [],
  };
}

/** How to load the completion script, for the help of `completion`. */
export function installNotes(program: string): string {
  return `To load it in the current shell, and in every new shell:

  bash:
    source <(${program} completion bash)
    echo 'source <(${program} completion bash)' >> ~/.bashrc

  zsh (every new shell needs "autoload -U compinit; compinit" in ~/.zshrc):
    source <(${program} completion zsh)
    ${program} completion zsh > "\${fpath[1]}/_${program}"

  fish:
    ${program} completion fish | source
    ${program} completion fish > ~/.config/fish/completions/${program}.fish

  PowerShell (for every new shell, add the line to $PROFILE):
    ${program} completion powershell | Out-String | Invoke-Expression`;
}
