// What the manifest is made of: a tree of names, with the code of a command behind a load that runs when it is typed.
// Knows no command and nothing of commander.
import type { Command } from "../../commands/command";
import type { FlagTable } from "../flags";

/** The help's groups, in its order. */
export const groups = {
  kv: "Keys and values",
  cluster: "Looking after a cluster",
  concurrency: "Locks and elections",
  auth: "Users and roles",
  utility: "Further commands",
} as const;

export interface CommandNode {
  readonly name: string;
  readonly group?: keyof typeof groups;
  /** What follows the name on the usage line. */
  readonly usage: string;
  readonly summary: string;
  /** Further paragraphs of its help. */
  readonly details?: string;
  readonly children: readonly CommandNode[];
  /** Flags that may already stand before the name of a subcommand. */
  readonly flags?: FlagTable;
  /** Not a command of etcd's etcdctl. */
  readonly isOwn?: boolean;
  /** A parent command has neither load nor builtin. */
  readonly load?: () => Promise<Command>;
  /** Commands about the command line itself, which cli/program.ts carries out. */
  readonly builtin?: "help" | "options" | "completion";
}

// How the manifest's lines are written: a leaf with its lazy load, a parent with its children; and what each
// program has. Knows no command.

type Load = () => Promise<Command>;

export function leaf(name: string, usage: string, summary: string, load: Load): CommandNode {
  return { name, usage, summary, load, children: [] };
}

/** Of a program of this name. */
export function completion(program: string, ...notes: readonly string[]): CommandNode {
  return {
    name: "completion",
    usage: "<bash|zsh|fish|powershell>",
    summary: "Print a script that completes commands, flags and values in a shell",
    details: [installNotes(program), ...notes].join("\n\n"),
    builtin: "completion",
    children: [],
  };
}

export function parent(name: string, summary: string, children: readonly CommandNode[]): CommandNode {
  return { name, usage: "<command> [flags]", summary, children };
}

export const help: CommandNode = {
  name: "help",
  usage: "[command]",
  summary: "Show what a command does and takes",
  builtin: "help",
  children: [],
};

const inGroup = (group: keyof typeof groups) => (node: CommandNode) => ({ ...node, group });
export const kv = inGroup("kv");
export const cluster = inGroup("cluster");
export const concurrency = inGroup("concurrency");
export const auth = inGroup("auth");
export const utility = inGroup("utility");

// What the help of `completion` says beside its usage. Apart from the scripts, since the manifest holds it.

export function installNotes(program: string): string {
  return `How to load it:

  bash, in this shell, and in all:
    source <(${program} completion bash)
    echo 'source <(${program} completion bash)' >> ~/.bashrc

  zsh, in this shell, and in all (with "autoload -U compinit; compinit" in ~/.zshrc):
    source <(${program} completion zsh)
    ${program} completion zsh > "\${fpath[1]}/_${program}"

  fish, in this shell, and in all:
    ${program} completion fish | source
    ${program} completion fish > ~/.config/fish/completions/${program}.fish

  PowerShell, in this shell; put it into $PROFILE for all:
    ${program} completion powershell | Out-String | Invoke-Expression`;
}

export interface Program {
  /** Its name is the program's. */
  readonly root: CommandNode;
  /** Taken anywhere on the command line, beside the flags of the commands on the way. */
  readonly everyCommandsFlags: FlagTable;
  /** Go's etcdutl tells a command line that it does not understand twice: cobra does, then its main. */
  readonly tellsUsageErrorsTwice?: boolean;
}
