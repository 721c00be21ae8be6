// Which command a line means: names may be cut short while they stay unique, and flags may stand anywhere.
// Knows the manifest's nodes and which flags take the next word, no values. Answers to cobra's Command.Find.
import type { FlagTable } from "../commands/flags";
import { takesNextWord } from "../commands/parse-flags";
import { quote } from "../goformat/quote";
import type { CommandNode } from "./command-node";
import { suggestCommands } from "./suggest";
import { UsageError } from "./usage-error";

export interface FoundCommand {
  /** From the root down to the command. */
  readonly path: readonly CommandNode[];
  /** What was typed, without the command's own names. */
  readonly words: readonly string[];
}

/** Throws UsageError when the first word names no command; a wrong word after a parent command finds the parent. */
export function findCommand(root: CommandNode, flags: FlagTable, words: readonly string[]): FoundCommand {
  const path = [root];
  let rest = [...words];
  for (;;) {
    const node = path[path.length - 1] as CommandNode;
    const level = { ...flags, ...node.flags };
    const typed = plainWords(level, rest)[0];
    if (typed === undefined) return { path, words: rest };
    const child = childNamed(node, typed);
    if (!child) {
      if (node === root) throw unknownCommand(root, typed);
      return { path, words: rest };
    }
    rest = withoutFirst(level, rest, typed);
    path.push(child);
    if (child.children.length === 0) return { path, words: rest };
  }
}

function childNamed(node: CommandNode, typed: string): CommandNode | undefined {
  const exact = node.children.find((child) => child.name === typed);
  if (exact) return exact;
  const begun = node.children.filter((child) => child.name.startsWith(typed));
  // A command that etcd has not must not make one of etcd's ambiguous.
  const etcds = begun.filter((child) => !child.isOwn);
  const candidates = etcds.length > 0 ? etcds : begun;
  return candidates.length > 1 ? undefined : candidates[0];
}

/** Words that are neither flags nor, as far as is known before the command is, their values. */
function plainWords(flags: FlagTable, words: readonly string[]): string[] {
  const plain: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string;
    if (word === "--") break;
    if (takesNextWord(flags, word)) {
      if (words.length - i <= 2) break;
      i++;
    } else if (word !== "" && !word.startsWith("-")) plain.push(word);
  }
  return plain;
}

function withoutFirst(flags: FlagTable, words: readonly string[], name: string): string[] {
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string;
    if (word === "--") break;
    if (takesNextWord(flags, word)) i++;
    else if (word === name) return [...words.slice(0, i), ...words.slice(i + 1)];
  }
  return [...words];
}

function unknownCommand(root: CommandNode, typed: string): UsageError {
  const { names, hints } = suggestCommands(root, typed);
  const suggestions = names.length > 0 ? `\n\nDid you mean this?\n\t${names.join("\n\t")}\n` : "";
  return new UsageError(
    `unknown command ${quote(typed)} for ${quote(root.name)}${suggestions}`,
    `Run '${root.name} --help' for usage.\n`,
    { hints },
  );
}
