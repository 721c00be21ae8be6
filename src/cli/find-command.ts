// Which command the arguments name. A name may be shortened while it stays unique, and flags may stand before it.
// Go: github.com/spf13/cobra, Command.Find.
//
// The grammar of a command line is Go's, not that of commander, which makes the help texts (help.ts):
// - flags and arguments may stand in any order, global flags also before the name of the command;
// - a command's name may be shortened while it stays unique: `etcdctl mem li`;
// - before the command is known, an unknown flag takes the next argument as its value.
import { quote } from "../go/quote";
import type { FlagTable } from "../input/flags";
import { helpFlag } from "./global-flags";
import type { CommandNode } from "./manifest/builders";
import { takesNextArg } from "../input/parse-flags";

export interface FoundCommand {
  /** From the root down to the command. */
  readonly path: readonly CommandNode[];
  /** The arguments and flags that were typed, without the names of the path. */
  readonly args: readonly string[];
}

/** The flags that the manifest gives to a command and its parents. The command's file has more. */
export function manifestFlags(path: readonly CommandNode[]): FlagTable {
  return Object.assign({}, helpFlag, ...path.map((node) => node.flags)) as FlagTable;
}

/** The first argument names no command of the program. */
export class UnknownCommand extends Error {
  override name = "UnknownCommand";
  constructor(
    root: CommandNode,
    readonly typed: string,
  ) {
    super(`unknown command ${quote(typed)} for ${quote(root.name)}`);
  }
}

/** Throws UnknownCommand when the first name is wrong. A wrong name after a parent command finds the parent, as in cobra. */
export function findCommand(root: CommandNode, flags: FlagTable, args: readonly string[]): FoundCommand {
  let found: FoundCommand = { path: [root], args };
  for (let next = findChild(found, flags); next !== undefined; next = findChild(found, flags)) found = next;
  return found;
}

/** The child of the path's last command that the arguments name next. */
function findChild({ path, args }: FoundCommand, flags: FlagTable): FoundCommand | undefined {
  const node = path[path.length - 1] as CommandNode;
  if (path.length > 1 && node.children.length === 0) return undefined;
  const knownFlags = { ...flags, ...node.flags };
  const typed = firstName(knownFlags, args);
  if (typed === undefined) return undefined;
  const child = childNamed(node, typed);
  if (child) return { path: [...path, child], args: withoutFirst(knownFlags, args, typed) };
  if (path.length === 1) throw new UnknownCommand(node, typed);
  return undefined;
}

function childNamed(node: CommandNode, typed: string): CommandNode | undefined {
  const exact = node.children.find((child) => child.name === typed);
  if (exact) return exact;
  const matches = node.children.filter((child) => child.name.startsWith(typed));
  // A command that etcd does not have must not make an abbreviation of etcd's ambiguous.
  const inEtcd = matches.filter((child) => !child.isAddition);
  const candidates = inEtcd.length > 0 ? inEtcd : matches;
  return candidates.length > 1 ? undefined : candidates[0];
}

/** The first argument that is neither a flag nor the value of one. The command's flags are not known yet. */
function firstName(flags: FlagTable, args: readonly string[]): string | undefined {
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as string;
    if (arg === "--") return undefined;
    if (takesNextArg(flags, arg)) {
      if (args.length - i <= 2) return undefined;
      i++;
    } else if (arg !== "" && !arg.startsWith("-")) return arg;
  }
  return undefined;
}

function withoutFirst(flags: FlagTable, args: readonly string[], name: string): readonly string[] {
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as string;
    if (arg === "--") break;
    if (takesNextArg(flags, arg)) i++;
    else if (arg === name) return [...args.slice(0, i), ...args.slice(i + 1)];
  }
  return args;
}
