// Help for a mistyped name: near commands as cobra picks them, near flags, and version 3's words for version 2's.
// Pure. Answers to cobra's SuggestionsFor.
import type { FlagTable } from "../commands/flags";
import type { CommandNode } from "./command-node";

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
