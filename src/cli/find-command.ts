// Which command a line means: names may be cut short while they stay unique, and flags may stand anywhere.
// Knows the manifest's nodes and which flags take the next word, no values. Answers to cobra's Command.Find.
import { quote } from "../go/quote";
import type { FlagTable } from "./flags";
import type { CommandNode } from "./manifest/builders";
import { takesNextWord } from "./parse-flags";

import { UsageError } from "./exit";

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

// Help for a mistyped name: near commands as cobra picks them, near flags, and version 3's words for version 2's.
// Pure. Answers to cobra's SuggestionsFor.

const maxDistance = 2;

/** In the manifest's order; hints where the name is one that version 2 or an old etcdctl had. */
export function suggestCommands(root: CommandNode, typed: string): { names: string[]; hints: string[] } {
  const lower = typed.toLowerCase();
  const here = root.children.filter(({ builtin }) => builtin !== "help").map(({ name }) => name);
  const names = here.filter(
    (name) => name !== typed && (distance(lower, name) <= maxDistance || name.startsWith(lower)),
  );
  const isOld = root.name === "etcdctl" && Object.hasOwn(oldCommands, typed);
  const instead = isOld ? oldCommands[typed] : undefined;
  const hints =
    instead === undefined ? [] : [`${typed} is a command of version 2; with version 3: ${instead}`];
  return { names, hints };
}

/** The nearest flags to one that the command has not. */
export function suggestFlags(table: FlagTable, typed: string): string[] {
  const distances = Object.entries(table)
    .filter(([, flag]) => !flag.hidden)
    .map(([name]) => ({ name, distance: distance(typed.toLowerCase(), name) }));
  const least = Math.min(maxDistance, ...distances.map((each) => each.distance));
  return distances.filter((each) => each.distance === least).map(({ name }) => `--${name}`);
}

const oldCommands: Readonly<Record<string, string>> = {
  ls: "etcdctl get DIR --prefix --keys-only",
  set: "etcdctl put KEY VALUE",
  mk: 'etcdctl put KEY VALUE (in a txn with create("KEY") = "0" when it must be new)',
  update: "etcdctl put KEY VALUE",
  rm: "etcdctl del KEY (--prefix for what was a directory)",
  mkdir: "there are no directories, keys are one flat space: etcdctl put DIR/KEY VALUE",
  setdir: "there are no directories, keys are one flat space: etcdctl put DIR/KEY VALUE",
  updatedir: "there are no directories; a lease gives keys a time to live: etcdctl lease grant SECONDS",
  rmdir: "etcdctl del DIR/ --prefix",
  "exec-watch": "etcdctl watch KEY -- COMMAND",
  "cluster-health": "etcdctl endpoint health --cluster",
  backup: "etcdctl snapshot save FILE",
};

/** Levenshtein. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitution, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}
