// What the manifest is made of: a tree of names, with the code of a command behind a load that runs when it is typed.
// Knows no command and nothing of commander.
import type { Command } from "../commands/command";
import type { FlagTable } from "../commands/flags";

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
