// Suggestions for a mistyped command or flag. Loaded only after such a mistake.
// Go: github.com/spf13/cobra, Command.SuggestionsFor.
import { distance } from "fastest-levenshtein";
import { UsageError } from "./exit";
import type { UnknownCommand } from "./find-command";
import type { FlagTable } from "../input/flags";
import type { CommandNode } from "./manifest/builders";

const maxDistance = 2;

/**
 * The error that the user sees: with similar commands in the manifest's order, and what replaces a command of version 2. On a
 * terminal such a command has no similar ones: cobra's `user` for `set` only misleads.
 */
export function unknownCommandError(
  root: CommandNode,
  error: UnknownCommand,
  isTerminal: boolean,
): UsageError {
  const { typed } = error;
  const hints = root.name === "etcdctl" ? version2Hints([typed]) : [];
  const candidates = similarChildren(root, typed);
  // Commands that etcd does not have must not change what etcd's etcdctl prints: a hint names them.
  const similar = candidates.filter(({ isAddition }) => !isAddition).map(({ name }) => name);
  const additions = candidates.filter(({ isAddition }) => isAddition).map(({ name }) => name);
  if (similar.length === 0 && hints.length === 0 && additions.length > 0) {
    hints.push(`did you mean ${additions.join(" or ")}?`);
  }
  const suggestions =
    similar.length > 0 && !(isTerminal && hints.length > 0)
      ? `\n\nDid you mean this?\n\t${similar.join("\n\t")}\n`
      : "";
  return new UsageError(error.message + suggestions, `Run '${root.name} --help' for usage.\n`, {
    cause: error,
    hints,
  });
}

export function similarChildren({ children }: CommandNode, typed: string): CommandNode[] {
  return children.filter(
    ({ name, builtin }) => builtin !== "help" && name !== typed && isSimilar(typed.toLowerCase(), name),
  );
}

/** What to type in place of a command that only version 2 has; nothing for other words. */
export function version2Hints(names: readonly string[]): string[] {
  const name = names.join(" ");
  return Object.hasOwn(replacements, name)
    ? [`${name} is a command of version 2; in version 3: ${replacements[name]}`]
    : [];
}

function isSimilar(typed: string, name: string): boolean {
  return distance(typed, name) <= maxDistance || name.startsWith(typed);
}

/** The flags of the table that are nearest to an unknown name. */
export function similarFlags(table: FlagTable, typed: string): string[] {
  const distances = Object.entries(table)
    .filter(([, flag]) => !flag.hidden)
    .map(([name]) => ({ name, edits: distance(typed.toLowerCase(), name) }));
  const least = Math.min(maxDistance, ...distances.map(({ edits }) => edits));
  return distances.filter(({ edits }) => edits === least).map(({ name }) => `--${name}`);
}

/** What to type in place of a command of version 2, or of an old etcdctl. */
const replacements: Readonly<Record<string, string>> = {
  ls: "etcdctl get DIR --prefix --keys-only",
  set: "etcdctl put KEY VALUE",
  mk: 'etcdctl put KEY VALUE (for a new key only: in a txn with create("KEY") = "0")',
  update: "etcdctl put KEY VALUE",
  rm: "etcdctl del KEY (for a directory: with --prefix)",
  mkdir: "etcdctl put DIR/KEY VALUE (version 3 has no directories)",
  setdir: "etcdctl put DIR/KEY VALUE (version 3 has no directories)",
  updatedir:
    "etcdctl lease grant SECONDS (version 3 has no directories; keys get a time to live from a lease)",
  rmdir: "etcdctl del DIR/ --prefix",
  "exec-watch": "etcdctl watch KEY -- COMMAND",
  "cluster-health": "etcdctl endpoint health --cluster",
  backup: "etcdctl snapshot save FILE",
  "user remove": "etcdctl user delete NAME",
  "role remove": "etcdctl role delete NAME",
};
