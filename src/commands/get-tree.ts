// `get --tree`: which keys are asked for when they are drawn as a tree. Ours: etcdctl has nothing like it.
// KEY is then a prefix unless the command line says otherwise, and may be missing for all keys; values stay on the server.
import type { TreeOptions } from "../output/printer";
import type { FlagTable, FlagValues } from "./flags";
import { badArgs, type KeyRangeFlags } from "./key-range";
import type { Word } from "./words";

/** Not for the lines of txn, which take the other flags of `get`. */
export const treeFlags = {
  tree: {
    kind: "bool",
    default: false,
    usage:
      "draw the keys that begin with KEY as a tree, with how many are in each directory (with -w simple)",
  },
  depth: { kind: "uint", default: 0, usage: "with --tree: draw only so many levels; 0 is all" },
} as const satisfies FlagTable;

type TreeFlags = FlagValues<typeof treeFlags>;
type Flags = TreeFlags &
  KeyRangeFlags &
  Readonly<Record<"count-only" | "keys-only" | "print-value-only", boolean>>;

/** The arguments and flags of the `get` that reads what is to be drawn. Throws where they contradict `--tree`. */
export function treeArguments<F extends Flags>(args: readonly Word[], flags: F): [readonly Word[], F] {
  if (!flags.tree) return [args, flags];
  for (const other of ["count-only", "print-value-only"] as const) {
    if (flags[other])
      throw badArgs(`\`--tree\` and \`--${other}\` cannot be set at the same time, choose one`);
  }
  const prefix = flags.prefix || (args.length < 2 && !flags["from-key"]);
  return [args.length === 0 ? [""] : args, { ...flags, prefix, "keys-only": true }];
}

/** Undefined without `--tree`. */
export function treeOptions({ tree, depth }: TreeFlags): TreeOptions | undefined {
  if (!tree && depth > 0) throw badArgs("--depth is only for `--tree`");
  return tree ? { depth: depth > 0 ? depth : Infinity } : undefined;
}
