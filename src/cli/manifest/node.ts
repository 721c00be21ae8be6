// How the manifest's lines are written: a leaf with its lazy load, a parent with its children; and what each
// program has. Knows no command.
import type { Command } from "../../commands/command";
import type { CommandNode, groups } from "../command-node";
import { installNotes } from "../completion/install-notes";

type Load = () => Promise<{ readonly command: Command }>;

export function leaf(name: string, usage: string, summary: string, load: Load): CommandNode {
  return { name, usage, summary, load: async () => (await load()).command, children: [] };
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
